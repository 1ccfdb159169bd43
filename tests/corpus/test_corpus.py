"""Published pairs with a recorded verdict: every one that can be settled offline is settled so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.forms.support import Support
from cds.forms.validate import validate

FOLDER = Path(__file__).parents[2].parent / "shared" / "corpus" / "questionnaire-response"
# Their verdict needs codes that others keep: ISO 3166 with its names, and those of the VSAC.
NOT_AT_HAND = {
    "hl7-choice-async-qr",
    "hl7-questionnaireresponse-hai-ltcf-questionnaireresponse-mdro-cdi-event",
}
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder with published cases is not beside this repository"
)


def _cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*/expect.json")):
        yield pytest.param(file.parent, json.loads(file.read_bytes()), id=file.parent.name)


@pytest.mark.parametrize(("folder", "expect"), list(_cases()))
def test_a_published_case_gets_its_verdict(folder: Path, expect: dict[str, Any]) -> None:
    response = wire.read((folder / "response.json").read_bytes())
    file = folder / "questionnaire.json"
    form = (
        wire.read(file.read_bytes())
        if file.exists() and expect.get("needs") != "no-questionnaire"
        else None
    )
    support = Support(wire.read(one.read_bytes()) for one in sorted(folder.glob("support-*.json")))
    version = "5.0" if expect["fhirVersion"] == "5.0" else "4.0"

    issues = validate(response, form, support=support, fhir_version=version)
    valid = not any(issue.severity in {"error", "fatal"} for issue in issues)

    if expect["valid"] is None:
        return  # contested: good order is all that is asked
    if folder.name in NOT_AT_HAND:
        assert any(issue.rule == "valueSetNotChecked" for issue in issues)
        return
    assert valid is expect["valid"], [(issue.rule, issue.expression) for issue in issues]
