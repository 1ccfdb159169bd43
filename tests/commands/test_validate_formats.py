"""The formats of `validate`: what each holds, well-formed and by its schema."""

import json
import os
import shutil
import subprocess
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.validators import validator_for

from tests.commands.sarif_part import SARIF
from tests.commands.validate_kit import FORM, Run, validate


def test_json_and_outcomes_come_one_a_line(run: Run, files: Path) -> None:
    names = [str(files / name) for name in ("good.json", "bad.json", "patient.json")]

    documents = [
        json.loads(line)
        for line in validate(run, files, "--format", "json", *names).stdout.splitlines()
    ]
    outcomes = [
        json.loads(line)
        for line in validate(
            run, files, "--format", "operation-outcome", *names
        ).stdout.splitlines()
    ]

    assert [one["valid"] for one in documents] == [True, False, False]
    assert documents[1]["issues"][0]["rule"] == "maxLength"
    assert "unreadable" in documents[2]
    assert [one["issue"][0]["details"]["text"][:6] for one in outcomes] == [
        "All OK",
        "Your \x1b",
        "is a P",
    ]


def test_sarif_follows_the_standard(run: Run, files: Path) -> None:
    names = [str(files / name) for name in ("good.json", "bad.json", "patient.json")]
    sarif = json.loads(validate(run, files, "--format", "sarif", *names).stdout)

    Draft7Validator(SARIF).validate(sarif)
    (run_,) = sarif["runs"]
    assert [one["ruleId"] for one in run_["results"]] == ["maxLength", "unreadable"]
    assert {one["ruleId"] for one in run_["results"]} <= {
        one["id"] for one in run_["tool"]["driver"]["rules"]
    }
    assert run_["results"][0]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 17,
        "startColumn": 6,
    }


def test_junit_counts_its_cases(run: Run, files: Path) -> None:
    names = [str(files / name) for name in ("good.json", "bad.json", "warned.json", "patient.json")]

    root = ET.fromstring(validate(run, files, "--format", "junit", *names).stdout)  # noqa: S314 - our own output

    assert root.attrib == {"tests": "4", "failures": "1", "errors": "1"}
    assert [[child.tag for child in case] for case in root.iter("testcase")] == [
        [],
        ["failure"],
        ["system-out"],
        ["error"],
    ]


NASTY = "]]> & <b>\" ' \x00 \x1b[31m \u2028 \ufffe \uffff \x85 -->"


@pytest.mark.parametrize("format_", ["text", "json", "operation-outcome", "sarif", "junit"])
def test_hostile_texts_break_no_format(run: Run, tmp_path: Path, format_: str) -> None:
    form = {**FORM, "item": [{**FORM["item"][0], "text": NASTY}]}
    (tmp_path / "form.json").write_text(json.dumps(form))
    node = {"linkId": NASTY, "answer": [{"valueString": NASTY}]}
    answered = {"linkId": "q", "text": NASTY, "answer": [{"valueString": NASTY}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": NASTY,
        "questionnaire": NASTY,
        "item": [node, answered],
        NASTY: 1,
    }
    name = tmp_path / os.fsdecode(b"a ]]>&\xff\x1b.json")
    name.write_text(json.dumps(response))

    done = validate(run, tmp_path, "--show-values", "--format", format_, str(name))

    assert done.returncode == 1, done.stderr
    text = done.stdout.decode()
    if format_ == "junit":
        ET.fromstring(text)  # noqa: S314 - our own output
    elif format_ == "text":
        assert not {"\x00", "\x1b", "\u2028", "\x85"} & set(text)
    else:
        for line in text.rstrip("\n").split("\n"):
            json.loads(line)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not there to fetch the schema")
def test_sarif_follows_the_whole_schema(run: Run, files: Path, tmp_path: Path) -> None:
    package = "@microsoft/sarif-multitool-linux@5.7.0"
    command = ["npm", "pack", "--silent", "--pack-destination", str(tmp_path), package]
    fetched = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if fetched.returncode:
        pytest.skip("the package that holds the schema cannot be fetched")
    (archive,) = tmp_path.glob("*.tgz")
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/sarif-2.1.0.json")
        assert member is not None
        schema = json.loads(member.read())
    names = [str(files / name) for name in ("good.json", "bad.json", "warned.json", "patient.json")]

    sarif = json.loads(validate(run, files, "--format", "sarif", *names).stdout)

    validator_for(schema)(schema, format_checker=FormatChecker()).validate(sarif)
