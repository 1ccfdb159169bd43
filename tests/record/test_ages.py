"""The limits for adults are for adults."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Facts, Presence

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]

K = "2823-3"


def notes(facts: Facts) -> list[str]:
    return sorted(note.code for note in facts.notes)


# ── Age ──


@pytest.mark.parametrize(
    ("birth_date", "grown"),
    [
        ("2008-11-20", True),  # 18 on the day before the sample
        ("2008-11-21", True),  # 18 on the day of the sample
        ("2008-11-22", False),
        ("2008-11", False),  # a partial date gives the younger reading
        ("2008-10", True),
        ("2008", False),
        ("2007", True),
        (None, False),
        ("unknown", False),
        ("2008-02-30", False),
        (19700101, False),
    ],
)
def test_the_adult_limits_are_for_adults(
    birth_date: object, grown: bool, lab: Lab, found: Found, present: Present
) -> None:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": birth_date}

    facts = found(lab(K, "2.5"), patient=patient)

    assert ("potassium.critical" in present(facts)) is grown
    assert [floor.level for floor in facts.floors] == ([] if grown else ["indeterminate"])
    assert ("minor-lab" in notes(facts)) is not grown


def test_the_age_is_that_at_the_time_of_the_sample(
    lab: Lab, found: Found, present: Present
) -> None:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "2008-11-20"}

    assert "potassium.critical" not in present(found(lab(K, "2.5", hours=40), patient=patient))
    assert "potassium.critical" in present(found(lab(K, "2.5", hours=3), patient=patient))


@pytest.mark.parametrize(
    ("flags", "floor", "expected"),
    [
        ("", True, set()),
        ("N", True, set()),
        ("L", False, {"potassium.abnormal", "potassium.low"}),
        ("A", False, {"potassium.abnormal"}),
        ("LU", False, {"potassium.abnormal", "potassium.low"}),
        ("LL", False, {"potassium.critical", "potassium.low"}),
        ("AA", False, {"potassium.critical"}),
    ],
)
def test_a_flag_other_than_n_spares_a_minor_the_floor(
    flags: str, floor: bool, expected: set[str], lab: Lab, found: Found, present: Present
) -> None:
    minor = {"resourceType": "Patient", "id": "p", "birthDate": "2020-01-01"}

    facts = found(lab(K, "2.5", flags=flags), patient=minor)

    assert present(facts) - {"patient.under-18"} == expected
    assert bool(facts.floors) is floor
    if floor:
        assert facts.floors[0].note is not None
        assert facts.floors[0].note.code == "minor-lab"


def test_a_minor_is_judged_by_the_laboratory_range(
    lab: Lab, found: Found, present: Present
) -> None:
    minor = {"resourceType": "Patient", "id": "p", "birthDate": "2020-01-01"}
    ranges = [{"low": {"value": 3}, "high": {"value": 6}}]

    inside = found(lab(K, "5.5", referenceRange=ranges), patient=minor)
    outside = found(lab(K, "6.1", referenceRange=ranges), patient=minor)
    silent = found(lab(K, "5.5"), patient=minor)

    assert inside.facts["potassium.critical"].presence is Presence.ABSENT
    child = {"patient.under-18"}
    assert present(outside) == {"potassium.abnormal", "potassium.high"} | child
    assert present(silent) == child
    assert notes(silent) == ["minor-lab", "not-assessed"]
    assert silent.floors == ()
