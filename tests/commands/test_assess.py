"""`assess` as a command: streams, formats, exit codes, files, what is shown and what is not."""

import copy
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.commands import assess as command
from tests.replies import CALM, Json, coding, decide, question, reply, with_answer
from tests.strategies import form_of, pack_of

Call = Callable[..., Any]
Write = Callable[[str, Any], Path]

NOW = "2026-11-21T09:00:00Z"
ALARM = {"safety.urine": "none-new"}
ESC = "\x1b[2J\x1b]0;x\x07"
FORMATS = ["text", "json", "fhir"]


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
    if code == 3 and form != "text":
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

    monkeypatch.setattr(command, "_rendered", broken)

    done = call("assess", write("r.json", reply()), "-o", write("out.json", b"old"))

    assert done.code == 4
    assert "MARKER" not in done.err
    assert "do not read this as a clear result" in done.err


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
    expected = ["Bundle", "OperationOutcome", "Bundle"]
    assert kinds == (
        expected if form == "fhir" else ["self-care", "OperationOutcome", "emergency-911"]
    )
    position = done.lines[1]["issue"][0]["extension"]
    assert [one["valueInteger"] for one in position] == [2, 18]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe{}", b"null", b'{"a": 1, "a": 2}', gzip.compress(b"{}")[:-4]]
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


# ── Outputs ──


def test_one_input_is_one_line_and_several_are_one_line_each(call: Call, write: Write) -> None:
    one, other = write("a.json", reply()), write("b.json", reply(ALARM))

    for form in ("json", "fhir"):
        assert call("assess", one, "--format", form).out.count(b"\n") == 1
        done = call("assess", one, other, "--format", form)
        assert done.out.count(b"\n") == 2
        assert done.out.endswith(b"\n")


def test_a_single_decision_begins_with_its_level_and_several_with_their_names(
    call: Call, write: Write
) -> None:
    one, other = write("a.json", reply()), write("b.json", reply(ALARM))

    assert call("assess", one).text.startswith(".   SELF-CARE")
    several = call("assess", one, other).text
    assert several.startswith(f"== {one}\n.   SELF-CARE")
    assert f"\n\n== {other}\n!!  EMERGENCY" in several


@pytest.mark.parametrize("form", FORMATS)
def test_a_result_goes_whole_into_a_file(
    call: Call, write: Write, tmp_path: Path, form: str
) -> None:
    path, out = write("r.json", reply(ALARM)), tmp_path / "out"

    done = call("assess", path, "--format", form, "--now", NOW, "-o", out)

    assert done.out == b""
    assert out.read_bytes() == call("assess", path, "--format", form, "--now", NOW).out


