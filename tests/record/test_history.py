"""Conditions, procedures and pregnancy: what counts, and what is over."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Facts, Presence
from tests.record.resources import ICD, SNOMED, condition

Json = dict[str, Any]
Found = Callable[..., Facts]
Says = Callable[..., set[str]]


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        ({}, True),
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "recurrence"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "relapse"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "inactive"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "remission"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ({"clinicalStatus": {"text": "Resolved"}}, False),
        ({"verificationStatus": {"coding": [{"code": "confirmed"}]}}, True),
        ({"verificationStatus": {"coding": [{"code": "unconfirmed"}]}}, True),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, False),
    ],
)
def test_a_condition_counts_unless_it_is_over_or_refuted(
    other: Json, counts: bool, says: Says
) -> None:
    assert says(condition("73211009", **other)) == ({"condition.diabetes"} if counts else set())


def test_an_unconfirmed_condition_is_marked(found: Found) -> None:
    facts = found(condition("73211009", verificationStatus={"coding": [{"code": "provisional"}]}))

    assert facts.facts["condition.diabetes"].evidence[0].mark == "verification provisional"


def test_a_category_holds_all_below_it_and_nothing_beside_it(says: Says) -> None:
    assert says(condition("E11.65", ICD)) == {"condition.diabetes"}
    assert says(condition("E11.22", ICD)) == {"condition.diabetes", "condition.kidney-disorder"}
    assert says(condition("N18.32", ICD)) == {"condition.kidney-disorder"}
    assert says(condition("M54.41", ICD)) == {"condition.sciatica"}
    assert says(condition("M54.5", ICD)) == set()
    assert says(condition("E12", ICD)) == set()
    assert says(condition("R25.1", ICD)) == set()  # an exact code is exact
    assert (
        says(condition("E11.9", "http://hl7.org/fhir/sid/icd-9-cm")) == set()
    )  # another classification


@pytest.mark.parametrize(
    "status", ["preparation", "not-done", "on-hold", "stopped", "entered-in-error"]
)
def test_a_procedure_that_was_not_done_does_not_count(status: str, says: Says) -> None:
    code = {"coding": [{"system": SNOMED, "code": "302497006"}]}

    assert says({"resourceType": "Procedure", "id": "x", "status": status, "code": code}) == set()


def pregnancy(code: str, date: str | None, identifier: str = "s", **other: Any) -> Json:
    status = {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": code}]},
        **other,
    }
    return status if date is None else {**status, "effectiveDateTime": date}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([("77386006", "2026-11-01")], Presence.PRESENT),
        ([("77386006", None)], Presence.PRESENT),
        ([("77386006", "2024-11-01")], Presence.UNKNOWN),  # no pregnancy lasts that long
        ([("60001007", "2026-11-01")], Presence.ABSENT),
        ([("60001007", None)], Presence.UNKNOWN),
        ([("60001007", "2024-11-01")], Presence.UNKNOWN),
        ([("77386006", "2026-06-01"), ("60001007", "2026-11-01")], Presence.ABSENT),
        ([("60001007", "2026-06-01"), ("77386006", "2026-11-01")], Presence.PRESENT),
        ([("60001007", "2026-11-01"), ("77386006", "2026-11-01")], Presence.PRESENT),
        ([("77386006", None), ("60001007", "2026-11-01")], Presence.PRESENT),
        ([("261665006", "2026-11-01")], Presence.UNKNOWN),
    ],
)
def test_the_newest_pregnancy_status_counts(
    states: list[tuple[str, str | None]], expected: Presence, found: Found
) -> None:
    resources = [pregnancy(code, date, f"s{place}") for place, (code, date) in enumerate(states)]

    assert found(*resources).facts["condition.pregnancy"].presence is expected
    assert found(*reversed(resources)).facts["condition.pregnancy"].presence is expected


def test_silence_is_never_absence(found: Found) -> None:
    assert {one.presence for one in found().facts.values()} == {Presence.UNKNOWN}
    assert {one.presence for one in found(condition("38341003")).facts.values()} == {
        Presence.UNKNOWN
    }
