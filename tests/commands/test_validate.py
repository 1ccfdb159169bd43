"""`validate` as a person calls it: formats, exit codes, streams."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from jsonschema import Draft7Validator

Run = Callable[..., "CompletedProcess[bytes]"]
FORM = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/q",
    "status": "active",
    "item": [{"linkId": "q", "type": "string", "text": "Your \x1b[31mname", "maxLength": 5}],
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A form, a valid response, an invalid one, one with a warning, and something else."""

    def response(answer: str, **more: Any) -> str:
        return json.dumps(
            {
                "resourceType": "QuestionnaireResponse",
                "status": "completed",
                "questionnaire": "http://example.org/q",
                "authored": "2026-01-01T00:00:00Z",
                "subject": {"reference": "Patient/1"},
                "author": {"reference": "Patient/1"},
                "item": [{"linkId": "q", "answer": [{"valueString": answer}], **more}],
            },
            indent=1,
        )

    (tmp_path / "form.json").write_text(json.dumps(FORM))
    (tmp_path / "good.json").write_text(response("abc"))
    (tmp_path / "bad.json").write_text(response("secret"))
    (tmp_path / "warned.json").write_text(response("abc", text="Other"))
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}')
    return tmp_path


def _validate(run: Run, files: Path, *args: str, stdin: bytes = b"") -> "CompletedProcess[bytes]":
    return run("validate", "--questionnaire", str(files / "form.json"), *args, stdin=stdin)


@pytest.mark.parametrize(
    ("names", "more", "code"),
    [
        (["good.json"], [], 0),
        (["bad.json"], [], 1),
        (["warned.json"], [], 0),
        (["warned.json"], ["--fail-on", "warning"], 1),
        (["patient.json"], [], 3),
        (["bad.json", "nowhere.json"], [], 3),
        (["good.json"], ["--format", "nonsense"], 2),
        (["good.json"], ["--max-bytes", "10"], 3),
    ],
)
def test_the_exit_code_says_how_it_went(
    run: Run, files: Path, names: list[str], more: list[str], code: int
) -> None:
    assert _validate(run, files, *more, *(str(files / name) for name in names)).returncode == code


def test_text_reads_like_a_linters_and_holds_no_answer(run: Run, files: Path) -> None:
    done = _validate(run, files, str(files / "bad.json"))

    first = done.stdout.decode().splitlines()[0]
    assert first.startswith(
        f"{files / 'bad.json'}:17:6: ✖ error [maxLength] Your �[31mname (q): at most 5"
    )
    assert b"secret" not in done.stdout
    assert b"\x1b" not in done.stdout
    assert (
        done.stderr.decode()
        == "validate: 1 response: 0 valid, 1 with errors (1 error, 0 warnings)\n"
    )


def test_values_are_shown_when_asked_for(run: Run, files: Path) -> None:
    assert (
        b"found: secret" in _validate(run, files, "--show-values", str(files / "bad.json")).stdout
    )


def test_json_and_outcomes_come_one_a_line(run: Run, files: Path) -> None:
    names = [str(files / name) for name in ("good.json", "bad.json", "patient.json")]

    documents = [
        json.loads(line)
        for line in _validate(run, files, "--format", "json", *names).stdout.splitlines()
    ]
    outcomes = [
        json.loads(line)
        for line in _validate(
            run, files, "--format", "operation-outcome", *names
        ).stdout.splitlines()
    ]

    assert [one["valid"] for one in documents] == [True, False, False]
    assert documents[1]["issues"][0]["rule"] == "maxLength"
    assert "unreadable" in documents[2]
    assert [one["issue"][0]["details"]["text"][:6] for one in outcomes] == [
        "All OK",
        "Your \x1b",
        "is not",
    ]


# The part of the SARIF 2.1.0 schema that this report uses, written out from the standard:
# the schema itself is in no package at hand.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "informationUri": {"type": "string", "format": "uri"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": {
                                                    "type": "object",
                                                    "required": ["text"],
                                                    "properties": {
                                                        "text": {"type": "string", "minLength": 1}
                                                    },
                                                },
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {
                                                        "level": {
                                                            "enum": [
                                                                "none",
                                                                "note",
                                                                "warning",
                                                                "error",
                                                            ]
                                                        }
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {
                                    "type": "object",
                                    "required": ["text"],
                                    "properties": {"text": {"type": "string"}},
                                },
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "additionalProperties": False,
                                                "properties": {
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "properties": {"uri": {"type": "string"}},
                                                    },
                                                    "region": {
                                                        "type": "object",
                                                        "properties": {
                                                            "startLine": {
                                                                "type": "integer",
                                                                "minimum": 1,
                                                            },
                                                            "startColumn": {
                                                                "type": "integer",
                                                                "minimum": 1,
                                                            },
                                                        },
                                                    },
                                                },
                                            },
                                            "logicalLocations": {
                                                "type": "array",
                                                "items": {
                                                    "type": "object",
                                                    "properties": {
                                                        "fullyQualifiedName": {"type": "string"},
                                                        "kind": {"type": "string"},
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_sarif_follows_the_standard(run: Run, files: Path) -> None:
    names = [str(files / name) for name in ("good.json", "bad.json", "patient.json")]
    sarif = json.loads(_validate(run, files, "--format", "sarif", *names).stdout)

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

    root = ET.fromstring(_validate(run, files, "--format", "junit", *names).stdout)  # noqa: S314 - our own output

    assert root.attrib == {"tests": "4", "failures": "1", "errors": "1"}
    assert [[child.tag for child in case] for case in root.iter("testcase")] == [
        [],
        ["failure"],
        ["system-out"],
        ["error"],
    ]


def test_standard_input_gets_the_name_it_is_given(run: Run, files: Path) -> None:
    done = _validate(
        run, files, "--stdin-filename", "mine.json", "-", stdin=(files / "bad.json").read_bytes()
    )

    assert done.stdout.startswith(b"mine.json:17:6: ")


def test_the_result_goes_to_a_file(run: Run, files: Path) -> None:
    done = _validate(run, files, "-o", str(files / "out.txt"), str(files / "bad.json"))

    assert done.stdout == b""
    assert "maxLength" in (files / "out.txt").read_text()


def test_colour_comes_only_when_asked_for(run: Run, files: Path) -> None:
    assert (
        "\x1b[31m✖ error\x1b[0m".encode()
        in _validate(run, files, "--color", "always", str(files / "bad.json")).stdout
    )


def test_the_help_loads_nothing_heavy(run: Run) -> None:
    done = run("validate", "--help", environment={"PYTHONPROFILEIMPORTTIME": "1"})

    assert done.returncode == 0
    assert not [
        name
        for name in (b"pydantic", b"rich", b"fhirpathpy", b"re2", b"fhir.resources")
        if b" " + name + b"\n" in done.stderr
    ]


def test_a_valid_response_loads_nothing_heavy(run: Run, files: Path) -> None:
    done = run(
        "validate",
        "--questionnaire",
        str(files / "form.json"),
        str(files / "good.json"),
        environment={"PYTHONPROFILEIMPORTTIME": "1"},
    )

    assert done.returncode == 0
    assert not [
        name
        for name in (b"pydantic", b"rich", b"fhirpathpy", b"re2", b"fhir.resources", b"subprocess")
        if b" " + name + b"\n" in done.stderr
    ]


@pytest.mark.parametrize("option", ["--questionnaire", "--support"])
def test_a_form_that_cannot_be_read_ends_with_three(run: Run, files: Path, option: str) -> None:
    assert (
        run("validate", option, str(files / "nowhere.json"), str(files / "good.json")).returncode
        == 3
    )
