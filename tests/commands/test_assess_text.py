"""`assess` as a command: what is shown and what is not, colour, the text."""

from pathlib import Path
from typing import Any

import pytest

from tests.commands.assess_kit import FORMATS, Call, Write
from tests.replies import ALARM, Json, coding, question, reply, with_answer
from tests.strategies import form_of, pack_of

# ── Nothing that was answered is shown ──

MARKER = "Zyxxy-Plugh"
ESC = "\x1b[2J\x1b]0;x\x07"


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
        for option in item.get("answerOption", ())
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


def test_a_value_that_is_not_final_says_so_beside_itself(call: Call, write: Write) -> None:
    bundle = call("sample", "bundle", "--scenario", "potassium-critical").json
    for one in bundle["entry"]:
        if one["resource"]["resourceType"] == "Observation":
            one["resource"]["status"] = "preliminary"
    path = write("b.json", bundle)

    text = call(
        "assess", path, "--record", path, "--now", "2026-11-20T16:00:00Z", "--show-values"
    ).text

    why = text.split("Why")[1].split("Still open")[0].split("Notes")[0]
    assert "status preliminary, not final" in " ".join(why.split())


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
