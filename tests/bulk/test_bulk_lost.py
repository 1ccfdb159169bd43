"""Lines and files of the records that cannot be read: told in each decision that they concern."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from tests.bulk.conftest import lines_in, put
from tests.flows.made_up import PACK, members
from tests.replies import assessor_of

Run = Callable[..., Any]
GONE = "a file of it could not be read"


def gone(folder: Path, name: str) -> None:
    (folder / f"{name}.ndjson").unlink()


def torn(folder: Path, name: str) -> None:
    packed = gzip.compress((folder / f"{name}.ndjson").read_bytes())
    gone(folder, name)
    (folder / f"{name}.ndjson.gz").write_bytes(packed[: len(packed) // 2])


def cut_short(folder: Path, name: str) -> None:
    lines = (folder / f"{name}.ndjson").read_bytes().splitlines(keepends=True)
    (folder / f"{name}.ndjson").write_bytes(b"".join(lines[:-1]))


@pytest.fixture
def pop(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "pop"))


@pytest.mark.parametrize("lose", [gone, torn, cut_short])
@pytest.mark.parametrize("name", ["Observation", "Patient"])
def test_a_lost_file_of_the_record_is_told_in_every_decision(
    bulk: Run, pop: Path, tmp_path: Path, lose: Callable[[Path, str], None], name: str
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    bulk(pop, "-o", whole)
    lose(pop, name)

    done = bulk(pop, "-o", out)

    assert done.code == 3
    assert f"{name}.ndjson" in done.err
    assert json.loads((out / "summary.json").read_bytes())["unreadable"] == 1
    inputs = json.loads((out / "manifest.json").read_bytes())["inputs"]
    assert [Path(one["name"]).name.partition(".")[0] for one in inputs if "problem" in one] == [
        name
    ]
    decisions = lines_in(out / "decisions.ndjson")
    assert {one["why"] for each in decisions for one in each["record"]["missing"]} == {GONE}
    assert all(each["record"]["missing"] for each in decisions)
    assert any(
        PACK.rules.level(one["level"]).rank == 1 for one in lines_in(whole / "decisions.ndjson")
    )
    assert not any(PACK.rules.level(one["level"]).rank == 1 for one in decisions)


def test_what_is_no_part_of_a_record_leaves_the_decisions_as_they_are(
    bulk: Run, pop: Path, tmp_path: Path
) -> None:
    shutil.copy(pop / "QuestionnaireResponse.ndjson", pop / "QuestionnaireResponse-2.ndjson")
    manifest = json.loads((pop / "manifest.json").read_bytes())
    manifest["output"].append({"type": "Any", "url": "QuestionnaireResponse-2.ndjson"})
    (pop / "manifest.json").write_text(json.dumps(manifest))
    torn(pop, "QuestionnaireResponse-2")
    gone(pop, "Practitioner")

    done = bulk(pop, "-o", tmp_path / "out")

    assert done.code == 3
    assert json.loads((tmp_path / "out" / "summary.json").read_bytes())["unreadable"] == 2
    assert not any(
        one["record"]["missing"] for one in lines_in(tmp_path / "out" / "decisions.ndjson")
    )


def test_responses_whose_records_are_all_lost_are_decided_on_as_such(
    bulk: Run, pop: Path, tmp_path: Path
) -> None:
    answers = pop / "QuestionnaireResponse.ndjson"

    alone = bulk(answers, "-o", tmp_path / "alone")
    done = bulk(answers, pop / "Observation-2.ndjson", "-o", tmp_path / "out")

    assert alone.code == 0
    assert done.code == 3
    assert "Observation-2.ndjson: is not a file." in done.err
    for one in lines_in(tmp_path / "out" / "decisions.ndjson"):
        assert one["record"]["missing"]
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert (summary["unreadable"], summary["with-record"]) == (1, 0)


def test_a_file_that_comes_back_is_another_input(bulk: Run, pop: Path, tmp_path: Path) -> None:
    kept = (pop / "Observation.ndjson").read_bytes()
    gone(pop, "Observation")
    first = bulk(pop, "-o", tmp_path / "out")
    again = bulk(pop, "-o", tmp_path / "out")
    (pop / "Observation.ndjson").write_bytes(kept)

    done = bulk(pop, "-o", tmp_path / "out")

    assert (first.code, again.code, done.code) == (3, 3, 2)
    assert "inputs that have changed" in done.err


@pytest.mark.parametrize(
    "fault", ["a line", "two people", "cut off", "a letter", "whose it is", "too long"]
)
def test_a_record_in_doubt_reassures_nobody(bulk: Run, tmp_path: Path, fault: str) -> None:
    member = next(one for one in members("everyday") if one.record and decide(one).level.rank == 1)
    files = {
        "QuestionnaireResponse": [member.response],
        "Patient": [member.patient],
        "Observation": list(member.record),
    }
    plain = put(tmp_path / "plain", **files)
    if fault == "two people":
        other = members("messy")[0].patient
        files["Patient"].append({**other, "id": member.patient["id"]})
    doubtful = put(tmp_path / "doubtful", **files)
    line = wire.write(member.record[-1])
    more = {
        "a line": line[:-1] + b',"status":"final"}',
        "cut off": line[:-9],
        "a letter": line[:-1] + b',"note":[{"text":"M\xfcde"}]}',
        "whose it is": wire.write(member.patient)[:-30],
        "too long": line[:-1] + b',"note":[{"text":"' + b"x" * wire.MAX_BYTES + b'"}]}',
    }
    if fault in more:
        with (doubtful / "Observation.ndjson").open("ab") as file:
            file.write(b"\n" + more[fault])

    found = []
    for source in (plain, doubtful):
        out = tmp_path / f"{source.name}-out"
        bulk(source, "-o", out)
        found += lines_in(out / "decisions.ndjson")

    assert [bool(one["record"]["missing"]) for one in found] == [False, True]
    plainly, in_doubt = (PACK.rules.level(one["level"]).rank for one in found)
    assert plainly < in_doubt


def decide(member: Any) -> Any:
    return assessor_of().assess(member.response, now=member.now, record=list(member.own[:-1]))


def test_a_report_says_how_many_files_could_not_be_read(
    bulk: Run, call: Run, pop: Path, tmp_path: Path
) -> None:
    pytest.importorskip("duckdb", reason="the extra `bulk` is not installed")
    torn(pop, "Observation")
    bulk(pop, "-o", tmp_path / "out")

    page, rows, document = (
        call("bulk", "report", tmp_path / "out", "--format", form, "-o", "-")
        for form in ("html", "csv", "json")
    )

    assert "10 input files, <strong>1 of which could not be read</strong>" in page.text
    assert "inputs,could not be read,,1\n" in rows.text
    assert (document.json["inputs"], document.json["unreadable"]) == (10, 1)


@pytest.mark.parametrize("pages", [1, 2])
def test_a_page_of_records_that_is_not_there_is_told_to_its_patients(
    bulk: Run, tmp_path: Path, pages: int
) -> None:
    (tmp_path / "in").mkdir()
    member = members("everyday")[0]
    address = "https://ehr.example.org/fhir/Observation?page="
    links = {"self": 1, "next": 2}, {"self": 2}
    found = member.own[:-1]
    for number, (link, half) in enumerate(
        zip(links[:pages], (found[:2], found[2:]), strict=False), 1
    ):
        bundle = {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(found),
            "link": [{"relation": name, "url": f"{address}{at}"} for name, at in link.items()],
            "entry": [{"resource": one} for one in half],
        }
        (tmp_path / "in" / f"page{number}.json").write_bytes(wire.write(bundle))
    (tmp_path / "in" / "answers.ndjson").write_bytes(wire.write(member.response))

    bulk(tmp_path / "in", "-o", tmp_path / "out")

    (decision,) = lines_in(tmp_path / "out" / "decisions.ndjson")
    told = [one["what"] for one in decision["record"]["missing"]]
    assert told == (["the next page of the record"] if pages == 1 else [])


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        *((name, True) for name in ("MedicationDispense", "List", "Encounter", "condition")),
        *((name, True) for name in ("Conditions", "Condition-2", "Bundle_03", "Patient")),
        ("parameters", True),
        *((name, False) for name in ("QuestionnaireResponse-2", "Coverage", "answers")),
    ],
)
def test_a_lost_file_named_after_a_type_is_of_the_record_even_where_no_other_is_there(
    bulk: Run, pop: Path, tmp_path: Path, name: str, is_told: bool
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(pop / "QuestionnaireResponse.ndjson", folder / "some.ndjson")
    (folder / f"{name}.ndjson").write_bytes((pop / "Condition.ndjson").read_bytes())
    torn(folder, name)

    done = bulk(folder, "-o", tmp_path / "out")

    assert done.code == 3
    decisions = lines_in(tmp_path / "out" / "decisions.ndjson")
    told = {bool(one.get("record", {}).get("missing")) for one in decisions}
    assert told == {is_told}
