"""What `validate` is told to hear of, and how a batch says which input it speaks of."""

import json
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.commands.validate_kit import FORM, Run, validate


def lines(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("more", "code", "rules"),
    [
        ([], 1, ["maxLength"]),
        (["--ignore", "maxLength"], 0, []),
        (["--select", "maxLength"], 1, ["maxLength"]),
        (["--select", "required"], 0, []),
        (["--min-severity", "error"], 1, ["maxLength"]),
    ],
)
def test_rules_are_chosen_and_what_is_left_out_is_counted(
    run: Run, files: Path, more: list[str], code: int, rules: list[str]
) -> None:
    done = validate(run, files, "--format", "json", *more, str(files / "bad.json"))

    (document,) = lines(done)
    assert done.returncode == code
    assert [issue["rule"] for issue in document["issues"]] == rules
    assert document.get("leftOut", 0) == (0 if rules else 1)
    assert (b"1 issue left out as chosen" in done.stderr) is not bool(rules)


def test_a_misspelt_rule_ends_in_the_nearest_ones(run: Run, files: Path) -> None:
    done = validate(run, files, "--ignore", "maxLenght", str(files / "bad.json"))

    assert done.returncode == 2
    assert b"--ignore: there is no rule 'maxLenght'." in done.stderr
    assert b"Did you mean maxLength" in done.stderr


def test_a_file_holds_the_defaults_and_the_command_line_wins(run: Run, files: Path) -> None:
    site = files / "site.toml"
    site.write_text('[validate]\nignore = ["maxLength"]\nfail_on = "warning"\n')

    from_file = validate(run, files, "--config", str(site), str(files / "bad.json"))
    warned = validate(run, files, "--config", str(site), str(files / "warned.json"))
    over = validate(
        run, files, "--config", str(site), "--fail-on", "error", str(files / "warned.json")
    )

    assert [from_file.returncode, warned.returncode, over.returncode] == [0, 1, 0]


def test_statistics_count_by_rule_and_quiet_says_nothing(run: Run, files: Path) -> None:
    names = [str(files / "bad.json")] * 3

    counted = validate(run, files, "--statistics", *names)
    quiet = validate(run, files, "--quiet", *names)

    assert b"3  error        maxLength\n" in counted.stderr
    assert quiet.stderr == b""
    assert quiet.returncode == 1


def test_a_form_that_is_not_found_fails_only_where_it_is_required(run: Run, files: Path) -> None:
    name = str(files / "good.json")

    assert run("validate", name).returncode == 0
    assert run("validate", "--require-form", name).returncode == 1
    assert validate(run, files, "--require-form", name).returncode == 0


def test_each_line_of_ndjson_says_its_line_and_id(run: Run, files: Path) -> None:
    good = json.loads((files / "good.json").read_text())
    batch = files / "batch.ndjson"
    batch.write_text(
        "\n".join(
            [json.dumps(good | {"id": "a"}), "{not json}", "", json.dumps(good | {"id": "b"})]
        )
    )

    documents = lines(validate(run, files, "--format", "json", str(batch)))
    junit = validate(run, files, "--format", "junit", str(batch), str(batch)).stdout

    assert [(one["line"], one.get("id"), one["valid"]) for one in documents] == [
        (1, "a", True),
        (2, None, False),
        (4, "b", True),
    ]
    assert {one["input"] for one in documents} == {str(batch)}
    names = [case.get("name") for case in ET.fromstring(junit).iter("testcase")]  # noqa: S314 - our own output
    assert names[:3] == [f"{batch}:1", f"{batch}:2", f"{batch}:4"]


def test_a_file_given_twice_has_two_names_in_junit(run: Run, files: Path) -> None:
    names = [str(files / "good.json")] * 2

    junit = validate(run, files, "--format", "junit", *names).stdout

    shown = [case.get("name") for case in ET.fromstring(junit).iter("testcase")]  # noqa: S314 - our own output
    assert len(set(shown)) == 2