def test_nothing_half_written_is_left_when_it_breaks_off(
    call: Call, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = command._rendered
    path = write("r.ndjson", b"\n".join([json.dumps(reply()).encode()] * 3))
    out = write("out.json", b"old")
    count = iter(range(3))

    def breaking(*args: Any) -> bytes:
        if next(count) == 1:
            raise ZeroDivisionError
        return whole(*args)

    monkeypatch.setattr(command, "_rendered", breaking)

    assert call("assess", path, "--format", "fhir", "-o", out).code == 4
    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.json", "r.ndjson"]


def test_a_file_that_cannot_be_written_is_named(call: Call, write: Write, tmp_path: Path) -> None:
    done = call("assess", write("r.json", reply()), "-o", tmp_path / "no" / "out.json")

    assert done.code == 3
    assert "cannot be written" in done.err


def test_a_transaction_can_be_sent_as_it_is(call: Call, write: Write) -> None:
    done = call(
        "assess", write("r.json", reply(ALARM)), "--format", "fhir", "--bundle", "transaction"
    )

    assert done.json["type"] == "transaction"
    for entry in done.json["entry"]:
        assert entry["request"]["method"] == "POST"
        assert entry["fullUrl"].startswith("urn:uuid:")


# ── Whom it is about ──


def test_without_a_subject_json_and_text_are_given_and_fhir_is_refused(
    call: Call, write: Write
) -> None:
    path = write("r.json", reply(ALARM, subject=None))

    assert call("assess", path).code == 0
    assert call("assess", path, "--format", "json").json["level"] == "emergency-911"
    refused = call("assess", path, "--format", "fhir")
    assert (refused.code, refused.json["resourceType"]) == (1, "OperationOutcome")
    assert refused.json["issue"][0]["diagnostics"] == "QuestionnaireResponse.subject"
    given = call("assess", path, "--format", "fhir", "--subject", "Patient/7")
    assert given.code == 0
    assert given.json["entry"][0]["resource"]["subject"]["reference"] == "Patient/7"


def test_a_subject_that_is_not_the_response_s_is_refused(call: Call, write: Write) -> None:
    done = call("assess", write("r.json", reply()), "--subject", "Patient/7", "--format", "fhir")

    assert (done.code, done.json["issue"][0]["diagnostics"]) == (3, "--subject")


def test_a_record_of_another_patient_is_refused(call: Call, write: Write) -> None:
    other = {"resourceType": "Patient", "id": "other"}
    record = write("record.json", {"resourceType": "Bundle", "entry": [{"resource": other}]})

    done = call("assess", write("r.json", reply()), "--record", record, "--format", "json")

    assert (done.code, done.json["resourceType"]) == (3, "OperationOutcome")


@pytest.mark.parametrize("data", [b"{", b"[]x", b"\xff"])
def test_a_record_that_cannot_be_read_is_three(call: Call, write: Write, data: bytes) -> None:
    done = call("assess", write("r.json", reply()), "--record", write("record.json", data))

    assert (done.code, done.out) == (3, b"")


def test_a_record_that_is_not_there_is_three(call: Call, write: Write, tmp_path: Path) -> None:
    done = call("assess", write("r.json", reply()), "--record", tmp_path / "no.json")

    assert done.code == 3
    assert "no.json" in done.err


# ── The site ──


def test_an_unknown_key_of_the_configuration_is_two_with_the_nearest(
    call: Call, write: Write
) -> None:
    config = write("unknown.toml", b"[site]\nstrict_sed = false\n")

    done = call("assess", write("r.json", reply()), "--config", config)

    assert (done.code, done.out) == (2, b"")
    assert "strict_sed" in done.err
    assert "strict_seed" in done.err


@pytest.mark.parametrize(
    ("option", "changes", "rule"),
    [
        ("safety_net", {"safety.limb": "cold-pale-or-blue"}, "E12"),
        ("strict_seed", {"safety.pelvic-mass": "yes"}, "U2"),
        ("safety_net", {}, None),
    ],
)
def test_a_deviation_is_printed_in_every_output(
    call: Call, write: Write, option: str, changes: dict[str, str], rule: str | None
) -> None:
    config = write(f"{option}.toml", f"[site]\n{option} = false\n".encode())
    path = write("r.json", reply(changes))

    text = call("assess", path, "--config", config)
    explained = call("explain", path, "--config", config)
    document = call("assess", path, "--config", config, "--format", "json").json
    bundle = call("assess", path, "--config", config, "--format", "fhir").json

    said = f"Site option {option} = false"
    assert said in text.text
    assert said in explained.text
    assert [one["option"] for one in document["deviations"]] == [option]
    assert document["deviations"][0]["rules"] == ([rule] if rule else [])
    notes = [note["text"] for note in bundle["entry"][0]["resource"]["note"]]
    # Notes are Markdown, in which an underscore is escaped.
    assert any(said in note.replace("\\", "") for note in notes)
    assert said in bundle["entry"][0]["resource"]["text"]["div"]


# ── Nothing that was answered is shown ──

MARKER = "Zyxxy-Plugh"


def hostile() -> Json:
    """Free text, a foreign code, an odd linkId and odd displays, all with a marker and escapes."""
    response = reply({"history.symptoms": ["poor-sleep", {"free-text": f"{MARKER}{ESC}"}]})
    question(response, "safety.limb")["answer"] = [coding(MARKER, display=f"{MARKER}{ESC}")]
    question(response, "safety.urine")["answer"] = [
        {"valueCoding": {"code": "usual", "display": MARKER}, "valueString": MARKER}
    ]
    response["item"][1]["item"].append({"linkId": f"odd{ESC}", "answer": [{"valueString": MARKER}]})
    return response


@pytest.mark.parametrize("form", FORMATS)
def test_no_answer_value_is_shown_unless_asked_for(call: Call, write: Write, form: str) -> None:
    response = hostile()
    displays = {
        option["valueCoding"]["display"]
        for group in form_of("cramps").raw["item"]
        for item in group["item"]
        for option in item["answerOption"]
    }

    done = call("assess", write("r.json", response), "--format", form)

    assert done.code == 1
    assert MARKER not in done.err
    assert MARKER not in done.text
    assert "\x1b" not in done.err + done.text
    if form == "text":
        for display in displays:
            assert f": {display}" not in done.text
        for code in ("none-new", "poor-sleep", "less-often"):
            assert code not in done.text


def test_values_are_shown_when_they_are_asked_for(call: Call, write: Write) -> None:
    path = write("r.json", reply(ALARM))

    shown = call("assess", path, "--show-values").text
    hidden = call("assess", path).text

    assert "Urine (safety.urine): None, and that is new" in shown
    assert "None, and that is new" not in hidden
    assert "safety.urine" in hidden


def test_the_values_of_a_record_are_shown_when_they_are_asked_for(call: Call, write: Write) -> None:
    bundle = call("sample", "bundle", "--scenario", "potassium-critical").json
    path = write("b.json", bundle)
    args = ("--record", path, "--now", "2026-11-20T16:00:00Z")

    for name in ("assess", "explain"):
        assert "6.6" not in call(name, path, *args).text
        assert "6.6" in call(name, path, *args, "--show-values").text


def test_names_of_files_drive_no_terminal(call: Call, write: Write, tmp_path: Path) -> None:
    good = write(f"a{chr(27)}[31m.json", reply())
    bad = write(f"b{chr(27)}[31m.json", b"{")

    done = call("assess", good, bad, tmp_path / f"c{chr(27)}.json")

    assert done.code == 3
    assert "\x1b" not in done.text + done.err


# ── Colour ──


@pytest.mark.parametrize(
    ("environment", "args", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
    ],
)
@pytest.mark.parametrize("name", ["assess", "explain"])
def test_colour_is_never_alone_and_only_where_it_is_wanted(
    call: Call,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    environment: dict[str, str],
    args: list[str],
    *,
    coloured: bool,
) -> None:
    path = write("r.json", reply(ALARM))
    plain = call(name, path).text
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    done = call(name, path, *args)

    assert ("\x1b[" in done.text) is coloured
    if not coloured:
        assert done.text == plain
    assert "EMERGENCY: Call emergency services now" in done.text


def test_a_file_and_the_formats_for_programs_are_never_coloured(
    call: Call, write: Write, tmp_path: Path
) -> None:
    path = write("r.json", reply(ALARM))
    call("assess", path, "--color", "always", "-o", tmp_path / "out.txt")

    assert b"\x1b" not in (tmp_path / "out.txt").read_bytes()
    assert b"\x1b" not in call("assess", path, "--color", "always", "--format", "fhir").out


# ── The text ──


def test_free_text_is_named_in_the_first_line(call: Call, write: Write) -> None:
    path = write("r.json", reply({"history.relievers": [{"free-text": "x"}]}))

    first = call("assess", path).text.splitlines()[0]

    assert "free text" in first


def test_the_level_stands_in_the_first_lines_and_the_intended_use_in_the_last(
    call: Call, write: Write
) -> None:
    levels: dict[str, dict[str, Any]] = {
        "!!  EMERGENCY: Call emergency services now": ALARM,
        "!   EMERGENCY: Immediate evaluation in an emergency setting": {
            "safety.limb": "cold-pale-or-blue"
        },
        "^   URGENT: Clinician contact the same day (within 24 hours)": {
            "safety.limb": "red-or-warm"
        },
        "?   NOT SETTLED: emergency not excluded": {"safety.limb": None},
        "-   ROUTINE: Clinician visit": {"history.frequency": "daily"},
        ".   SELF-CARE: come back if not relieved": {},
    }
    for level, changes in levels.items():
        lines = call("assess", write("r.json", reply(changes))).text.splitlines()
        assert lines[0] == level
        assert lines[-3].startswith("Intended use: ")
        assert max(map(len, lines)) <= 100


def test_open_safety_questions_are_asked_first(call: Call, write: Write) -> None:
    path = write("r.json", reply({"history.duration": None, "safety.limb": None}))

    text = call("assess", path).text

    asked, _, also = text.partition("Also open")
    assert "Still open: ask these first" in asked
    assert "safety.limb" in asked
    assert "history.duration" in also


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (reply(), True),
        (reply({"history.frequency": "daily"}), True),
        (reply({"safety.limb": None}), True),
        (reply(ALARM), False),
        (reply(status="in-progress"), False),
        (reply(status="entered-in-error"), False),
        (with_answer(reply(), "safety.urine", coding("x")), False),
    ],
)
def test_no_red_flag_is_said_only_of_a_finished_and_sound_response(
    call: Call, write: Write, response: Json, *, said: bool
) -> None:
    done = call("assess", write("r.json", response))

    assert (pack_of("cramps").wording.negative in done.text) is said


