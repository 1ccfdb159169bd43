"""`bulk IN... -o OUT`: the decisions of `assess`, in the order of the input, and the rest told."""

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.synthetic.population import patient_bundle
from tests.bulk.conftest import NOW, lines_in, results_in
from tests.flows.made_up import PACK, members, population
from tests.replies import assessor_of

Run = Callable[..., Any]
Json = dict[str, Any]
PLACE = {"input", "line"}


def without_place(document: Json) -> Json:
    return {key: value for key, value in document.items() if key not in PLACE}


def test_the_decisions_are_those_of_assess_in_the_order_of_the_input(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    done = bulk(exported, "-o", tmp_path / "out")

    assert done.code == 0
    decisions = lines_in(tmp_path / "out" / "decisions.ndjson")
    expected = []
    for member in population("messy").members(60):
        record = [member.patient, member.encounter, *member.record]
        plain = [json.loads(wire.write(one)) for one in record]
        assessed = assessor_of().assess(
            wire.write(member.response),
            now=datetime.fromisoformat(NOW),
            record=[wire.read(wire.write(one)) for one in plain],
        )
        expected.append(json.loads(wire.write(assessed.document())))
    assert [without_place(one) for one in decisions] == expected
    name = str(exported / "QuestionnaireResponse.ndjson")
    assert [(one["input"], one["line"]) for one in decisions] == [
        (name, number) for number in range(1, 61)
    ]
    assert (tmp_path / "out" / "faults.ndjson").read_bytes() == b""


def test_the_bytes_are_the_same_for_any_number_of_workers(
    call: Run, faulty: Path, tmp_path: Path
) -> None:
    for name, number in (("here", 0), ("many", 2)):
        call("bulk", faulty, "-o", tmp_path / name, "--jobs", number, "--now", NOW, "--fhir")

    assert results_in(tmp_path / "here") == results_in(tmp_path / "many")


def test_a_finished_run_is_done_again_to_the_same_bytes(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    first = bulk(exported, "-o", tmp_path / "out")
    before = results_in(tmp_path / "out")

    again = bulk(exported, "-o", tmp_path / "out")

    assert (first.code, again.code) == (0, 0)
    assert results_in(tmp_path / "out") == before


def test_every_defect_is_a_fault_or_an_issue_of_its_decision(
    bulk: Run, faulty: Path, tmp_path: Path
) -> None:
    done = bulk(faulty, "-o", tmp_path / "out")

    assert done.code == 1
    labels = lines_in(faulty / "defects.ndjson")
    assert len({label["kind"] for label in labels}) >= 9
    faults = {one["line"] for one in lines_in(tmp_path / "out" / "faults.ndjson")}
    told = (tmp_path / "out" / "decisions.ndjson").read_text("utf-8")
    lines = (faulty / "QuestionnaireResponse.ndjson").read_bytes().splitlines()
    for label in labels:
        name = label["resource"].partition("/")[2]
        if label["resource"].startswith("Observation/"):
            assert label["resource"] in told, label
            continue
        number = next(n for n, line in enumerate(lines, 1) if f'"{name}"'.encode() in line)
        decision = next((one for one in told.splitlines() if f'"id":"{name}"' in one), "")
        assert number in faults or json.loads(decision)["issues"], label


def test_a_bad_line_has_its_file_and_place_and_ends_nothing(bulk: Run, tmp_path: Path) -> None:
    good = [wire.write(member.response) for member in members("everyday")[:3]]
    texts = [good[0], b"", b"nonsense", good[1], b'{"a":1,"a":2}', b"[]", b'{"id":"x"}', good[2]]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(texts))

    done = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    assert done.code == 1
    faults = lines_in(tmp_path / "out" / "faults.ndjson")
    assert [(one["line"], one["kind"]) for one in faults] == [
        (3, "unreadable"),
        (5, "unreadable"),
        (6, "unreadable"),
        (7, "not-fhir"),
    ]
    assert {one["schema"] for one in faults} == {"cramp-cds/fault/1"}
    assert all(one["text"] and one["help"] for one in faults)
    assert [one["line"] for one in lines_in(tmp_path / "out" / "decisions.ndjson")] == [1, 4, 8]
    assert "4 lines not used" in done.err


def test_no_fault_quotes_what_was_sent(bulk: Run, tmp_path: Path) -> None:
    secret = (
        b'{"resourceType":"QuestionnaireResponse","subject":"Geheim","status":"Geheim","x":Geheim'
    )
    (tmp_path / "in.ndjson").write_bytes(secret + b"\n" + secret + b"}\n")

    done = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    assert "Geheim" not in done.err
    assert "Geheim" not in (tmp_path / "out" / "faults.ndjson").read_text("utf-8")


def test_an_unreadable_file_is_told_and_the_others_are_done(bulk: Run, tmp_path: Path) -> None:
    line = wire.write(members("everyday")[0].response)
    (tmp_path / "a.ndjson").write_bytes(line)
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(line * 9)[:-20])
    (tmp_path / "c.ndjson.gz").write_bytes(gzip.compress(line))

    done = bulk(tmp_path / "*.ndjson*", tmp_path / "none.ndjson", "-o", tmp_path / "out")

    assert done.code == 3
    assert "b.ndjson.gz: is a damaged gzip file." in done.err
    assert "none.ndjson: is not a file." in done.err
    decided = [Path(one["input"]).name for one in lines_in(tmp_path / "out" / "decisions.ndjson")]
    assert decided == ["a.ndjson", "c.ndjson.gz"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda text: text.rstrip(b"\n"), id="no newline at the end"),
        pytest.param(lambda text: b"\n\n" + text.replace(b"\n", b"\n \n"), id="blank lines"),
        pytest.param(lambda text: text.replace(b'"status"', b'\r"status"'), id="a lone CR"),
        pytest.param(gzip.compress, id="packed"),
    ],
)
def test_lines_are_read_as_others_write_them(
    bulk: Run, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    texts = [wire.write(member.response) for member in members("everyday")[:5]]
    (tmp_path / "plain.ndjson").write_bytes(b"\n".join(texts) + b"\n")
    (tmp_path / "other.ndjson").write_bytes(spoil(b"\n".join(texts) + b"\n"))

    codes = [bulk(tmp_path / f"{n}.ndjson", "-o", tmp_path / n).code for n in ("plain", "other")]

    assert codes == [0, 0]
    plain, other = (
        [without_place(one) for one in lines_in(tmp_path / name / "decisions.ndjson")]
        for name in ("plain", "other")
    )
    assert plain == other


def test_bundles_and_whole_documents_bring_their_own_record(bulk: Run, tmp_path: Path) -> None:
    some = [
        json.loads(wire.write(patient_bundle(m, "http://x", "collection")))
        for m in members("messy")[:4]
    ]
    (tmp_path / "lines.ndjson").write_bytes(b"\n".join(wire.write(one) for one in some[:3]))
    (tmp_path / "whole.json").write_text(json.dumps(some[3], indent=2), "utf-8")

    done = bulk(tmp_path / "lines.ndjson", tmp_path / "whole.json", "-o", tmp_path / "out")

    assert done.code == 0
    rows = lines_in(tmp_path / "out" / "responses.ndjson")
    assert [row["record"] for row in rows] == [True] * 4
    assert [row["line"] for row in rows] == [1, 2, 3, 1]


def test_a_response_without_a_subject_is_decided_on_and_only_its_fhir_form_is_refused(
    bulk: Run, tmp_path: Path
) -> None:
    response = {k: v for k, v in members("everyday")[0].response.items() if k != "subject"}
    (tmp_path / "in.ndjson").write_bytes(wire.write(response))

    plain = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "plain")
    fhir = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "fhir", "--fhir")

    assert (plain.code, fhir.code) == (0, 1)
    for name in ("plain", "fhir"):
        assert len(lines_in(tmp_path / name / "decisions.ndjson")) == 1
    (fault,) = lines_in(tmp_path / "fhir" / "faults.ndjson")
    assert fault["kind"] == "no-fhir"


