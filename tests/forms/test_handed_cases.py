"""The cases of `../shared/cases`, each with what is right; other tests hold their kinds."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from cds import wire
from cds.flows.validate import Validator
from cds.flows.validate_inputs import documents
from cds.forms.issues import Issue

CASES = Path(__file__).parents[3] / "shared" / "cases"
FOLDERS = [*sorted(CASES.glob("validate/*")), *sorted(CASES.glob("fhirpath/*"))]
pytestmark = pytest.mark.skipif(not FOLDERS, reason="the shared cases are not beside the checkout")
# What a case asks for, in its own first words.
_ERROR = ("invalid", "error", "the limit is worked out", "does not hold", "cannot be evaluated")
_TOLD = ("not checked", "not decided", "a warning", "cannot be decided")


def _issues(folder: Path) -> Iterator[Issue]:
    def read(name: str) -> object:
        return wire.read((folder / name).read_bytes())

    form = read("questionnaire.json") if (folder / "questionnaire.json").exists() else None
    support = [read(path.name) for path in sorted(folder.glob("support-*.json"))]
    version = "5.0" if "--fhir-version 5.0" in (folder / "why.txt").read_text() else "4.0"
    assert form is None or isinstance(form, dict)
    validator = Validator(form, support, fhir_version=version)
    path = str(folder / "response.json")
    for result in validator.results(documents(path, stdin=BytesIO())):
        yield from result.issues


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_handed_case_gets_what_is_right(folder: Path) -> None:
    why = (folder / "why.txt").read_text().splitlines()[0].removeprefix("expected: ")

    issues = [one for one in _issues(folder) if one.severity != "information"]

    failed = any(one.severity in {"error", "fatal"} for one in issues)
    if folder.name == "two-versions-order":
        assert [one.rule for one in issues if one.severity == "error"] == ["required"]
    elif why.startswith(_ERROR):
        assert failed or (any(word in why for word in _TOLD) and issues)
    else:
        assert not failed
        assert not why.startswith("no warning") or not issues
        assert not any(word in why for word in _TOLD) or issues
