"""Odd values, components, reports, and tests that the table does not name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cds.core.model import Facts, Presence
from cds.record.walk import resource_name

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]

K = "2823-3"
DAY = 24


def notes(facts: Facts) -> list[str]:
    return sorted(note.code for note in facts.notes)


# ── Shape ──


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "2.5"},
        {"valueQuantity": {"value": "2.5", "unit": "mmol/L"}},
        {"valueQuantity": {"value": True, "unit": "mmol/L"}},
        {"valueQuantity": {"value": Decimal("NaN"), "unit": "mmol/L"}},
        {"valueQuantity": {"value": Decimal("1E+999999"), "unit": "mmol/L"}},
        {"valueQuantity": {"value": float("inf"), "unit": "mmol/L"}},
        {"valueQuantity": ["2.5"]},
        {"dataAbsentReason": {"text": "haemolysed"}},
        {"valueRange": {"low": {"value": 2}}},
        {},
    ],
)
def test_what_is_no_number_with_a_unit_is_unusable_and_stays_open(
    value: Json, lab: Lab, found: Found, present: Present
) -> None:
    facts = found({**lab(K, None, valueQuantity=None), **value})

    assert present(facts) == {"lab.unusable"}
    assert [one.why for one in facts.open] == ["no-value"]
    assert facts.facts["potassium.critical"].presence is Presence.UNUSABLE


def test_a_resource_that_no_json_could_hold_is_still_named(lab: Lab, found: Found) -> None:
    facts = found({**lab(K, None), "id": None, "valueQuantity": {"value": Decimal("NaN")}})

    assert facts.used[0].startswith("urn:uuid:")


def test_components_are_values_of_their_own(lab: Lab, found: Found, present: Present) -> None:
    def part(code: str, value: str, **more: Any) -> Json:
        quantity = {"value": Decimal(value), "unit": "mmol/L"}
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": quantity,
            **more,
        }

    flag = [{"coding": [{"code": "HH"}]}]
    panel = lab(
        "24323-8",
        None,
        valueQuantity=None,
        component=[part(K, "2.5"), part("2951-2", "140"), part("1-8", "3", interpretation=flag)],
    )

    facts = found(panel)

    assert present(facts) == {"potassium.critical", "potassium.low", "other-lab.critical"}
    assert facts.facts["sodium.critical"].presence is Presence.ABSENT
    assert facts.facts["potassium.critical"].evidence[0].record == "Observation/o"


def test_every_coding_is_tried_and_two_analytes_in_one_are_believed_in_neither(
    lab: Lab, found: Found, present: Present
) -> None:
    def coded(*codes: tuple[str, str]) -> Json:
        return {"coding": [{"system": system, "code": code} for system, code in codes]}

    def relabelled(code: Json) -> Json:
        return {**lab(K, "2.5"), "code": code}

    loinc = "http://loinc.org"
    second = found(relabelled(coded(("http://local.example", "KAL"), (loinc, K))))
    both = found(relabelled(coded((loinc, K), (loinc, "2951-2"))))
    same = found(relabelled(coded((loinc, K), (loinc, "6298-4"))))
    foreign = found(relabelled(coded(("http://local.example", K))))

    assert "potassium.critical" in present(second)
    assert present(both) == {"lab.unusable"}
    assert both.facts["sodium.critical"].presence is Presence.UNUSABLE
    assert "potassium.critical" in present(same)
    assert present(foreign) == set()


def test_the_observations_inside_a_report_are_read(
    lab: Lab, found: Found, present: Present
) -> None:
    inside = {key: value for key, value in lab(K, "2.5").items() if key != "subject"}
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "contained": [inside],
    }

    facts = found(report)

    assert "potassium.critical" in present(facts)
    assert facts.used == ("DiagnosticReport/r",)


# ── Tests that are not in the table ──


@pytest.mark.parametrize(
    ("category", "alarm"),
    [
        (None, True),
        ([{"coding": [{"code": "laboratory"}]}], True),
        ([{"coding": [{"code": "LAB"}]}], True),
        ([{"text": "Laboratory"}], True),
        ([{"coding": [{"code": "vital-signs"}]}], False),
    ],
)
@pytest.mark.parametrize("flag", ["HH", "LL", "AA", "H"])
def test_a_critical_flag_on_another_laboratory_test_is_heard_and_no_analyte_inferred(
    category: object, alarm: bool, flag: str, lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab("718-7", "50", "g/L", flags=flag, category=category))

    assert present(facts) == ({"other-lab.critical"} if alarm and flag != "H" else set())
    assert facts.open == ()


def test_a_critical_glucose_says_on_which_side(lab: Lab, found: Found, present: Present) -> None:
    low = {"glucose.critical", "glucose.critical-low", "glucose.low"}
    high = {"glucose.critical", "glucose.critical-high", "glucose.high"}
    assert present(found(lab("2345-7", "45", "mg/dL"))) == low
    assert present(found(lab("2345-7", "300", "mg/dL", flags="LL"))) == low
    assert present(found(lab("2345-7", "399", "mg/dL", flags="HH"))) == high
    assert present(found(lab("2345-7", "400", "mg/dL"))) == high
    assert present(found(lab("14749-6", "34", "mmol/L"))) == high
    assert "other-lab.critical" in present(found(lab("2345-7", "90", "mg/dL", flags="AA")))


def test_a_side_without_a_limit_is_told(lab: Lab, found: Found, present: Present) -> None:
    between = found(lab("2345-7", "300", "mg/dL"))

    assert present(between) == set()
    assert between.facts["glucose.high"].presence is Presence.UNKNOWN
    assert [(note.code, "one side only" in note.text) for note in between.notes] == [
        ("not-assessed", True)
    ]


def test_a_critical_creatine_kinase_needs_no_flag(lab: Lab, found: Found, present: Present) -> None:
    high = {"creatine-kinase.critical", "creatine-kinase.critical-high", "creatine-kinase.high"}
    for unit in ("U/L", "[iU]/L", "IU/L"):
        assert present(found(lab("2157-6", "41000", unit))) == high
        assert present(found(lab("2157-6", "4999", unit))) == set()


def test_a_later_value_of_the_same_other_test_takes_its_place(
    lab: Lab, found: Found, present: Present
) -> None:
    flagged = lab("718-7", "50", "g/L", flags="LL", hours=60, identifier="a")
    later = lab("718-7", "90", "g/L", hours=5, identifier="b")

    assert present(found(flagged, later)) == set()
    assert "other-lab.critical" in present(
        found(flagged, lab("789-8", "4", hours=5, identifier="b"))
    )
    assert "other-lab.critical" in present(found(flagged, {**later, "status": "preliminary"}))
    kept = found(lab("718-7", "50", "g/L", flags="LL", hours=40, identifier="a"), later)
    assert "other-lab.critical" in present(kept)
    assert kept.used == ("Observation/a", "Observation/b")
    old = found(lab("718-7", "50", "g/L", flags="LL", hours=9 * DAY))
    assert present(old) == {"other-lab.repeat"}
    assert notes(old) == ["old-lab"]


def test_the_later_value_is_quoted_with_its_bound_and_counted_as_used_without_an_id(
    lab: Lab, found: Found
) -> None:
    flagged = lab("718-7", "50", "g/L", flags="LL", hours=40, identifier="a")
    later = {**lab("718-7", "90", "g/L", comparator=">", hours=5), "id": None}

    facts = found(flagged, later)

    assert any("the newer 718-7 >90 g/L" in one.text for one in facts.notes)
    assert facts.used == ("Observation/a", resource_name(later, None))


def test_a_code_that_is_taken_for_calcium_elsewhere_is_not_calcium(
    lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab("32309-7", "1.0", "mmol/L"))

    assert present(facts) == set()
    assert facts.facts["calcium-total.critical"].presence is Presence.UNKNOWN
    assert facts.used == ()
