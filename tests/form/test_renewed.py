"""Answers to a page of an earlier version: what was not asked so is asked again."""

import pytest

from cds.forms.questionnaire import compile_questionnaire
from cds.web.form import showing
from tests.form.conftest import Visit
from tests.form.test_gates import decided
from tests.form.test_journeys import CALM_FIELDS
from tests.strategies import pack_of


def of_earlier(version: str, *changed: str) -> str:
    """The version of a page on which these questions were other ones."""
    made_from, _, marks = version.rpartition(" ")
    items = compile_questionnaire(dict(pack_of("cramps").full.raw)).by_link_id
    places = {link_id: at * 6 for at, link_id in enumerate(items)}
    for link_id in changed:
        at = places[link_id]
        marks = f"{marks[:at]}------{marks[at + 6 :]}"
    return f"{made_from}0 {marks}"


def test_none_of_an_earlier_list_is_none_of_todays(visit: Visit) -> None:
    person = visit()
    page = person.open()
    version = of_earlier(page.fields["version"][0], "safety.nerve", "safety.urine")

    page = person.press(**CALM_FIELDS, version=version)

    assert page.status == 409
    assert "The questions have changed" in page.text
    assert page.fields.get("safety.nerve", []) == []
    assert page.fields.get("safety.urine", []) == []
    assert page.fields["safety.consciousness"] == ["none"]
    assert not decided(person)
    assert {"#q.safety.nerve", "#q.safety.urine"} <= set(person.press().links)  # told as open


def test_a_sign_of_an_earlier_list_stays_a_sign(visit: Visit) -> None:
    person = visit()
    page = person.open()
    version = of_earlier(page.fields["version"][0], "safety.nerve", "safety.urine")

    page = person.press(**{**CALM_FIELDS, "safety.urine": "none-new"}, version=version)

    assert page.fields["safety.urine"] == ["none-new"]
    assert "Call the local emergency number now." in page.text


def test_a_draft_of_an_earlier_version_is_asked_again_when_it_is_opened(visit: Visit) -> None:
    person = visit()
    page = person.open()
    version = of_earlier(page.fields["version"][0], "safety.nerve")
    person.press("draft", **CALM_FIELDS, version=version)

    page = person.open()

    assert "The questions have changed" in page.text
    assert page.fields.get("safety.nerve", []) == []
    assert page.fields["safety.consciousness"] == ["none"]


def test_a_decision_of_an_earlier_version_is_not_shown_as_one_of_this(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**CALM_FIELDS)
    assert person.open("/forms/cramps/result").status == 200

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(showing, "page_version", lambda _: "cramps 1")
        page = person.open("/forms/cramps/result")

    assert page.status == 409
    assert "not a result" in page.text
