"""The page behind *Why, and on whose word*: for anyone, of the pack alone, strictly kept."""

import base64
import hashlib
import html.parser
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.web.caller import PUBLIC


class _Page(html.parser.HTMLParser):
    """The ids, the links and the headings of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.targets += [named["href"] or ""] if "href" in named else []


def _path(pack: Any) -> str:
    return f"/packs/{pack.id}/{pack.version}/why"


def test_each_rule_stands_under_its_id_with_its_sources(serve: Any, pack: Any) -> None:
    answer = serve().get(_path(pack))
    page = _Page(answer.text)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert {rule.id for rule in pack.rules.rules} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    for rule in pack.rules.rules:
        for source in rule.sources:
            assert f"[{source}]" in answer.text


def test_the_page_loads_runs_and_sends_nothing(serve: Any, pack: Any) -> None:
    answer = serve().get(_path(pack))
    page = _Page(answer.text)

    policies = answer.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert all(target.startswith("#") for target in page.targets)
    assert " style=" not in answer.text


def test_a_reader_who_does_not_see_it_finds_the_way(serve: Any, pack: Any) -> None:
    page = _Page(text := serve().get(_path(pack)).text)

    assert '<html lang="en">' in text
    assert page.tags.count("h1") == 1
    assert {"main", "nav", "header"} <= set(page.tags)
    assert page.targets[0] == "#main"
    assert {target[1:] for target in page.targets} <= set(page.ids)


@pytest.mark.parametrize("path", ["/packs/cramps/0.0.1/why", "/packs/nothing/1.0.0/why"])
def test_another_version_is_not_passed_off_as_this_one(serve: Any, path: str) -> None:
    assert serve().get(path).status_code == 404


@pytest.mark.parametrize("scenario", ["no-urine", "potassium-critical", "pregnancy", "incomplete"])
def test_a_card_leads_to_the_rule_that_decided_and_tells_nothing_of_the_patient(
    serve: Any, body: Any, scenario: str
) -> None:
    caller = serve()
    sent = body(scenario)

    for card in caller.hook(sent).json()["cards"]:
        (link,) = [one for one in card["links"] if one["type"] == "absolute"]
        address = urlsplit(link["url"])
        assert link["url"].startswith(f"{PUBLIC}/packs/")
        assert not address.query
        assert sent["context"]["patientId"] not in link["url"]
        page = caller.get(address.path)
        assert f'id="{address.fragment}"' in page.text


def test_the_style_is_the_one_that_the_policy_names(serve: Any, pack: Any) -> None:

    answer = serve().get(_path(pack))
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
