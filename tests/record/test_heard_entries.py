"""What is over is left out, what is unknown is told, and what is inside is read."""

import pytest

from cds.core.model import Presence
from tests.record.resources import (
    ATC,
    RXNORM,
    SNOMED,
    Found,
    Json,
    Says,
    account_of,
    codeable,
    condition,
    order,
    told,
)

# ── Over ──

PAST, FUTURE = "2020-01-01", "2027-01-01"


@pytest.mark.parametrize(
    "over",
    [
        {"abatementDateTime": "2019-01-01"},
        {"abatementDateTime": "2019"},
        {"abatementPeriod": {"start": "2018", "end": "2019-02"}},
        {"abatementPeriod": {"start": "2018"}},
        {"abatementAge": {"value": 40, "unit": "a"}},
        {"abatementString": "in childhood"},
        {"abatementRange": {"low": {"value": 1}}},
        {"clinicalStatus": codeable("resolved", None)},
        {"clinicalStatus": codeable("remission", None)},
        {"verificationStatus": codeable("refuted", None)},
    ],
)
def test_a_condition_that_is_over_is_not_about_this(over: Json, found: Found) -> None:
    facts = found(condition("44054006", **over))

    assert facts.facts["condition.diabetes"].presence is Presence.UNKNOWN
    assert account_of(facts).whole


@pytest.mark.parametrize(
    "other",
    [
        {"abatementDateTime": FUTURE},
        {"abatementPeriod": {"end": FUTURE}},
        {"abatementBoolean": False},
        {"clinicalStatus": codeable("unknown", None)},
        {"clinicalStatus": {"text": "ACTIVE"}},
        {"clinicalStatus": codeable("Active", None)},
        {},
    ],
)
def test_a_condition_that_is_not_surely_over_counts(other: Json, says: Says) -> None:
    assert "condition.diabetes" in says(condition("44054006", **other))


@pytest.mark.parametrize(
    "over",
    [
        {"effectivePeriod": {"start": "2019-01-01", "end": PAST}},
        {"effectivePeriod": {"end": "2019"}},
        {"dosage": [{"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}}]},
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}}]},
        {"taken": "n"},
        {"wasNotTaken": True},
    ],
)
def test_a_medicine_of_the_past_is_not_about_this(over: Json, found: Found) -> None:
    facts = found(order(text="Furosemide 40 mg", **over))

    assert facts.facts["medicine.diuretic"].presence is Presence.UNKNOWN
    assert account_of(facts).whole


@pytest.mark.parametrize(
    "other",
    [
        {"effectivePeriod": {"start": "2019-01-01", "end": FUTURE}},
        {"effectivePeriod": {"start": "2019-01-01"}},
        {"effectivePeriod": {"end": "2026-11"}},  # the month is not over
        {"effectivePeriod": {"end": "soon"}},
        {"dispenseRequest": {"validityPeriod": {"end": PAST}}},  # it may still be taken
        {
            "dosageInstruction": [
                {"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}},
                {"text": "then daily"},
            ]
        },
    ],
)
def test_a_medicine_that_is_not_surely_of_the_past_counts(other: Json, says: Says) -> None:
    assert "medicine.diuretic" in says(order(text="Furosemide 40 mg", **other))


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ({"performedDateTime": "2026-11-20"}, True),
        (
            {"performedPeriod": {"start": "2026-11-20T08:00:00Z", "end": "2026-11-20T12:00:00Z"}},
            True,
        ),
        ({}, True),
        ({"performedPeriod": {"start": "2014", "end": "2015"}}, False),
        ({"performedPeriod": {"start": "2025-01-01", "end": "2026-10-31"}}, False),
        ({"performedPeriod": {"start": "2025-01-01"}}, True),
        ({"performedPeriod": {"start": "2025-01-01", "end": "2027-01-01"}}, True),
        ({"performedDateTime": "2015-03-01"}, True),  # it was done, and its date is told
    ],
)
def test_a_course_of_procedures_that_is_over_says_nothing_of_today(
    when: Json,
    counts: bool,
    says: Says,
) -> None:
    done = {"resourceType": "Procedure", "id": "x", "status": "completed"}
    code = codeable("302497006", SNOMED)

    assert ("procedure.hemodialysis" in says({**done, "code": code, **when})) is counts


# ── Medicines and conditions without a name that is known ──


