"""Flags, ranges and comparators: what makes a value critical or abnormal."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cds.core.model import Facts, Presence

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]
Says = Callable[..., set[str]]

K = "2823-3"


def notes(facts: Facts) -> list[str]:
    return sorted(note.code for note in facts.notes)


# ── Flags and ranges ──


@pytest.mark.parametrize(
    ("value", "flags", "expected"),
    [
        ("4.0", "HH", {"potassium.critical", "potassium.high"}),
        ("4.0", "LL", {"potassium.critical", "potassium.low"}),
        ("4.0", "AA", {"potassium.critical"}),
        ("4.0", "H", {"potassium.abnormal", "potassium.high"}),
        ("4.0", "HU", {"potassium.abnormal", "potassium.high"}),
        ("4.0", "L", {"potassium.abnormal", "potassium.low"}),
        ("4.0", "LU", {"potassium.abnormal", "potassium.low"}),
        ("4.0", "A", {"potassium.abnormal"}),
        ("3.3", "A", {"potassium.abnormal", "potassium.low"}),
        ("4.0", "N", set()),
        ("3.4", "N", set()),  # the laboratory's flag goes before our range
        ("2.8", "N", {"potassium.critical", "potassium.low"}),  # but never lowers a critical value
        ("2.8", "H", {"potassium.critical", "potassium.low", "potassium.high"}),
        ("4.0", "N H", {"potassium.abnormal", "potassium.high"}),
        ("4.0", "POS", set()),  # a flag of another meaning
        (None, "HH", {"potassium.critical", "potassium.high"}),  # a flag makes up for the value
        (None, "L", {"potassium.abnormal", "potassium.low"}),
        (None, "N", {"lab.unusable"}),  # N is of no help here
    ],
)
def test_the_laboratory_flag_goes_first_and_never_lowers_a_critical_value(
    value: str | None, flags: str, expected: set[str], lab: Lab, says: Says
) -> None:
    assert says(lab(K, value, flags=flags)) == expected


@pytest.mark.parametrize(
    ("interpretation", "critical"),
    [
        (
            [
                {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/v2-0078", "code": "HH"}
                    ]
                }
            ],
            True,
        ),
        ([{"coding": [{"code": "HH"}]}], True),  # an alarm without a system still counts
        ([{"coding": [{"system": "http://example.org/flags", "code": "HH"}]}], False),
        ([{"text": "HH"}], True),
        ([{"text": "critical"}], False),  # words are not interpreted
        ([{"coding": [{"code": "x"}], "text": "HH"}], True),
        ([{"text": "Critical  high"}], True),  # FHIR's own display
        ("HH", True),  # not in a list: as older versions of FHIR have it
        ([None, 3, {"coding": "HH"}, {"coding": [None, {"code": {}}]}], False),
    ],
)
def test_a_flag_is_read_where_it_belongs(
    interpretation: object, critical: bool, lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab(K, "4.0", interpretation=interpretation))

    assert ("potassium.critical" in present(facts)) is critical


@pytest.mark.parametrize(
    ("value", "ranges", "expected"),
    [
        ("3.4", [{"low": {"value": 3.0}}], set()),  # the laboratory's range goes before ours
        (
            "3.6",
            [{"low": {"value": Decimal("3.7"), "unit": "mmol/L"}}],
            {"potassium.abnormal", "potassium.low"},
        ),
        ("3.6", [{"high": {"value": 3.5}}], {"potassium.abnormal", "potassium.high"}),
        (
            "2.8",
            [{"low": {"value": 2.0}, "high": {"value": 9}}],
            {"potassium.critical", "potassium.low"},
        ),
        (
            "3.4",
            [{"low": {"value": 3.0, "unit": "mg/dL"}}],
            {"potassium.abnormal", "potassium.low"},
        ),
        (
            "3.4",
            [{"low": {"value": 9}, "high": {"value": 3}}],
            {"potassium.abnormal", "potassium.low"},
        ),
        ("3.4", [{"text": "3.0 - 5.0"}], {"potassium.abnormal", "potassium.low"}),
        ("4.0", [{"type": {"coding": [{"code": "therapeutic"}]}, "low": {"value": 9}}], set()),
        (
            "4.0",
            [{"type": {"coding": [{"code": "normal"}]}, "low": {"value": 9}}],
            {"potassium.abnormal", "potassium.low"},
        ),
        ("4.0", ["x", None, {"low": 3}], set()),
    ],
)
def test_the_laboratory_range_says_abnormal_and_never_critical(
    value: str, ranges: list[Any], expected: set[str], lab: Lab, says: Says
) -> None:
    assert says(lab(K, value, referenceRange=ranges)) == expected


def test_a_range_in_an_unlisted_unit_still_alarms_but_the_value_stays_unusable(
    lab: Lab, found: Found, present: Present
) -> None:
    ranges = [{"low": {"value": Decimal("3.5"), "unit": "mval/L"}}]

    low = found(
        lab(
            K,
            "2.5",
            "mval/L",
            referenceRange=ranges,
            valueQuantity={"value": 2.5, "unit": "mval/L"},
        )
    )
    fine = found(
        lab(K, "4", "mval/L", referenceRange=ranges, valueQuantity={"value": 4, "unit": "mval/L"})
    )

    assert present(low) == {"potassium.abnormal", "potassium.low", "lab.unusable"}
    assert present(fine) == {"lab.unusable"}
    assert fine.facts["potassium.critical"].presence is Presence.UNUSABLE


# ── Comparators ──


@pytest.mark.parametrize(
    ("value", "comparator", "expected"),
    [
        ("3.0", "<", {"potassium.critical", "potassium.low"}),
        ("4.0", "<", {"potassium.critical", "potassium.low"}),  # it may be anything below
        ("2.8", "<", {"potassium.critical", "potassium.low"}),
        ("6.2", ">", {"potassium.critical", "potassium.high"}),
        ("6.2", ">=", {"potassium.critical", "potassium.high"}),
        ("4.0", ">", {"potassium.critical", "potassium.high"}),
        ("2.8", ">", {"potassium.critical", "potassium.low", "potassium.high"}),
        ("2.8", ">=", {"potassium.critical", "potassium.low", "potassium.high"}),
        ("4.0", "~", {"lab.unusable"}),  # no comparator of FHIR
    ],
)
def test_a_comparator_counts_at_the_worst_value_it_allows(
    value: str, comparator: str, expected: set[str], lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab(K, value, comparator=comparator))

    assert present(facts) == expected
    if comparator != "~":
        assert "comparator" in notes(facts)
        mark = facts.facts["potassium.critical"].evidence[0].mark
        assert mark is not None
        assert "worst value" in mark


def test_a_bound_that_straddles_a_limit_neither_reassures_nor_replaces(
    lab: Lab, found: Found, present: Present
) -> None:
    ranges = [{"low": {"value": 60}}]
    above = lab("98979-8", "60", "mL/min", comparator=">", referenceRange=ranges)
    straddling = lab(
        "98979-8", "45", "mL/min", comparator=">", referenceRange=ranges, identifier="new"
    )
    older = lab("98979-8", "30", "mL/min", hours=50, referenceRange=ranges, identifier="old")

    assert found(above).facts["egfr.low"].presence is Presence.ABSENT
    both = found(straddling, older)
    assert "egfr.low" in present(both)
    assert {one.record for one in both.facts["egfr.low"].evidence} == {
        "Observation/new",
        "Observation/old",
    }
