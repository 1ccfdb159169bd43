"""Operations that were silent, or filled in what was over, once; and the cases as they came."""

import json
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
HEARD = Path(__file__).resolve().parents[3] / "shared" / "cases" / "heard"
FILL = "/fhir/Questionnaire/cramps/$populate"
VALIDATE = "/fhir/QuestionnaireResponse/$validate"


@pytest.mark.parametrize("over", [True, False])
def test_populate_fills_in_nothing_that_is_over(serve: Any, over: bool) -> None:
    subject = {"reference": "Patient/example"}
    takes = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": subject,
        "medicationCodeableConcept": {"text": "Furosemide 40 mg"},
        "effectivePeriod": {"start": "2019-01-01", **({"end": "2020-01-01"} if over else {})},
    }
    has = {
        "resourceType": "Condition",
        "subject": subject,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        **({"abatementDateTime": "2019"} if over else {}),
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": takes}, {"resource": has}]}
    parameters = [
        {"name": "subject", "valueReference": subject},
        {"name": "record", "resource": bundle},
    ]

    sent = {"resourceType": "Parameters", "parameter": parameters}
    response = serve().post(FILL, sent).json()["parameter"][0]["resource"]

    assert ("item" in response) is not over


# What is expected of each: a part of the answer that is there, and one that is not.
EXPECTED = {
    "populate-stale": (FILL, '"resource"', '"item"'),
    "populate-differential": (FILL, "verification differential", '"item"'),
    "populate-unusable-lab": (FILL, "Potassium 7.1 MMOL/L", '"item"'),
    "populate-context-reference": (FILL, "its reference is not followed", "has no resource"),
    "operation-validate-mode": (VALIDATE, "mode", "is not a parameter"),
}


@pytest.mark.skipif(not HEARD.is_dir(), reason="the cases are not beside the checkout")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_of_an_operation_is_heard(serve: Any, name: str) -> None:
    path, there, gone = EXPECTED[name]

    answer = serve().post(path, json.loads((HEARD / name / "parameters.json").read_text()))

    assert answer.status_code == 200
    assert there in answer.text
    assert gone not in answer.text
