"""Each limit of each analyte in each unit, at its boundary; and how units may be written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.core.model import Facts, Presence

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]
Golden = Callable[[str], list[dict[str, str]]]


def nudge(number: str, by: int) -> str:
    """The next number up or down, one digit finer than it is printed."""
    value = Decimal(number)
    return str(value + by * Decimal(1).scaleb(value.as_tuple().exponent - 1))  # type: ignore[operator]


def rows_of(golden: Golden) -> list[dict[str, str]]:
    return golden("lab-limits.csv")


def each_spelling(golden: Golden) -> list[tuple[dict[str, str], str, str]]:
    return [
        (row, code, unit)
        for row in rows_of(golden)
        if row["unit"]
        for code in row["loinc"].split("|")
        for unit in row["spellings"].split("|")
    ]


def test_every_critical_limit_is_critical_at_the_limit_and_not_inside_it(
    golden: Golden, lab: Lab, found: Found, present: Present
) -> None:
    tried = 0
    for row, code, unit in each_spelling(golden):
        for key, inward in (("critical_low", 1), ("critical_high", -1)):
            if not row[key]:
                continue
            fact = f"{row['analyte']}.critical"
            for value, expected in (
                (row[key], True),
                (nudge(row[key], -inward), True),
                (nudge(row[key], inward), False),
            ):
                facts = found(lab(code, value, unit))
                assert (fact in present(facts)) is expected, (row["analyte"], unit, value)
                side = f"{row['analyte']}.{'low' if inward == 1 else 'high'}"
                assert side in present(facts), (row["analyte"], unit, value)
            tried += 1

    assert tried == 124


def test_every_reference_limit_is_normal_at_the_limit_and_abnormal_beyond_it(
    golden: Golden, lab: Lab, found: Found, present: Present
) -> None:
    for row, code, unit in each_spelling(golden):
        for key, outward in (("reference_low", -1), ("reference_high", 1)):
            if not row[key]:
                continue
            at, beyond = (
                found(lab(code, row[key], unit)),
                found(lab(code, nudge(row[key], outward), unit)),
            )
            fact, side = f"{row['analyte']}.abnormal", "low" if outward == -1 else "high"
            assert fact not in present(at)
            assert present(beyond) == {fact, f"{row['analyte']}.{side}"}


def test_every_code_of_the_table_is_known_and_a_strictly_normal_value_rules_critical_out(
    golden: Golden, lab: Lab, found: Found
) -> None:
    for row, code, unit in each_spelling(golden):
        inside = nudge(row["reference_low"], 1)

        facts = found(lab(code, inside, unit)).facts

        assert facts[f"{row['analyte']}.critical"].presence is Presence.ABSENT
        assert facts[f"{row['analyte']}.low"].presence is Presence.ABSENT


def test_an_analyte_without_limits_listens_to_the_laboratory_only(
    golden: Golden, lab: Lab, found: Found, present: Present
) -> None:
    bare = [row for row in rows_of(golden) if not row["unit"]]
    assert {row["analyte"] for row in bare} == {"creatinine", "egfr", "creatine-kinase"}
    # Creatine kinase has a critical limit of ours since, in its own unit.
    for row in [row for row in bare if row["analyte"] != "creatine-kinase"]:
        name = row["analyte"]
        for code in row["loinc"].split("|"):
            flagged = found(lab(code, "9", "any", flags="H"))
            ranged = found(
                lab(
                    code,
                    "9",
                    "any",
                    referenceRange=[{"high": {"value": Decimal(8), "code": "any"}}],
                )
            )
            silent = found(lab(code, "9", "any"))

            assert present(flagged) == {f"{name}.abnormal", f"{name}.high"}
            assert present(ranged) == {f"{name}.abnormal", f"{name}.high"}
            assert present(silent) == set()
            assert [note.code for note in silent.notes] == ["not-assessed"]
            assert silent.open == ()
            assert silent.floors == ()


def test_an_unlisted_critical_flag_of_such_an_analyte_is_another_critical_value(
    lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab("2160-0", "9", "mg/dL", flags="HH"))

    assert present(facts) == {"other-lab.critical", "creatinine.abnormal", "creatinine.high"}


@pytest.mark.parametrize(
    ("quantity", "usable"),
    [
        ({"unit": "mmol/L"}, True),  # no code: the unit counts
        ({"unit": "mval/L"}, False),
        ({"unit": "mmol"}, False),
        ({"unit": "MMOL/L"}, False),  # not a listed spelling
        ({"code": "mmol/L"}, False),  # a code without its system is not UCUM
        ({"code": "mmol/L", "system": "http://unitsofmeasure.org"}, True),
        ({"code": "mmol/L", "system": "urn:oid:2.16.840.1.113883.6.8"}, True),
        ({"code": "mmol/L", "system": "http://example.org/units"}, False),
        ({"code": "mmol/L", "system": "http://unitsofmeasure.org", "unit": "mmol per litre"}, True),
        ({"code": "mmol/L", "system": "http://unitsofmeasure.org", "unit": "mEq/L"}, True),
        ({"code": "mmol/L", "system": "http://unitsofmeasure.org", "unit": "MMOL/L"}, True),
        ({"code": "mmol/L", "system": "http://unitsofmeasure.org", "unit": "mg/dL"}, False),
        ({"code": "mg/dL", "system": "http://unitsofmeasure.org", "unit": "mmol/L"}, False),
        ({"code": "mg/dL", "unit": "mmol/L"}, False),  # whatever its system: they disagree
        ({"unit": None, "code": None}, False),
        ({}, False),
        ({"unit": 7, "code": ["mmol/L"], "system": {}}, False),
    ],
)
def test_a_unit_is_taken_as_written_and_never_guessed(
    quantity: Json, usable: bool, lab: Lab, found: Found, present: Present
) -> None:
    facts = found(lab("2823-3", None, None, valueQuantity={"value": Decimal("2.5"), **quantity}))

    assert ("potassium.critical" in present(facts)) is usable
    if not usable:
        assert facts.facts["potassium.critical"].presence is Presence.UNUSABLE
        assert [(one.record, one.why) for one in facts.open] == [("Observation/o", "unit-unusable")]
        assert "potassium.critical" in facts.open[0].facts
        assert [floor.level for floor in facts.floors] == ["routine"]
        assert "lab.unusable" in present(facts)


def test_the_same_number_means_another_thing_in_another_unit(
    lab: Lab, found: Found, present: Present
) -> None:
    assert "magnesium.critical" in present(found(lab("2601-3", "0.82", "meq/L")))
    assert "magnesium.critical" not in present(found(lab("2601-3", "0.82", "mmol/L")))
    assert "magnesium.critical" in present(found(lab("2601-3", "0.82", "mg/dL")))
    contradiction = {
        "value": Decimal("0.82"),
        "unit": "mEq/L",
        "code": "mmol/L",
        "system": "http://unitsofmeasure.org",
    }
    assert present(found(lab("2601-3", None, valueQuantity=contradiction))) == {"lab.unusable"}


@given(unit=st.text(max_size=12), value=st.decimals("0", "20", places=2))
def test_a_unit_outside_the_table_never_alarms_and_never_reassures(
    unit: str, value: Decimal, rules_found: Found
) -> None:
    quantity = {"value": value, "unit": unit}
    known = {"mmol/L", "mmol/l", "meq/L", "mEq/L", "meq/l", "mEq/l"}
    resource = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": "2026-11-21T11:00:00Z",
        "valueQuantity": quantity,
    }

    states = {
        one.presence
        for one in rules_found(resource).facts.values()
        if one.id.startswith("potassium.")
    }

    expected = (
        {Presence.PRESENT, Presence.ABSENT, Presence.UNKNOWN}
        if unit in known
        else {Presence.UNUSABLE}
    )
    assert states <= expected


@pytest.fixture(scope="session")
def rules_found(found: Found) -> Found:
    return found
