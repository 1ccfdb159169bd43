"""The words beside a laboratory value: what it is, and what made it critical or abnormal."""

from decimal import Decimal

from cds.core.model import Evidence
from cds.record.reading import MeasuredValue
from cds.record.rules import LabPolicy, Limits
from cds.record.span import span_of
from cds.record.words import clean, on_date, quantity

FAULT_WORDS = {
    "no-value": "has no value that can be read",
    "unit-unusable": "has a unit that is not in the list, or that contradicts itself",
    "unreadable": "cannot be read",
}


def named(reading: MeasuredValue) -> str:
    """`Potassium 2.6 mmol/L on 2026-11-19 08:00 UTC`."""
    value = quantity(reading.value, reading.unit, reading.comparator)
    return f"{clean(reading.analyte.display)} {value} {on_date(reading.when.text)}"


def evidence_of(reading: MeasuredValue, policy: LabPolicy, *, adult: bool) -> Evidence:
    """The value as evidence, with all that marks it."""
    marks = list(_marks(reading, policy, adult=adult))
    return Evidence(
        record=reading.record,
        value=reading.value,
        unit=reading.unit,
        date=reading.when.text,
        mark="; ".join(marks) or None,
    )


def _marks(reading: MeasuredValue, policy: LabPolicy, *, adult: bool) -> list[str]:
    marks = [] if reading.final else [f"status {clean(reading.status)}, not final"]
    if not reading.when.exact:
        marks.append("time not exact" if reading.when.text else "no time")
    if reading.comparator:
        value = quantity(reading.value, reading.unit, reading.comparator)
        marks.append(f"reported as {value}, counted at the worst value that this allows")
    flags = ", ".join(sorted(reading.flags & policy.alarms)) if reading.flags else ""
    if flags:
        marks.append(f"flagged {flags} by the laboratory")
    limit = _beyond(reading) if adult else None
    if limit:
        marks.append(limit)
    elif reading.ranges.own and not flags:
        marks.append(f"the laboratory's range is {_range(*reading.ranges.own[0])}")
    elif reading.ranges.perhaps and not flags:
        said = _range(*reading.ranges.perhaps[0])
        marks.append(f"a range of the laboratory that may be this patient's is {said}")
    elif adult and reading.limits and not flags:
        limits = reading.limits
        marks.append(
            f"reference {_range(limits.reference_low, limits.reference_high)} {limits.unit}"
        )
    return marks


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return f"up to {high}"
    return f"from {low}" if high is None else f"{low} to {high}"


def _beyond(reading: MeasuredValue) -> str | None:
    """Which critical limit of the table the value reaches, and where the limit is from."""
    limits: Limits | None = reading.limits
    if limits is None or reading.value is None or reading.fault is not None:
        return None
    span = span_of(reading.value, reading.comparator)
    low, high = limits.critical_low, limits.critical_high
    if low is not None and span.reaches_down(low, at=True):
        return f"critical at or under {low} {limits.unit} ({limits.source})"
    if high is not None and span.reaches_up(high, at=True):
        return f"critical at or over {high} {limits.unit} ({limits.source})"
    return None
