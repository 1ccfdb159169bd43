"""Twice as large a record takes twice as long, whatever it says again and again."""

from collections.abc import Callable
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import installed
from cds.flows.bulk.decide import Decider, Options
from cds.flows.bulk.join import gather
from cds.flows.bulk.spread import spread_part
from cds.flows.synthetic.responses import response_of
from tests.flows.test_scaling import MOST, NOW, growth

Json = dict[str, Any]
ABOUT = {"reference": "Patient/1"}


def _conditions(count: int) -> list[Json]:
    return [
        {"resourceType": "Condition", "id": f"c{number}"}
        | {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]}}
        for number in range(count)
    ]


def _prescriptions(count: int) -> list[Json]:
    return [
        {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active"}
        | {"intent": "order", "medicationCodeableConcept": {"text": "Furosemide 40 mg"}}
        for number in range(count)
    ]


def _states(count: int) -> list[Json]:
    pregnant = {"coding": [{"system": "http://snomed.info/sct", "code": "77386006"}]}
    return [
        {"resourceType": "Observation", "id": f"o{number}", "status": "final"}
        | {"effectiveDateTime": "2026-11-19T10:00:00Z", "valueCodeableConcept": pregnant}
        | {"code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]}}
        for number in range(count)
    ]


def _results(count: int) -> list[Json]:
    amount = {"value": 4, "unit": "mmol/L"}
    return [
        {"resourceType": "Observation", "id": f"o{number}", "status": "final"}
        | {"effectiveDateTime": "2026-11-19T10:00:00Z", "valueQuantity": amount}
        | {"code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]}}
        for number in range(count)
    ]


def _words(count: int) -> list[Json]:
    return [
        {key: one[key] for key in one if key != "valueQuantity"}
        | {"valueString": f"critical low {number}"}
        for number, one in enumerate(_results(count))
    ]


@pytest.mark.parametrize("made", [_conditions, _prescriptions, _states, _results, _words])
def test_four_times_the_entries_that_say_the_same_take_about_four_times_as_long(
    made: Callable[[int], list[Json]],
) -> None:
    assessor = installed()
    asked = response_of(assessor.packs[0].full, {}, subject="Patient/1")

    def work(count: int) -> Callable[[], object]:
        record = [{**entry, "subject": ABOUT} for entry in made(count)]
        return lambda: assessor.assess(asked, now=NOW, record=record).to_bytes()

    assert growth(work, 1_200) < MOST


@pytest.mark.parametrize("bundled", [False, True])
def test_the_record_of_a_patient_is_looked_through_once_for_all_responses(bundled: bool) -> None:
    decider = Decider(installed(), Options(NOW))
    form = installed().packs[0].full

    def work(count: int) -> Callable[[], object]:
        names = (f"r{number}" for number in range(count))
        lines = [response_of(form, {}, identifier=one, subject="Patient/1") for one in names]
        lines += [{**entry, "subject": ABOUT} for entry in _results(count)]
        if bundled:
            entries = [{"resource": one} for one in lines]
            lines = [{"resourceType": "Bundle", "type": "collection", "entry": entries}]
        (pieces,) = spread_part(enumerate(map(wire.write, lines), 1), 0, 1).slots
        return lambda: gather(list(pieces), decider, lambda _: "in", lambda _: [])

    assert growth(work, 40) < MOST