def test_text_follows_the_document(run: Run, files: Path) -> None:
    response = json.loads((files / "bad.json").read_text())
    response["item"].append({"linkId": "nowhere", "answer": [{"valueString": "x"}]})
    response["item"].append({"linkId": "q", "text": "Other", "answer": [{"valueString": "secret"}]})
    (files / "many.json").write_text(json.dumps(response, indent=1))

    text = validate(run, files, str(files / "many.json")).stdout.decode()

    at = [line.split(":")[1] for line in text.splitlines() if line.startswith(str(files))]
    assert len(at) > 2
    assert at == sorted(at, key=int)


def test_folders_archives_arrays_and_marks_are_read(run: Run, files: Path) -> None:
    good = (files / "good.json").read_bytes()
    folder = files / "folder" / "deeper"
    folder.mkdir(parents=True)
    (folder / "one.json").write_bytes(b"\xef\xbb\xbf" + good)
    (folder / "note.txt").write_text("no JSON by its name: not looked at")
    (files / "folder" / "array.json").write_bytes(b"[" + good + b"," + good + b"]")
    with zipfile.ZipFile(files / "folder.zip", "w") as archive:
        archive.writestr("a/one.json", good)
        archive.writestr("b.ndjson", json.dumps(json.loads(good)) + "\n{}\n")

    walked = lines(validate(run, files, "--format", "json", str(files / "folder")))
    packed = lines(validate(run, files, "--format", "json", str(files / "folder.zip")))
    piped = lines(
        validate(run, files, "--format", "json", stdin=(files / "folder.zip").read_bytes())
    )

    assert [(Path(one["input"]).name, one["valid"]) for one in walked] == [
        ("array.json#[0]", True),
        ("array.json#[1]", True),
        ("one.json", True),
    ]
    assert [(one["input"].partition(".zip")[2], one["valid"]) for one in packed] == [
        ("/a/one.json", True),
        ("/b.ndjson", True),
        ("/b.ndjson", False),
    ]
    assert [one["valid"] for one in piped] == [True, True, False]


def test_an_empty_folder_and_a_torn_archive_are_told(run: Run, files: Path) -> None:
    (files / "empty").mkdir()
    with zipfile.ZipFile(files / "torn.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.json", (files / "good.json").read_bytes() * 50)
    whole = (files / "torn.zip").read_bytes()
    (files / "torn.zip").write_bytes(whole[: len(whole) // 2])

    for name, said in (
        ("empty", b"is a folder without JSON"),
        ("torn.zip", b"is a damaged archive."),
    ):
        done = validate(run, files, str(files / name), str(files / "good.json"))
        assert done.returncode == 3
        assert said in done.stdout
        assert b"1 valid" in done.stderr


def test_of_several_forms_each_response_chooses_its_own(run: Run, files: Path) -> None:
    other = FORM | {"url": "http://example.org/other", "item": [{"linkId": "o", "type": "date"}]}
    (files / "other.json").write_text(json.dumps(other))
    response = json.loads((files / "good.json").read_text())
    answered = {"linkId": "o", "answer": [{"valueDate": "2026-01-01"}]}
    theirs = response | {"questionnaire": "http://example.org/other", "item": [answered]}
    (files / "theirs.json").write_text(json.dumps(theirs))

    done = validate(
        run, files, "--questionnaire", str(files / "other.json"), "--require-form",
        str(files / "good.json"), str(files / "theirs.json"),
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_two_forms_of_one_name_that_differ_are_a_conflict(run: Run, files: Path) -> None:
    (files / "twin.json").write_text(json.dumps(FORM | {"title": "Another"}))

    done = validate(
        run, files, "--questionnaire", str(files / "twin.json"), str(files / "good.json")
    )

    assert done.returncode == 2
    assert b"two forms of one url and version" in done.stderr
