"""`pack` as a command: new, check, show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.strategies import PACKS, pack_of

Call = Callable[..., Any]


def test_a_new_pack_is_written_checked_and_shown(call: Call, tmp_path: Path) -> None:
    made = call("pack", "new", "chest-pain", tmp_path)
    folder = tmp_path / "chest-pain"

    assert made.code == 0
    assert {Path(line).name for line in made.text.splitlines()} >= {"pack.toml", "rules.toml"}
    checked = call("pack", "check", folder)
    assert (checked.code, checked.out) == (0, b"")
    assert "no fault, 4 golden cases run" in checked.err
    assert "A1  The sign is there" in call("pack", "show", folder).text
    assert call("questionnaire", "list", "--packs", tmp_path).text.startswith("chest-pain")


def test_a_new_pack_can_assess_at_once(call: Call, tmp_path: Path) -> None:
    call("pack", "new", "chest-pain", tmp_path)
    form = call("questionnaire", "show", "chest-pain", "--packs", tmp_path, "--format", "fhir").json
    (coding, *_) = (option["valueCoding"] for option in form["item"][0]["answerOption"])
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form["url"],
        "status": "completed",
        "item": [{"linkId": "safety.sign", "answer": [{"valueCoding": coding}]}],
    }
    path = tmp_path / "r.json"
    path.write_text(str(response).replace("'", '"'), "utf-8")

    done = call("assess", path, "--packs", tmp_path, "--format", "json")

    assert done.json["level"] == "alarm"


@pytest.mark.parametrize("identifier", ["Chest", "../x", "x/y", ""])
def test_an_id_that_cannot_be_one_is_two(call: Call, tmp_path: Path, identifier: str) -> None:
    done = call("pack", "new", identifier, tmp_path)

    assert done.code == 2
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(call: Call, tmp_path: Path) -> None:
    call("pack", "new", "chest-pain", tmp_path)

    done = call("pack", "new", "chest-pain", tmp_path)

    assert done.code == 2
    assert "already there" in done.err


def test_faults_are_findings_told_line_by_line(call: Call, tmp_path: Path) -> None:
    call("pack", "new", "chest-pain", tmp_path)
    rules = tmp_path / "chest-pain" / "rules.toml"
    rules.write_text(
        rules.read_text("utf-8").replace('"yes"', '"yess"').replace('"alarm"', '"alrm"'), "utf-8"
    )

    done = call("pack", "check", tmp_path / "chest-pain")

    assert done.code == 1
    level, option = sorted(done.text.splitlines())
    assert level.startswith("rules.toml: rule A1: level: 'alrm' is not a level of pack.toml.")
    assert level.endswith("Did you mean 'alarm'?")
    assert option.startswith("rules.toml: rule A1: when.answerCoding: 'yess' is not an option of")
    assert option.endswith("Did you mean 'yes'?")
    assert "2 faults" in done.err
    assert call("pack", "show", tmp_path / "chest-pain").code == 3
    assert call("assess", "-", "--packs", tmp_path, stdin=b"{}").code == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_the_packs_at_hand_are_checked_by_id(call: Call, name: str) -> None:
    done = call("pack", "check", name, "--packs", PACKS)

    assert (done.code, done.out) == (0, b"")


@pytest.mark.slow
def test_other_documents_are_found_out(call: Call, tmp_path: Path) -> None:
    done = call("pack", "check", "cramps", "--seeds", tmp_path)

    assert done.code == 1
    assert "is not in the folder" in done.text


@pytest.mark.parametrize("name", ["cramp", "cramps/", "nowhere"])
@pytest.mark.parametrize("command", ["check", "show"])
def test_an_unknown_pack_is_two_with_the_nearest(call: Call, command: str, name: str) -> None:
    done = call("pack", command, name)

    assert (done.code, done.out) == (2, b"")
    if name == "cramp":
        assert "Did you mean 'cramps'?" in done.err


def test_the_page_shows_the_pack_by_id_and_by_folder(call: Call) -> None:
    shown = call("pack", "show", "boiler", "--packs", PACKS).text

    assert shown == call("pack", "show", PACKS / "boiler").text
    assert pack_of("boiler").title in shown
