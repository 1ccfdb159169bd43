"""The package: complete, the same bytes each time, and nothing in it that nobody may publish."""

import gzip
import io
import re
import tarfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.core.pack import Pack
from cds.flows.packs.about import source_attributes
from cds.flows.packs.page import reviewed_page
from cds.flows.packs.publish import PublishedPack, cases_of, publish_pack
from cds.knowledge.read.pack import load_pack, pack_folders
from cds.knowledge.read.red_flags import finders, red_flags
from cds.knowledge.read.signed import CLAIMED, DECIDING

Judge = Callable[[Path], tuple[int, str]]
ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "packs" / "boiler"
FOLDERS = [*pack_folders().values(), TOY]


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


@pytest.fixture(scope="module")
def published(folder: Path) -> PublishedPack:
    return publish_pack(load_pack(folder), folder)


def files(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return {
            entry.name: stream.read()
            for entry in tar.getmembers()
            if (stream := tar.extractfile(entry)) is not None
        }


def of_kind(published: PublishedPack, kind: str) -> list[dict[str, Any]]:
    return [one for one in published.resources if one["resourceType"] == kind]


def test_the_same_pack_gives_the_same_bytes(folder: Path, published: PublishedPack) -> None:
    again = publish_pack(load_pack(folder), folder)

    assert again.package() == published.package()


def test_the_package_tells_nothing_of_who_made_it_and_when(published: PublishedPack) -> None:
    data = published.package()

    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        for entry in tar.getmembers():
            assert (entry.uid, entry.gid, entry.uname, entry.gname) == (0, 0, "", "")
            assert entry.mtime == 0
            assert entry.mode == 0o644
    assert gzip.GzipFile(fileobj=io.BytesIO(data)).read(1)
    assert data[4:8] == b"\0\0\0\0"  # the time in the gzip head


def test_the_package_is_shaped_as_npm_wants_it(published: PublishedPack) -> None:
    found = files(published.package())

    assert next(iter(found)) == "package/package.json"
    about = wire.read(found["package/package.json"])
    assert about["version"] == published.pack.version
    assert about["fhirVersions"] == ["4.0.1"]
    index = wire.read(found["package/.index.json"])
    for entry in index["files"]:
        resource = wire.read(found[f"package/{entry['filename']}"])
        assert resource["resourceType"] == entry["resourceType"]
        assert resource["id"] == entry["id"]


@pytest.mark.parametrize(
    "kind",
    [
        "ImplementationGuide",
        "Questionnaire",
        "PlanDefinition",
        "ActivityDefinition",
        "Library",
        "CodeSystem",
        "ValueSet",
        "StructureDefinition",
    ],
)
def test_every_kind_of_resource_is_there(published: PublishedPack, kind: str) -> None:
    assert of_kind(published, kind)


def test_an_id_is_the_last_part_of_its_address(published: PublishedPack) -> None:
    for resource in published.resources:
        assert (
            resource["url"]
            == f"{published.pack.identity.base}/{resource['resourceType']}/{resource['id']}"
        )


def test_no_address_is_given_twice(published: PublishedPack) -> None:
    addresses = [resource["url"] for resource in published.resources]

    assert len(addresses) == len(set(addresses))


def test_every_rule_is_an_action_with_a_condition_and_its_sources(published: PublishedPack) -> None:
    (plan,) = of_kind(published, "PlanDefinition")
    rules = {rule.id: rule for rule in published.pack.rules.rules}

    assert plan["action"][0]["id"] == "the-rules-ran"
    assert [action["id"] for action in plan["action"][1:]] == [
        action["prefix"] for action in plan["action"][1:]
    ]
    assert {action["prefix"] for action in plan["action"][1:]} == set(rules)
    for action in plan["action"][1:]:
        rule = rules[action["prefix"]]
        assert action["condition"][0]["expression"]["language"] == "text/fhirpath"
        labels = {one["label"] for one in action.get("documentation", ())}
        assert set(rule.sources) <= labels
        alert = published.pack.rules.level(rule.level).alert
        assert ("definitionCanonical" in action) is alert


def test_what_is_referred_to_is_in_the_package(published: PublishedPack) -> None:
    known = {f"{one['url']}|{one['version']}" for one in published.resources if "version" in one}
    (plan,) = of_kind(published, "PlanDefinition")

    assert "library" not in plan  # engines would take it for CQL
    assert {one["resource"] for one in plan["relatedArtifact"]} <= known
    assert {a["definitionCanonical"] for a in plan["action"] if "definitionCanonical" in a} <= known


def test_the_guide_lists_all_of_it(published: PublishedPack) -> None:
    (guide,) = of_kind(published, "ImplementationGuide")
    listed = {one["reference"]["reference"] for one in guide["definition"]["resource"]}
    others = [one for one in published.resources if one is not guide]
    others += [example for _, example in published.examples]

    assert listed == {f"{one['resourceType']}/{one['id']}" for one in others}


def test_there_is_an_example_of_every_level_that_a_case_shows(published: PublishedPack) -> None:
    shown = {example["id"] for _, example in published.examples}

    assert any(name.startswith("example-") for name in shown)
    assert any(name.startswith("decision-") for name in shown)


@pytest.mark.slow
def test_another_validator_finds_no_error(
    published: PublishedPack, judge: Judge, tmp_path: Path
) -> None:
    for resource in (*published.resources, *(example for _, example in published.examples)):
        name = f"{resource['resourceType']}-{resource['id']}.json"
        (tmp_path / name).write_bytes(wire.write(resource))

    assert judge(tmp_path) == (0, "")


def test_the_published_form_says_how_to_fill_it_in_from_a_record() -> None:
    folder = pack_folders()["cramps"]
    forms = of_kind(publish_pack(load_pack(folder), folder), "Questionnaire")
    form = next(one for one in forms if one["id"] == "cramps")

    urls = {extension["url"].rpartition("/")[2] for extension in form["extension"]}
    assert urls == {"sdc-questionnaire-launchContext", "variable"}
    assert [item for item in _items(form) if "initialExpression" in item] == [
        "history.conditions sdc-questionnaire-initialExpression",
        "history.medications sdc-questionnaire-initialExpression",
    ]


def _items(form: dict[str, Any]) -> list[str]:
    rest, found = list(form["item"]), []
    while rest:
        item = rest.pop()
        rest += item.get("item", [])
        found += [
            f"{item['linkId']} {one['url'].rpartition('/')[2]}" for one in item.get("extension", ())
        ]
    return sorted(found)


def test_the_source_attributes_are_those_of_the_pack() -> None:
    folder = pack_folders()["cramps"]
    pack = load_pack(folder)
    document = source_attributes(pack)

    assert len(document["attributes"]) == 13
    assert document["validation"].startswith("None clinical")
    (library,) = of_kind(publish_pack(pack, folder), "Library")
    assert len(library["extension"]) == 13


def page(pack: Pack, folder: Path) -> str:
    return reviewed_page(pack, cases_of(pack, folder), folder)


def test_the_page_asks_nobody_for_anything(folder: Path) -> None:
    html = page(load_pack(folder), folder)

    assert "default-src 'none'" in html
    assert not re.search(r"<(script|link|img|iframe|object|embed|form)\b", html)
    assert not re.search(r"(src|href)=\"(?!#)", html)
    assert "url(" not in html


def test_the_page_can_be_read_by_a_machine_that_reads_aloud(folder: Path) -> None:
    html = page(load_pack(folder), folder)

    assert '<html lang="en">' in html
    assert len(re.findall(r"<h1>", html)) == 1
    assert len(re.findall(r"<main ", html)) == 1
    assert len(re.findall(r"<table>", html)) == len(re.findall(r"<caption>", html))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="#([^"]+)"', html):
        assert target in ids
    for name in re.findall(r'aria-labelledby="([^"]+)"', html):
        assert name in ids
    labels = re.findall(r'aria-label="([^"]+)"', html)
    assert len(labels) == len(set(labels))