@pytest.mark.parametrize(
    ("entry", "what", "why", "is_open"),
    [
        (order(text="Amlodipine 5 mg"), "Amlodipine 5 mg", "unknown-code", False),
        (order({"system": RXNORM, "code": "197361"}), "code 197361", "unknown-code", True),
        (order({"system": ATC, "code": "C08CA01"}), "code C08CA01", "unknown-code", True),
        (order(), "a medicine without a name", "unreadable", True),
        (
            {**order(), "medicationReference": {"reference": "Medication/gone"}},
            "a medicine without a name",
            "not-found",
            True,
        ),
        (
            {**order(), "medicationReference": {"reference": "#gone"}},
            "a medicine without a name",
            "not-found",
            True,
        ),
        (
            condition("250.00", "http://hl7.org/fhir/sid/icd-9-cm"),
            "As the record says",
            "unknown-code",
            False,
        ),
        (
            {**condition("x"), "code": codeable("250.00", "http://hl7.org/fhir/sid/icd-9-cm")},
            "code 250.00",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": {"text": "Diabetes mellitus type 2"}},
            "Diabetes mellitus type 2",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": codeable("1", SNOMED, "Disorder due to diabetes mellitus")},
            "Disorder due to diabetes mellitus",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": {"text": "Hypertension"}},
            "Hypertension",
            "unknown-code",
            False,
        ),
        (
            {**condition("x"), "code": {}},
            "a condition without a name",
            "unknown-code",
            True,
        ),
        (
            {"resourceType": "Procedure", "code": {"text": "Colonoscopy"}, "status": "completed"},
            None,
            None,
            False,
        ),
        (
            {"resourceType": "Procedure", "code": codeable("90935", "cpt"), "status": "completed"},
            "code 90935",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": codeable("38341003", SNOMED, "Hypertension")},
            None,
            None,
            False,
        ),
        ({**condition("x"), "code": codeable("38341003", SNOMED)}, None, None, False),
    ],
)
def test_what_could_be_asked_for_is_told_and_what_could_be_anything_stays_open(
    entry: Json,
    what: str | None,
    why: str | None,
    is_open: bool,
    found: Found,
) -> None:
    facts = found(entry)

    assert told(facts) == ([] if what is None else [(what, why)])
    assert [one.why for one in facts.open] == ([why] if is_open else [])


@pytest.mark.parametrize(
    "entry",
    [
        order({"system": SNOMED, "code": "787481004"}),
        order(
            {"system": SNOMED, "code": "1234391000168107", "display": "No known current medicines"}
        ),
        order({"code": "no-known-medications"}),
        order(text="No known medications."),
        order(text="no  current medications"),
        order(text="None"),
        order(text="Nil known"),
    ],
)
def test_no_known_medicines_is_no_medicine(entry: Json, found: Found) -> None:
    facts = found(entry)

    assert account_of(facts).whole
    assert [note.code for note in facts.notes] == ["no-medicines"]


def test_no_information_is_no_answer(found: Found) -> None:
    medicines = found(order({"code": "no-medication-info"}))
    problems = found({**condition("x"), "code": codeable("no-problem-info", None)})

    for facts in (medicines, problems):
        assert [one.why for one in facts.open] == ["missing"]


@pytest.mark.parametrize(
    ("supply", "is_told"),
    [
        ({"whenHandedOver": "2026-11-01"}, True),
        ({"resourceType": "MedicationAdministration", "effectiveDateTime": "2026-11-20"}, True),
        ({}, True),
        ({"whenHandedOver": "2026-01-01"}, False),
        ({"status": "declined"}, False),
        ({"medicationCodeableConcept": {"text": "Amlodipine"}}, False),
        (
            {
                "medicationCodeableConcept": None,
                "medication": {"concept": {"text": "Furosemide 40 mg"}},  # R5
                "occurenceDateTime": "2026-11-20",
            },
            True,
        ),
    ],
)
def test_a_medicine_that_was_handed_out_is_told_and_makes_no_fact(
    supply: Json, is_told: bool, found: Found
) -> None:
    whole = {"resourceType": "MedicationDispense", "id": "d", "status": "completed"}
    concept = {"medicationCodeableConcept": {"text": "Furosemide 40 mg"}}

    facts = found({**whole, **concept, **supply})

    assert told(facts) == ([("Furosemide 40 mg", "supply-only")] if is_told else [])
    assert facts.facts["medicine.diuretic"].presence is Presence.UNKNOWN
    assert facts.floors == ()
