"""record.toml is compiled, or every fault of it is named; a site may set its own limits."""
# ruff: noqa: E501 - a table of faults

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from cds.core.model import Presence
from cds.errors import PackError
from cds.record.compile import compile_record, record_faults
from cds.record.facts import facts_of

Json = dict[str, Any]
Lab = Callable[..., Json]


@dataclass(frozen=True)
class Site:
    analyte: str
    unit: str
    critical_low: object = None
    critical_high: object = None
    source: str = "Laboratory handbook 2026, page 4"


def test_the_pack_has_no_fault_and_declares_what_the_rules_name(record_toml: Json) -> None:
    assert record_faults(record_toml) == ()


Change = Callable[[Json], object]


@pytest.mark.parametrize(
    ("change", "where", "problem"),
    [
        (lambda r: r.pop("labs"), "record.toml: labs", "missing"),
        (lambda r: r["labs"].pop("final"), "record.toml: labs: final", "list of texts"),
        (lambda r: r["labs"].update(recent_days=0), "record.toml: labs: recent_days", "above 0"),
        (lambda r: r["systems"].pop("loinc"), "systems: loinc", "list of texts"),
        (lambda r: r["analyte"][0]["limits"][0].update(critical_low="abc"), "limits mmol/L: critical_low", "not a number"),
        (lambda r: r["analyte"][0]["limits"][0].update(critical_low="200"), "limits mmol/L", "not under"),
        (lambda r: r["analyte"][0]["limits"][0].pop("source"), "limits mmol/L: source", "text"),
        (lambda r: r["analyte"][0].update(signs=["worse"]), "analyte sodium: signs", "not a sign"),
        (lambda r: r["analyte"][0].pop("loinc"), "analyte sodium: loinc", "missing"),
        (lambda r: r["analyte"][0].pop("flags"), "analyte sodium: flags", "missing"),
        (lambda r: r["analyte"][1]["loinc"].update({"2951-2": "x"}), "analyte potassium: loinc", "also a code of sodium"),
        (lambda r: r["analyte"][4]["limits"][0]["spellings"].append("mg/dL"), "analyte magnesium: limits", "two units"),
        (lambda r: r["medicine"][0].pop("names"), "medicine medicine.diuretic: names", "list of texts"),
        (lambda r: r["condition"][0].update(snomed=["1"]), "condition condition.cramp: snomed", "codes"),
        (lambda r: r["facts"].pop("sodium.low"), "record.toml: facts", "'sodium.low' is found but not declared"),
        (lambda r: r["facts"].update({"x.y": "X"}), "record.toml: facts", "nothing finds 'x.y'"),
        (lambda r: r["prefill"][0].update(fact="medicine.diuretics"), "record.toml: prefill", "not a declared fact"),
        (lambda r: r["conflict"][0].update(state="maybe"), "conflict history.hemodialysis: state", "not known"),
        (lambda r: r.update(analyte={}), "record.toml: analyte", "array of tables"),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_its_place(
    change: Change, where: str, problem: str, record_toml: Json
) -> None:
    broken = copy.deepcopy(record_toml)
    change(broken)

    faults = record_faults(broken)

    assert any(where in fault.where and problem in fault.problem for fault in faults), faults


def test_a_misspelt_fact_is_offered_the_nearest(record_toml: Json) -> None:
    broken = copy.deepcopy(record_toml)
    broken["prefill"][0]["fact"] = "medicine.diuretics"

    assert record_faults(broken)[0].hint == "Did you mean 'medicine.diuretic'?"


@pytest.mark.parametrize("low", ["3.0", Decimal("3.0"), 3.0, 3])
def test_a_site_sets_its_own_limit_and_its_source_travels(
    low: object, record_toml: Json, lab: Lab, adult: Json, now: datetime
) -> None:
    rules = compile_record(record_toml, [Site("potassium", "mmol/L", critical_low=low)])

    def fact(value: str) -> Any:
        facts = facts_of([adult, lab("2823-3", value)], rules, now=now, patient="Patient/p")
        return facts.facts["potassium.critical"]

    assert fact("3.1").presence is Presence.ABSENT
    assert fact("3.0").presence is Presence.PRESENT
    assert "site: Laboratory handbook 2026, page 4" in fact("3.0").evidence[0].mark
    assert fact("6.2").presence is Presence.PRESENT  # the side that was left out stays the pack's


@pytest.mark.parametrize(
    ("site", "where"),
    [
        (Site("kalium", "mmol/L", "3.0"), "kalium"),
        (Site("potassium", "mg/dL", "3.0"), "potassium"),
        (Site("potassium", "mmol/L", "low"), "critical_low"),
        (Site("potassium", "mmol/L", "7.0", "6.0"), "potassium"),
        (Site("potassium", "mmol/L", "3.0", source=""), "source"),
    ],
)
def test_a_faulty_limit_of_a_site_is_refused(site: Site, where: str, record_toml: Json) -> None:
    with pytest.raises(PackError) as caught:
        compile_record(record_toml, [site])

    assert all(where in fault.where for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("low", "high", "fault"),
    [
        ("2.5", "6.5", None),
        (None, "8.6", None),
        ("0", "6.5", None),  # none on that side: said, not refused
        ("0", "0", None),
        (None, "65", "critical_high"),  # a slip of the point
        ("25", None, "critical_low"),
        ("3.6", None, "critical_low"),  # within what is normal
        ("1.3", None, "critical_low"),
        (None, "4.9", "critical_high"),
    ],
)
def test_a_limit_that_no_laboratory_can_mean_is_refused_and_every_other_is_told(
    low: str | None, high: str | None, fault: str | None, record_toml: Json
) -> None:
    site = Site("potassium", "mmol/L", low, high, "Laboratory handbook 2026")

    if fault is not None:
        with pytest.raises(PackError) as caught:
            compile_record(record_toml, [site])
        assert caught.value.faults[0].where.endswith(fault)
        return
    limits = compile_record(record_toml, [site]).site_limits
    assert [str(one.own) for one in limits] == [one for one in (low, high) if one is not None]


def test_a_site_may_not_judge_a_side_that_the_pack_does_not(record_toml: Json) -> None:
    with pytest.raises(PackError):
        compile_record(record_toml, [Site("creatine-kinase", "U/L", "5", None, "Handbook")])
