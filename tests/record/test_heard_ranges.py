"""A range for someone else judges nobody; what is of another person is not the patient's."""

from decimal import Decimal
from typing import Any

import pytest

from cds.core.model import Presence
from tests.record.resources import (
    LOINC,
    SNOMED,
    UCUM,
    Found,
    Json,
    K,
    Lab,
    account_of,
    codeable,
    condition,
    order,
    told,
)

# ── Ranges ──


def between(low: str, high: str, **other: Any) -> Json:
    bounds = {"low": {"value": Decimal(low)}, "high": {"value": Decimal(high)}}
    return {**bounds, **other}


def aged(low: int | None, high: int | None, unit: str = "a") -> Json:
    bounds = {"low": low, "high": high}
    return {
        "age": {
            key: {"value": one, "system": UCUM, "code": unit}
            for key, one in bounds.items()
            if one is not None
        }
    }


ADULT = {"resourceType": "Patient", "id": "p", "birthDate": "1970-02-03", "gender": "female"}
CHILD = {**ADULT, "birthDate": "2016-02-03"}
UNKNOWN = {"resourceType": "Patient", "id": "p"}
WIDE = ("3.0", "6.1")  # wider than our own reference range
NARROW = ("3.9", "4.0")


@pytest.mark.parametrize(
    "foreign",
    [
        aged(0, 28, "d"),
        aged(0, 1, "mo"),
        aged(None, 17),
        aged(80, None),
        aged(0, 40, "wk"),
        {"appliesTo": [codeable("male", None)]},
        {"appliesTo": [{"text": "Men"}]},
        {"type": {"text": "Therapeutic"}},
        {"type": codeable("treatment", None)},
        {"type": codeable("pre-puberty", None)},
        {"type": "Therapeutic"},  # in shapes that are not FHIR's
        {"type": [codeable("treatment", None)]},
        {"meaning": codeable("therapeutic", None)},  # as DSTU2 calls the type
        {"modifierExtension": [{"url": "http://example.org/x", "valueBoolean": True}]},
        {**aged(18, 120), "appliesTo": [codeable("248153007", SNOMED)]},
    ],
)
def test_a_range_for_someone_else_judges_in_neither_direction(
    foreign: Json, lab: Lab, found: Found
) -> None:
    high = lab(K, "5.5", referenceRange=[between(*WIDE, **foreign)])
    normal = lab(K, "4.2", referenceRange=[between(*NARROW, **foreign)])

    assert found(high, patient=ADULT).facts["potassium.abnormal"].presence is Presence.PRESENT
    assert found(normal, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT


@pytest.mark.parametrize(
    "own",
    [
        {},
        aged(18, 120),
        aged(18, None),
        aged(56, 56),  # whole years, the last one included
        {"type": codeable("normal", None)},
        {"type": {"text": "Normal range"}},
        {"text": "3.5 - 5.1 mmol/L"},
        {"text": "Normal range: 3.5 to 5.1 meq/l"},
        {"text": "(≥3,5–5,1)"},
        {"appliesTo": [codeable("female", None)]},
        {**aged(50, 60), "appliesTo": [{"text": "Female"}]},
    ],
)
def test_a_range_for_this_patient_goes_before_ours(own: Json, lab: Lab, found: Found) -> None:
    high = lab(K, "5.5", referenceRange=[between(*WIDE, **own)])
    normal = lab(K, "4.2", referenceRange=[between(*NARROW, **own)])

    assert found(high, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT
    assert found(normal, patient=ADULT).facts["potassium.abnormal"].presence is Presence.PRESENT


@pytest.mark.parametrize(
    "perhaps",
    [
        aged(18, 120),
        {"appliesTo": [codeable("female", None)]},
        {"appliesTo": [{"text": "Pregnant"}]},
        aged(0, 1, "fortnight"),
        {"appliesTo": {"text": "Newborn"}},  # in shapes that are not FHIR's
        {"appliesTo": "Newborn"},
        {"age": [{"high": 1}]},
        {"text": "Neonates 0-28 days: 3.9-6.2"},
        {"text": "Therapeutic range"},
        {"text": "Panic limits"},
        {"text": ["Neonates"]},
    ],
)
def test_a_range_that_may_be_this_patients_raises_and_never_reassures(
    perhaps: Json, lab: Lab, found: Found
) -> None:
    within = lab(K, "4.2", referenceRange=[between(*WIDE, **perhaps)])
    beyond = lab(K, "4.2", referenceRange=[between(*NARROW, **perhaps)])

    assert found(within, patient=UNKNOWN).facts["potassium.abnormal"].presence is Presence.UNKNOWN
    assert found(beyond, patient=UNKNOWN).facts["potassium.abnormal"].presence is Presence.PRESENT


def test_of_ranges_by_age_the_patients_own_counts(lab: Lab, found: Found) -> None:
    ranges = [between("3.7", "5.9", **aged(0, 1, "mo")), between("3.5", "5.1", **aged(18, 120))]
    result = lab(K, "3.6", referenceRange=ranges)

    assert found(result, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT
    assert found(result, patient=CHILD).facts["potassium.abnormal"].presence is Presence.UNKNOWN


# ── About whom ──


@pytest.mark.parametrize(
    ("focus", "expected"),
    [
        ("RelatedPerson/baby", "other"),
        ("Patient/other", "other"),
        ("Group/g", "unclear"),  # the patient may be one of them
        ("Patient/p", "patient"),
        ("https://ehr.example.org/fhir/Patient/p/_history/2", "patient"),
        ("Device/monitor", "unclear"),
        ("#fetus", "unclear"),
        ("BodyStructure/fetus", "unclear"),
    ],
)
def test_what_was_measured_on_someone_else_is_not_the_patients(
    focus: str, expected: str, lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "7.3", focus=[{"reference": focus}]))

    present = facts.facts["potassium.critical"].presence is Presence.PRESENT
    assert present is (expected == "patient")
    assert account_of(facts).others == (expected == "other")
    assert told(facts) == ([("code 2823-3", "about-whom")] if expected == "unclear" else [])


@pytest.mark.parametrize(
    "modifier",
    [
        {"modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]},
        {"implicitRules": "http://example.org/rules"},
    ],
)
@pytest.mark.parametrize(
    "entry",
    [
        {"resourceType": "Observation", "status": "final", "code": codeable(K, LOINC)},
        order(text="Furosemide 40 mg"),
        condition("73211009"),
    ],
)
def test_what_a_modifier_changes_is_told_and_not_believed(
    entry: Json, modifier: Json, found: Found
) -> None:
    value = {"valueQuantity": {"value": 7, "unit": "mmol/L"}, "id": "x"}

    facts = found({**value, **entry, **modifier})

    assert {one.presence for one in facts.facts.values()} == {Presence.UNKNOWN}
    assert [why for _, why in told(facts)] == ["modifier"]