def test_warnings_about_the_bundle_go_to_standard_error(call: Call, write: Write) -> None:
    done = call(
        "assess", write("r.json", reply({**ALARM, "safety.limb": None})), "--format", "fhir"
    )

    assert "recipient" in done.err
    assert "(safety.limb)" in done.err
    assert done.json["resourceType"] == "Bundle"


# ── The decision document ──


def test_the_document_has_the_promised_keys_in_their_order(call: Call, write: Write) -> None:
    document = call("assess", write("r.json", reply(ALARM)), "--format", "json").json

    assert list(document) == [
        "schema", "pack", "response", "level", "complete", "findings", "open", "causes", "notes",
        "deviations", "issues",
    ]  # fmt: skip
    assert document["schema"] == "cramp-cds/assessment/1"
    assert document["response"] == {
        "id": "r1",
        "status": "completed",
        "authored": "2026-11-20T15:00:00Z",
    }
    assert list(document["findings"][0]) == [
        "rule", "finding", "level", "basis", "sources", "because",
    ]  # fmt: skip
    assert document["findings"][0]["because"] == [{"linkId": "safety.urine", "answer": "none-new"}]


def test_what_the_response_does_not_say_is_left_out_of_the_document(
    call: Call, write: Write
) -> None:
    path = write("r.json", reply(id=None, authored=None))

    assert call("assess", path, "--format", "json").json["response"] == {"status": "completed"}


def test_the_bytes_do_not_hang_on_the_place_or_the_process(
    call: Call, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write("r.json", reply(ALARM))
    here = call("assess", path, "--format", "fhir", "--now", NOW).out
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Pacific/Auckland")

    there = call("assess", os.path.relpath(path), "--format", "fhir", "--now", NOW).out

    assert there == here


def test_each_document_keeps_what_the_flow_decides(call: Call, write: Write) -> None:
    for changes in ({}, ALARM, dict.fromkeys(CALM)):
        response = copy.deepcopy(reply(changes))

        done = call("assess", write("r.json", response), "--format", "json")

        assert done.json == json.loads(json.dumps(decide(response).document()))