def test_the_resources_of_a_run_refer_to_one_another_by_type_and_id(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    bulk(exported, "-o", tmp_path / "out", "--fhir")

    risks = {one["id"] for one in lines_in(tmp_path / "out" / "RiskAssessment.ndjson")}
    sent = lines_in(tmp_path / "out" / "CommunicationRequest.ndjson")
    assert len(risks) == 60
    assert sent
    for one in sent:
        assert one["about"][0]["reference"].partition("/")[2] in risks
    texts = [path.read_text("utf-8") for path in (tmp_path / "out").glob("[A-Z]*.ndjson")]
    assert len(texts) == 3
    assert not any('"reference":"urn:uuid' in text for text in texts)


def test_an_export_whose_manifest_lists_more_than_is_there_is_told(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported, tmp_path / "pop")
    (tmp_path / "pop" / "Condition.ndjson").unlink()

    done = bulk(tmp_path / "pop", "-o", tmp_path / "out")

    assert done.code == 3
    assert (
        f"Condition.ndjson: is not there; {tmp_path / 'pop' / 'manifest.json'} lists it" in done.err
    )
    assert len(lines_in(tmp_path / "out" / "decisions.ndjson")) == 60


@pytest.mark.parametrize(
    ("level", "fail_on", "code"),
    [("emergency", "emergency", 1), ("emergency", "fault", 0), ("faulty", "never", 0)],
)
def test_what_ends_with_one_is_for_the_caller_to_say(
    bulk: Run, tmp_path: Path, level: str, fail_on: str, code: int
) -> None:
    responses = [wire.write(m.response) for m in members("emergency")[:20]]
    texts = responses if level == "emergency" else [*responses[:1], b"nonsense"]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(texts))

    done = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out", "--fail-on", fail_on)

    assert done.code == code


def test_input_without_any_response_is_no_success(bulk: Run, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(wire.write(members("everyday")[0].patient))

    done = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    assert done.code == 3
    assert "no QuestionnaireResponse was found" in done.err


def test_each_response_can_be_judged_as_of_its_own_time(
    call: Run, exported: Path, tmp_path: Path
) -> None:
    call("bulk", exported, "-o", tmp_path / "out", "--jobs", 0, "--now", "authored")

    decisions = lines_in(tmp_path / "out" / "decisions.ndjson")
    for member, decision in zip(population("messy").members(60), decisions, strict=True):
        record = [member.patient, *member.record]
        assessed = assessor_of().assess(member.response, now=member.now, record=record)
        assert decision["level"] == assessed.level.code


def test_the_manifest_says_with_what_it_was_decided(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    bulk(exported, "-o", tmp_path / "out")

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["packs"] == [{"id": PACK.id, "version": PACK.version, "hash": PACK.hash}]
    assert manifest["state"] == "finished"
    assert manifest["now"] == NOW


def test_a_folder_with_something_else_in_it_is_left_alone(
    call: Run, exported: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("mine", "utf-8")

    done = call("bulk", exported, "-o", out, "--jobs", 0)

    assert done.code == 2
    assert "nothing is written over" in done.err.lower()
    assert [path.name for path in out.iterdir()] == ["letter.txt"]
