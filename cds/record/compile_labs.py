"""The laboratory part of record.toml: policy, analytes, limits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cds.record.interest import Interest, displays, interest_of
from cds.record.rules import Analyte, LabPolicy, Limits
from cds.record.systems import Addresses
from cds.record.tables import TableReader

SIGNS = frozenset(
    {"critical", "critical-low", "critical-high", "abnormal", "low", "high", "repeat"}
)
LAB_SYSTEMS = ("loinc", "snomed")
_NO_WORDS = frozenset[str]()


def policy_of(
    table: Mapping[str, Any], named: Mapping[str, Addresses], reader: TableReader
) -> LabPolicy:
    """Which results count, and for how long."""
    where = "record.toml: labs"

    def texts(key: str) -> frozenset[str]:
        return frozenset(reader.texts(table, key, where))

    final, never = texts("final"), texts("never")
    critical, low, high = texts("critical_flags"), texts("low_flags"), texts("high_flags")
    abnormal, normal = texts("abnormal_flags"), texts("normal_flags")
    alarms = critical | low | high | abnormal
    return LabPolicy(
        final=final,
        never=never,
        settled=final - never,
        critical_flags=critical,
        low_flags=low,
        high_flags=high,
        abnormal_flags=abnormal,
        normal_flags=normal,
        alarms=alarms,
        flags=alarms | normal,
        recent=timedelta(days=reader.number(table, "recent_days", where)),
        standing=timedelta(hours=reader.number(table, "standing_hours", where)),
        adult_years=reader.number(table, "adult_years", where),
        categories=frozenset(word.casefold() for word in texts("categories")),
        category_codes=_category_codes(table, named, reader),
        flagged_categories=texts("flagged_categories")
        if "flagged_categories" in table
        else _NO_WORDS,
        other_tests=texts("other_tests") if "other_tests" in table else _NO_WORDS,
        other_critical=reader.text(table, "other_critical", where),
        other_repeat=reader.text(table, "other_repeat", where),
        unusable=reader.text(table, "unusable", where),
        unusable_floor=reader.text(table, "unusable_floor", where),
        minor_floor=reader.text(table, "minor_floor", where),
    )


def _category_codes(
    table: Mapping[str, Any], named: Mapping[str, Addresses], reader: TableReader
) -> tuple[tuple[Addresses, frozenset[str]], ...]:
    """What says "laboratory" in other code systems."""
    listed = table.get("category_codes", {})
    for name in sorted(set(listed) - set(named)):
        where = f"record.toml: labs: category_codes: {name}"
        reader.fault(where, "is not a code system of [systems].", reader.nearest(name, named))
    return tuple(
        (named[name], frozenset(reader.codes(listed, name, "record.toml: labs: category_codes")))
        for name in listed
        if name in named
    )


def tests_of(record: Mapping[str, Any], policy: LabPolicy, reader: TableReader) -> Interest:
    """What the tests are called that are asked for, with the facts that each may support."""
    named: list[tuple[str, tuple[str, ...]]] = []
    signs: list[tuple[str, tuple[str, ...]]] = []
    for where, one in reader.tables(record, "analyte"):
        facts = tuple(f"{one.get('id')}.{sign}" for sign in signs_of(one))
        called = [str(one.get("id")), str(one.get("display")), *displays(one, LAB_SYSTEMS)]
        if "names" in one:
            called += reader.texts(one, "names", where)
        if "short_names" in one:
            signs += [(name, facts) for name in reader.texts(one, "short_names", where)]
        named += [(name, facts) for name in called]
    return interest_of(named, policy.other_tests, signs)


def signs_of(one: Mapping[str, Any]) -> list[str]:
    """The signs that an analyte of record.toml may support, as it lists them."""
    signs = one.get("signs")
    return [sign for sign in signs if isinstance(sign, str)] if isinstance(signs, list) else []


def analytes_of(record: Mapping[str, Any], reader: TableReader) -> dict[str, Analyte]:
    """The analytes by code; a code that two of them claim is a fault."""
    found: dict[str, Analyte] = {}
    for where, one in reader.tables(record, "analyte"):
        analyte = _analyte(one, where, reader)
        codes = {name: reader.codes(one, name, where) for name in LAB_SYSTEMS}
        if not codes["loinc"]:
            reader.fault(f"{where}: loinc", "is missing.", "Nothing is found without a code.")
        for name, code in ((name, code) for name, listed in codes.items() for code in listed):
            if code in found:
                reader.fault(f"{where}: {name}", f"{code} is also a code of {found[code].id}.")
            found[code] = analyte
    return found


def systems_of(
    record: Mapping[str, Any], named: Mapping[str, Addresses], reader: TableReader
) -> dict[str, Addresses]:
    """The spellings of the code system that each code of an analyte is one of."""
    return {
        code: named[name]
        for where, one in reader.tables(record, "analyte")
        for name in LAB_SYSTEMS
        for code in reader.codes(one, name, where)
    }


def _analyte(one: Mapping[str, Any], where: str, reader: TableReader) -> Analyte:
    signs = reader.texts(one, "signs", where)
    for sign in sorted(set(signs) - SIGNS):
        reader.fault(
            f"{where}: signs", f"{sign!r} is not a sign.", f"Known: {', '.join(sorted(SIGNS))}."
        )
    limits = [
        _limits(table, f"{where}: {place}", reader) for place, table in reader.tables(one, "limits")
    ]
    spelled = [spelling for each in limits for spelling in each.spellings]
    for spelling in sorted({each for each in spelled if spelled.count(each) > 1}):
        reader.fault(f"{where}: limits", f"{spelling!r} is a spelling of two units.")
    flags = frozenset(reader.texts(one, "flags", where)) if "flags" in one else frozenset[str]()
    if "critical" in signs and not flags:
        reader.fault(f"{where}: flags", "is missing.", "Name the flags that make it critical.")
    return Analyte(
        id=reader.text(one, "id", where),
        display=reader.text(one, "display", where),
        signs=signs,
        critical_flags=flags,
        limits=tuple(limits),
    )


def _limits(one: Mapping[str, Any], where: str, reader: TableReader) -> Limits:
    unit = reader.text(one, "unit", where)
    numbers = {
        key: reader.decimal(one.get(key), f"{where}: {key}")
        for key in ("reference_low", "reference_high", "critical_low", "critical_high")
    }
    limits = Limits(
        unit=unit,
        spellings=frozenset({unit, *reader.texts(one, "spellings", where)}),
        source=reader.text(one, "source", where),
        **numbers,
    )
    reader.ordered(limits.reference_low, limits.reference_high, where)
    reader.ordered(limits.critical_low, limits.reference_low, where)
    reader.ordered(limits.reference_high, limits.critical_high, where)
    return limits
