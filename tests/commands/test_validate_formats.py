"""What `validate` takes beside JSON responses: forms, XML, packages; and a stream of issues."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[bytes]]
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/q",
    "status": "active",
    "item": [{"linkId": "a", "type": "coding", "text": "A", "required": True}],
}
XML = (
    '<QuestionnaireResponse xmlns="http://hl7.org/fhir">\n'
    '<questionnaire value="http://example.org/q"/>\n<status value="completed"/>\n'
    '<item><linkId value="nowhere"/></item>\n</QuestionnaireResponse>\n'
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "form.json").write_text(json.dumps(FORM))
    (tmp_path / "faulty.json").write_text(json.dumps(FORM | {"nonsense": 1}))
    (tmp_path / "response.xml").write_text(XML)
    return tmp_path


def test_forms_are_judged_by_themselves(run: Run, files: Path) -> None:
    good = run("validate", "--form-only", "--fhir-version", "auto", str(files / "form.json"))
    bad = run("validate", "--form-only", "--fhir-version", "auto", str(files / "faulty.json"))
    r4 = run("validate", "--form-only", str(files / "form.json"))

    assert (good.returncode, bad.returncode, r4.returncode) == (0, 1, 1)
    assert b"no element 'nonsense'" in bad.stdout
    assert b"validate: 1 form: 0 valid, 1 with errors" in bad.stderr
    assert b"[binding]" in r4.stdout  # R4 has no type coding


def test_a_folder_of_support_is_warned_of_once_and_only_where_all_of_it_is_of_no_use(
    run: Run, files: Path
) -> None:
    for name, kind in (("a", "Patient"), ("b", "Basic"), ("c", "ValueSet")):
        folder = files / ("mixed" if kind == "ValueSet" else "useless")
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps({"resourceType": kind}))
    (files / "mixed" / "a.json").write_text('{"resourceType": "Patient"}')

    def warned(folder: str) -> int:
        done = run("validate", "--support", str(files / folder), str(files / "response.xml"))
        return done.stderr.count(b"warning: --support:")

    assert (warned("useless"), warned("mixed")) == (1, 0)


def test_form_only_takes_the_forms_as_files(run: Run, files: Path) -> None:
    both = run("validate", "--form-only", "--questionnaire", str(files / "form.json"), "x.json")
    response = run("validate", "--form-only", str(files / "response.xml"))

    assert both.returncode == 2
    assert response.returncode == 3
    assert b"FILES are Questionnaires" in response.stdout


def test_a_response_in_xml_is_judged_and_its_issues_come_one_a_line(run: Run, files: Path) -> None:
    form, response = str(files / "form.json"), str(files / "response.xml")

    done = run("validate", "--questionnaire", form, "--format", "jsonl", response)

    assert done.returncode == 1
    issues = [json.loads(line) for line in done.stdout.splitlines()]
    (unknown,) = [one for one in issues if one["rule"] == "invalidLinkId"]
    assert (unknown["line"], unknown["column"], unknown["input"]) == (4, 1, response)


def test_a_package_or_server_that_is_none_is_refused(run: Run, files: Path) -> None:
    xml = str(files / "response.xml")
    package = run("validate", "--package", str(files / "form.json"), xml)
    server = run("validate", "--terminology", "http://example.org/r4", xml)

    assert (package.returncode, server.returncode) == (3, 3)
    assert b"not a FHIR package" in package.stderr
    assert b"https" in server.stderr
