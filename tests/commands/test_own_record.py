"""`assess` takes what it is given: a Bundle with its own record, a record of many patients."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Call

Json = dict[str, Any]
NOW = ("--now", "2026-11-20T15:00:00Z")


def response(patient: str) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"r-{patient}",
        "status": "completed",
        "questionnaire": "https://cramp-cds.example/fhir/Questionnaire/cramps",
        "subject": {"reference": f"Patient/{patient}"},
        "item": [],
    }


def potassium(patient: str, value: float) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"k-{patient}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-11-20T14:00:00Z",
        "interpretation": [{"coding": [{"code": "HH"}]}],
        "valueQuantity": {"value": value, "unit": "mmol/L"},
    }


def bundle(*resources: Json) -> Json:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def write(path: Path, value: Json) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_a_bundle_brings_the_record_of_its_own_response(call: Call, tmp_path: Path) -> None:
    path = write(tmp_path / "b.json", bundle(response("a"), potassium("a", 7)))

    done = call("assess", path, "--format", "json", *NOW)

    assert "E7" in [one["rule"] for one in done.json["findings"]]
    assert done.json["record"]["used"] == 1


def test_a_record_of_many_patients_is_joined_by_subject(call: Call, tmp_path: Path) -> None:
    patients = bundle(response("a"), response("b"), potassium("a", 7))

    done = call("assess", write(tmp_path / "b.json", patients), "--format", "json", *NOW)

    first, second = map(json.loads, done.out.splitlines())
    assert "E7" in [one["rule"] for one in first["findings"]]
    assert "E7" not in [one["rule"] for one in second["findings"]]


def test_a_record_without_the_subject_is_refused(call: Call, tmp_path: Path) -> None:
    record = write(tmp_path / "record.json", bundle(potassium("b", 7)))

    done = call("assess", write(tmp_path / "r.json", response("a")), "--record", record, *NOW)

    assert done.code == 3
    assert "another patient" in done.err


def test_no_listed_red_flag_is_never_said_under_an_urgent_finding(
    call: Call, tmp_path: Path
) -> None:
    low = potassium("a", 3.3)
    del low["interpretation"]
    patient = {"resourceType": "Patient", "id": "a", "birthDate": "1970-01-01"}
    path = write(tmp_path / "b.json", bundle(response("a"), patient, low))

    done = call("assess", path, *NOW)

    assert "U3" in done.text
    assert "No listed red flag" not in done.text


def test_a_transaction_with_its_inputs_holds_patient_and_response(
    call: Call, tmp_path: Path
) -> None:
    patient = {"resourceType": "Patient", "id": "a"}
    path = write(tmp_path / "b.json", bundle(response("a"), patient))

    fhir = ("--format", "fhir", "--bundle", "transaction", "--with-inputs")
    done = call("assess", path, *fhir, *NOW)

    assert [one["request"]["url"] for one in done.json["entry"]] == [
        "Patient/a",
        "QuestionnaireResponse/r-a",
        "RiskAssessment",
        "Provenance",
    ]


@pytest.mark.parametrize(
    ("authored", "said"),
    [
        ("2024-11-20T15:00:00Z", "2024-11-20, 730 days old"),
        ("2026-11-16T15:00:00+02:00", "2026-11-16, 4 days old"),
        ("2026-11-20T14:00:00Z", None),
        ("2024-11", None),
    ],
)
def test_old_answers_are_judged_as_of_their_own_time_and_their_age_is_said(
    authored: str, said: str | None, call: Call, tmp_path: Path
) -> None:
    path = write(tmp_path / "r.json", {**response("a"), "authored": authored})

    text = call("assess", path, *NOW).text

    assert ("days old" in text) is (said is not None)
    assert said is None or said in text