def test_the_page_shows_every_rule_case_and_source(folder: Path) -> None:
    pack = load_pack(folder)
    html = page(pack, folder)

    for rule in pack.rules.rules:
        assert f'id="rule-{rule.id}"' in html
    for source in (*pack.sources.lines, *pack.sources.citations):
        assert source in html


def test_the_page_leads_from_source_to_red_flag_to_rule_and_says_what_the_hash_covers() -> None:
    folder = pack_folders()["cramps"]
    pack = load_pack(folder)
    html = page(pack, folder)

    section = html.split('<h2 id="flags">', 1)[1].split("</section>", 1)[0]
    rows = {row.split("<", 1)[0]: row for row in section.split('<tr><th scope="row">')[1:]}
    flags = red_flags(pack, folder)
    assert set(rows) == {escape(flag.id) for flag in flags}
    for flag in flags:
        row = rows[escape(flag.id)]
        assert all(f"{source}: " in row for source in flag.sources)
        assert ", ".join(finders(pack, flag)) in row
    signed = re.findall(r'<th scope="row">([^<]+)</th><td>yes</td>', html)
    assert signed == [*DECIDING, *CLAIMED]
    assert '<th scope="row">i18n/de.toml</th><td>no</td>' in html


def test_words_of_a_pack_cannot_become_markup() -> None:
    folder = pack_folders()["cramps"]
    pack = load_pack(folder)
    rules = (
        pack.rules.rules[0]._replace(title="<script>alert(1)</script>"),
        *pack.rules.rules[1:],
    )
    hostile = pack._replace(title="a & b <i>", rules=pack.rules._replace(rules=rules))

    html = reviewed_page(hostile, [])

    assert "<script" not in html
    assert "<i>" not in html
