"""`assess` as a command: exit codes, usage, inputs."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cds.commands.told import Told
from tests.commands.assess_kit import FORMATS, NOW, Call, Write
from tests.replies import ALARM, coding, reply, with_answer

# ── Exit codes ──


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("response", "code"),
    [
        (reply(), 0),
        (reply(ALARM), 0),
        (reply({"safety.limb": None}), 0),
        (reply(status="entered-in-error"), 0),
        (with_answer(reply(), "safety.urine", coding("x")), 1),
        (reply(status=None), 1),
        (reply(questionnaire="https://other.example/x"), 3),
        ({"resourceType": "Patient"}, 3),
        ([], 3),
    ],
)
def test_the_exit_code_says_how_it_went(
    call: Call, write: Write, response: Any, code: int, form: str
) -> None:
    done = call("assess", write("r.json", response), "--format", form, "--now", NOW)

    assert done.code == code
    if code == 3 and form == "json":
        assert done.json["schema"] == "cramp-cds/fault/1"
        assert done.json["text"]
    if code == 3 and form == "fhir":
        assert done.json["resourceType"] == "OperationOutcome"
        assert done.json["issue"][0]["severity"] == "fatal"
    if code == 3 and form == "text":
        assert done.out == b""
        assert "not assessed" in done.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (ALARM, 1),
        ({"safety.limb": "cold-pale-or-blue"}, 1),
        ({"safety.limb": "red-or-warm"}, 0),
        ({}, 0),
    ],
)
def test_fail_on_emergency_is_one(
    call: Call, write: Write, changes: dict[str, str], code: int
) -> None:
    path = write("r.json", reply(changes))

    assert call("assess", path, "--fail-on", "emergency").code == code
    assert call("assess", path, "--fail-on", "never").code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--nonsense"], "No such option"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--now", "2026-11-21"], "--now"),
        (["--now", "2026-11-21T09:00:00"], "--now"),
        (["--now", ""], "--now"),
        (["--now", "tomorrow"], "--now"),
        (["--now", "0001-01-01T00:00:00+14:00"], "--now"),
        (["--now", "2026-02-30T00:00:00Z"], "--now"),
        (["--subject", "x"], "--subject"),
        (["--subject", "Practitioner/1"], "--subject"),
        (["--subject", ""], "--subject"),
        (["--subject", "Patient/a b"], "--subject"),
        (["--fail-on", "always"], "--fail-on"),
        (["--bundle", "batch"], "--bundle"),
        (["--packs", "/nowhere"], "--packs"),
        (["--config", "/nowhere.toml"], "/nowhere.toml"),
    ],
)
def test_wrong_usage_is_two_and_assesses_nothing(
    call: Call, write: Write, args: list[str], said: str
) -> None:
    done = call("assess", write("r.json", reply()), *args)

    assert (done.code, done.out) == (2, b"")
    assert said in done.err


@pytest.mark.parametrize("now", [NOW, "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00.000Z"])
def test_the_same_instant_gives_the_same_bytes(call: Call, write: Write, now: str) -> None:
    path = write("r.json", reply(ALARM))

    done = call("assess", path, "--format", "fhir", "--now", now)

    assert done.out == call("assess", path, "--format", "fhir", "--now", NOW).out
    assert done.json["entry"][-1]["resource"]["recorded"] == "2026-11-21T09:00:00Z"


def test_a_fault_of_ours_is_four_and_shows_no_answer(
    call: Call, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("MARKER")

    monkeypatch.setattr(Told, "_rendered", broken)

    done = call("assess", write("r.json", reply()), "-o", write("out.json", b"old"))

    assert done.code == 4
    assert "MARKER" not in done.err
    assert "do not read this as an all-clear" in done.err


# ── Inputs ──


def test_standard_input_files_globs_ndjson_bundles_and_gzip_are_taken(
    call: Call, write: Write, tmp_path: Path
) -> None:
    line = json.dumps(reply(ALARM)).encode()
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": reply()}, {"resource": {"resourceType": "Patient"}}],
    }
    write("a.json", line)
    write("b.ndjson", line + b"\n\n" + line + b"\n")
    write("c.json.gz", gzip.compress(json.dumps(bundle).encode()))

    one = call("assess", "-", "--format", "json", stdin=line)
    none = call("assess", "--format", "json", stdin=line)
    many = call("assess", tmp_path / "*", "--format", "json")

    assert (one.code, none.out) == (0, one.out)
    assert [document["level"] for document in many.lines] == ["emergency-911"] * 3 + ["self-care"]


@pytest.mark.parametrize("form", FORMATS)
def test_an_unreadable_input_stands_in_its_place_and_ends_in_three(
    call: Call, write: Write, form: str
) -> None:
    lines = [json.dumps(reply()), '{"resourceType": NaN}', json.dumps(reply(ALARM))]
    path = write("r.ndjson", "\n".join(lines).encode())

    done = call("assess", path, "--format", form, "--now", NOW)

    assert done.code == 3
    if form == "text":
        assert "r.ndjson:2" in done.err
        assert done.text.count("SELF-CARE") == 1
        assert done.text.count("EMERGENCY") == 1
        return
    kinds = [one.get("resourceType", one.get("level")) for one in done.lines]
    if form == "json":
        assert kinds == ["self-care", None, "emergency-911"]
        assert [one["line"] for one in done.lines] == [1, 2, 3]
        assert {one["input"] for one in done.lines} == {str(path)}
        return
    assert kinds == ["Bundle", "OperationOutcome", "Bundle"]
    position = done.lines[1]["issue"][0]["extension"]
    assert [one["valueInteger"] for one in position] == [2, 18]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe{}", b"null", b'{"a": 1, "a": 2}', gzip.compress(b"{}", mtime=0)[:-4]],
)
def test_a_broken_file_is_an_outcome_and_three(call: Call, write: Write, data: bytes) -> None:
    done = call("assess", write("r.json", data), "--format", "fhir")

    assert done.code == 3
    assert done.json["resourceType"] == "OperationOutcome"


def test_a_file_that_is_not_there_is_named_and_three(call: Call, tmp_path: Path) -> None:
    done = call("assess", tmp_path / "nothing.json")

    assert done.code == 3
    assert "nothing.json" in done.err


def test_standard_input_has_the_name_that_it_is_given(call: Call) -> None:
    done = call("assess", "-", "--stdin-filename", "desk-3", stdin=b"{")

    assert "desk-3" in done.err
    assert "stdin" not in done.err


def test_findings_and_an_unreadable_input_end_in_the_higher_code(call: Call, write: Write) -> None:
    bad = write("a.json", with_answer(reply(), "safety.urine", coding("x")))
    broken = write("b.json", b"{")

    assert call("assess", bad, broken).code == 3
    assert call("assess", broken, bad).code == 3
