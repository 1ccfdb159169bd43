"""What a newcomer types wrong: nothing is lost, and the message says what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.assess_kit import Call, Write

VALIDATE = ["validate", "--questionnaire"]


@pytest.mark.parametrize(
    "words",
    [
        ["assess", "{bad}", "-o", "{bad}"],
        ["assess", "{good}", "{bad}", "-o", "{bad}"],
        ["assess", "{folder}", "-o", "{bad}"],
        ["assess", "{folder}/b*.json", "-o", "{bad}"],
        ["assess", "{good}", "--record", "{bad}", "-o", "{bad}"],
        ["assess", "{link}", "-o", "{bad}"],
        ["assess", "{bad}", "-o", "{link}"],
        ["assess", "{good}", "--config", "{bad}", "-o", "{bad}"],
        ["validate", "{bad}", "-o", "{bad}"],
        ["validate", "{folder}", "-o", "{bad}"],
        ["validate", "{good}", "--questionnaire", "{bad}", "-o", "{bad}"],
        ["validate", "{good}", "--support", "{bad}", "-o", "{bad}"],
        ["validate", "{good}", "--package", "{bad}", "-o", "{bad}"],
        ["sample", "response", "--from-record", "{bad}", "-o", "{bad}"],
    ],
    ids=" ".join,
)
def test_an_input_is_never_written_over(call: Call, files: Path, words: list[str]) -> None:
    bad, link = files / "bad.json", files / "link.json"
    link.symlink_to(bad)
    before = bad.read_bytes()
    named = {"bad": bad, "good": files / "good.json", "folder": files, "link": link}

    done = call(*(one.format(**named) for one in words))

    assert done.code == 2
    assert "is also an input" in done.err
    assert done.out == b""
    assert bad.read_bytes() == before
    assert link.is_symlink()


@pytest.mark.parametrize("output", ["new.json", "warned.json"])
def test_another_output_is_written(call: Call, files: Path, output: str) -> None:
    done = call(*VALIDATE, files / "form.json", files / "good.json", "-o", files / output)

    assert done.code == 0


@pytest.mark.parametrize("name", ["a.ndjson", "b.ndjson"])
def test_of_several_records_the_torn_one_is_named(call: Call, write: Write, name: str) -> None:
    response = write("r.json", call("sample", "response", "--scenario", "random").out)
    for one in ("a.ndjson", "b.ndjson"):
        write(one, b'{"resourceType":"Patient","id":"p"}\n' * 2 + b"{\n" * (one == name))
    paths = [response.parent / one for one in ("a.ndjson", "b.ndjson")]

    done = call("assess", response, "--record", paths[0], "--record", paths[1])

    assert done.code == 3
    assert f"{name}: line 3" in done.err


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"resourceType": "Bundle"}, "is a Bundle without a QuestionnaireResponse."),
        ({"resourceType": "Bundle", "entry": []}, "is a Bundle without a QuestionnaireResponse."),
        ([], "is an empty array."),
        ([5], "is an array without a QuestionnaireResponse."),
        ([{"resourceType": "Patient"}], "is an array without a QuestionnaireResponse."),
        (5, "is JSON, but not a QuestionnaireResponse."),
        ("x", "is JSON, but not a QuestionnaireResponse."),
    ],
)
@pytest.mark.parametrize("command", ["assess", "explain"])
def test_json_without_a_response_is_called_what_it_is(
    call: Call, write: Write, command: str, value: Any, said: str
) -> None:
    done = call(command, write("r.json", value))

    assert done.code == 3
    assert said in done.err
    assert "dict" not in done.err


@pytest.mark.parametrize("command", ["assess", "validate"])
def test_a_folder_without_a_file_to_read_is_called_one(
    call: Call, tmp_path: Path, command: str
) -> None:
    done = call(command, tmp_path)

    assert done.code == 3
    assert "is a folder without JSON or NDJSON files" in done.text + done.err


SUPPORTING = {"resourceType": "ValueSet", "url": "http://example.org/v", "status": "active"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"resourceType": "Patient"}, True),
        ({"resourceType": "Bundle", "type": "collection", "entry": []}, True),
        (SUPPORTING, False),
        (
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": SUPPORTING}]},
            False,
        ),
    ],
)
def test_a_support_file_that_supports_nothing_is_told(
    call: Call, files: Path, write: Write, value: Any, told: bool
) -> None:
    beside = write("beside.json", value)

    done = call(*VALIDATE, files / "form.json", "--support", beside, files / "good.json")

    assert ("beside.json holds no ValueSet" in done.err) is told


def test_a_folder_of_packs_without_one_is_told(call: Call, tmp_path: Path) -> None:
    call("pack", "new", "tingles", tmp_path / "packs")
    (tmp_path / "empty").mkdir()
    response = call("sample", "response", "--scenario", "random").out

    def warned(place: Path) -> str:
        return str(call("assess", "--packs", place, stdin=response).err)

    assert "holds no pack" in warned(tmp_path / "empty")
    assert "is a pack itself" in warned(tmp_path / "packs" / "tingles")
    assert "--packs" not in warned(tmp_path / "packs")


@pytest.mark.parametrize("command", ["check", "show", "trace"])
def test_a_folder_or_file_that_is_no_pack_says_what_is_missing(
    call: Call, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_text("")

    assert "holds no pack.toml" in call("pack", command, tmp_path).err
    assert "is a file" in call("pack", command, tmp_path / "file").err


@pytest.mark.parametrize("below", ["", "x"])
def test_a_new_pack_or_key_below_a_file_is_refused(call: Call, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")

    for words in (["pack", "new", "tingles"], ["token", "keys", "-o"]):
        done = call(*words, tmp_path / "file" / below)
        assert done.code == 2
        assert "is a file" in done.err


@pytest.mark.parametrize(("name", "warned"), [("cramps", True), ("tingles", False)])
def test_a_new_pack_under_the_id_of_an_installed_one_is_told(
    call: Call, tmp_path: Path, name: str, warned: bool
) -> None:
    done = call("pack", "new", name, tmp_path)

    assert done.code == 0
    assert ("is installed" in done.err) is warned


def test_an_unknown_scenario_lists_those_there_are(call: Call) -> None:
    listed = call("sample", "response", "--list").text.splitlines()

    done = call("sample", "response", "--scenario", "zzz")

    assert done.code == 2
    assert all(line.split()[0] in done.err for line in listed)


def test_a_clock_that_stands_needs_a_demonstration(call: Call) -> None:
    done = call("serve", "--now", "2026-11-20T15:00:00Z")

    assert done.code == 2
    assert "needs --demo" in done.err


def test_what_cannot_be_written_is_told_alike(call: Call, files: Path) -> None:
    place = files / "nowhere" / "out"

    said = [
        call("form", "export", "cramps", "-o", place).err,
        call("assess", files / "good.json", "-o", place).err,
    ]

    assert said[0] == said[1]
    assert "Choose a folder that exists" in said[0]


def test_a_message_of_json_stays_json(call: Call, write: Write) -> None:
    done = call("assess", "--format", "json", write("r.json", []))

    assert json.loads(done.out)["text"].endswith("is an empty array.")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["assess", "nowhere.json", "--record", "nowhere.json"], 3),
        (["assess", "nowhere.json", "--config", "nowhere.toml"], 2),
        (["validate", "nowhere.json", "--questionnaire", "nowhere.json"], 3),
        (["validate", "nowhere.json", "--select", "nothing"], 2),
        (["explain", "nowhere.json"], 3),
        (["sample", "response", "--scenario", "nothing"], 2),
        (["sample", "population", "-n", "1", "--mix", "nothing", "-o", "out"], 2),
        (["questionnaire", "show", "nothing"], 2),
        (["pack", "show", "nothing"], 2),
        (["pack", "case", "cramps", "E99"], 2),
        (["form", "export", "nothing", "-o", "out.html"], 2),
        (["bulk", "nowhere.ndjson", "-o", "out"], 3),
        (["call", "cramps", "--url", "nothing"], 2),
        (["log", "verify", "--config", "nowhere.toml"], 2),
        (["log", "export"], 3),
        (["feedback", "--config", "nowhere.toml"], 2),
        (["token", "check", "nowhere", "--config", "nowhere.toml"], 3),
        (["serve", "--check-config", "--config", "nowhere.toml"], 2),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else str(one),
)
def test_every_command_says_where_what_and_what_to_do_alike(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRAMP_CDS_STORE__URL", f"sqlite:///{tmp_path}/none.db")

    done = call(*words)

    assert done.code == code
    said = re.fullmatch(r"cramp-cds: [^\n]+?: [a-z'][^\n]*\.\n  [A-Z`][^\n]*[.?]\n", done.err)
    assert said is not None, done.err
