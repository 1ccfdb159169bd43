"""What a record alone shows, where nobody was asked: as much as beside an unanswered form."""

from typing import Any

import pytest

from cds.flows.assess import installed
from cds.flows.deciding.record import OneRecord
from tests.replies import NOW
from tests.strategies import pack_of

Json = dict[str, Any]
PATIENT = "Patient/p"
ADULT: Json = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}


def potassium(value: float, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "subject": {"reference": PATIENT},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": "2026-11-21T06:00:00Z",
        "valueQuantity": {
            "value": value,
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
            "unit": "mmol/L",
        },
        **more,
    }


RECORDS: dict[str, list[Json]] = {
    "nothing": [],
    "a usual value": [ADULT, potassium(4.1)],
    "a critical value": [ADULT, potassium(7.5)],
    "a value that cannot be read": [potassium(4.1, valueQuantity={"value": "x"})],
}


@pytest.mark.parametrize("resources", RECORDS.values(), ids=RECORDS.keys())
def test_a_record_alone_shows_what_it_shows_beside_an_unanswered_form(
    resources: list[Json],
) -> None:
    pack = pack_of("cramps")
    unanswered = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{pack.full.url}|{pack.full.version}",
        "status": "in-progress",
        "subject": {"reference": PATIENT},
    }

    alone = installed().of_record(pack, OneRecord(resources), now=NOW, subject=PATIENT)
    beside = installed().assess(unanswered, now=NOW, record=OneRecord(resources))

    assert alone.assessment == beside.assessment
    assert alone.facts == beside.facts
    assert not alone.level.reassures
    assert not alone.assessment.complete


def test_a_decision_on_a_record_alone_speaks_of_no_response() -> None:
    pack = pack_of("cramps")

    record = OneRecord(RECORDS["a critical value"])
    document = installed().of_record(pack, record, now=NOW, subject=PATIENT).document()

    assert document["findings"]
    assert document["response"] == {}
    assert "status" not in {note["code"] for note in document["notes"]}
