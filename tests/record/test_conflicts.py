"""Answers and record that contradict each other are shown, not merged."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Answers, Facts
from cds.record.conflicts import conflicts
from cds.record.rules import RecordRules

Json = dict[str, Any]
Found = Callable[..., Facts]
SNOMED = "http://snomed.info/sct"
FUROSEMIDE = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "status": "active",
    "intent": "order",
    "authoredOn": "2026-01-02",
    "medicationCodeableConcept": {"text": "Furosemide 40 mg"},
}
DIALYSIS = {
    "resourceType": "Procedure",
    "id": "d",
    "status": "completed",
    "code": {"coding": [{"system": SNOMED, "code": "302497006"}]},
}
NOT_PREGNANT = {
    "resourceType": "Observation",
    "id": "s",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
    "effectiveDateTime": "2026-11-20T08:00:00Z",
    "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "60001007"}]},
}


def answers(codes: dict[str, tuple[str, ...]], opened: dict[str, str] | None = None) -> Answers:
    return Answers(asked=(*codes, *(opened or {})), codes=codes, open=opened or {})


@pytest.mark.parametrize(
    ("question", "given", "record", "conflict"),
    [
        ("history.medications", ("none",), FUROSEMIDE, True),
        ("history.medications", ("statin",), FUROSEMIDE, True),
        ("history.medications", ("diuretic",), FUROSEMIDE, False),
        ("history.medications", ("diuretic", "statin"), FUROSEMIDE, False),
        ("history.medications", (), FUROSEMIDE, False),
        ("history.hemodialysis", ("no",), DIALYSIS, True),
        ("history.hemodialysis", ("yes",), DIALYSIS, False),
        ("history.conditions", ("pregnant",), NOT_PREGNANT, True),
        ("history.conditions", ("diabetes",), NOT_PREGNANT, False),
        ("history.conditions", ("none",), NOT_PREGNANT, False),
    ],
)
def test_a_contradiction_is_named_and_only_a_contradiction(
    question: str, given: tuple[str, ...], record: Json, conflict: bool, request: Any
) -> None:
    rules: RecordRules = request.getfixturevalue("rules")
    facts: Facts = request.getfixturevalue("found")(record)

    notes = conflicts(answers({question: given}), facts, rules)

    assert [(note.code, note.about) for note in notes] == [("record-conflict", question)] * conflict


def test_the_note_names_value_date_and_resource(found: Found, rules: RecordRules) -> None:
    (note,) = conflicts(answers({"history.medications": ("none",)}), found(FUROSEMIDE), rules)

    assert "Furosemide 40 mg on 2026-01-02, MedicationRequest/m" in note.text
    assert "the record counts" in note.text


def test_normal_labs_reported_against_a_critical_value_are_a_contradiction(
    lab: Callable[..., Json], found: Found, rules: RecordRules
) -> None:
    facts = found(lab("2823-3", "2.5"))

    (note,) = conflicts(answers({"history.labs-known": ("all-normal",)}), facts, rules)

    assert "2.5 mmol/L on 2026-11-21 11:00 UTC" in note.text
    assert conflicts(answers({"history.labs-known": ("not-done",)}), facts, rules) == ()


def test_an_open_question_contradicts_nothing(found: Found, rules: RecordRules) -> None:
    opened = answers({"history.medications": ("statin",)}, {"history.medications": "unknown"})

    assert conflicts(opened, found(FUROSEMIDE), rules) == ()
    assert conflicts(answers({}), found(FUROSEMIDE), rules) == ()
