"""One result, an Observation or one of its components: as the record has it, and as it is read."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from cds.record.ranges import NO_RANGES, Ranges, Whose, ranges_of
from cds.record.rules import Analyte, Limits, RecordRules
from cds.record.shapes import as_many, as_object, number_of
from cds.record.times import Bounds, When, when_of, within
from cds.record.units import counting_unit, limits_of, written_unit
from cds.record.words import clean
from cds.record.words import quantity as in_words

DEEPEST = 8  # components inside components
COMPARATORS = frozenset({"<", "<=", ">=", ">"})


class Result(NamedTuple):
    """A result that is not read yet: most never are.

    `time`, `quantity` and `ranges` are as written. `mixed`: its codes name two analytes.
    """

    time: Any
    analyte: Analyte
    record: str
    status: str
    flags: frozenset[str]
    quantity: Any
    ranges: Any
    mixed: bool


# The same without its names, which take longer to make than all else that most results need.
Bare = tuple[Any, Analyte, str, str, frozenset[str], Any, Any, bool]


class MeasuredValue(NamedTuple):
    """One measured value, as the laboratory reported it.

    `fault` says why the value cannot be used: no-value, unit-unusable or unreadable. `ranges` are
    the laboratory's own, kept only where they are in the unit of the value.
    """

    analyte: Analyte
    record: str
    final: bool
    status: str
    when: When
    flags: frozenset[str]
    value: Decimal | None
    comparator: str | None
    unit: str | None
    limits: Limits | None
    ranges: Ranges
    fault: str | None
    written: str | None = None  # a value in words: shown, never read


def components_of(node: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Its components; those inside others are read too, though FHIR has none there."""
    for one in as_many(node.get("component")):
        if isinstance(one, dict):
            yield one
            if "component" in one and depth < DEEPEST:
                yield from components_of(one, depth + 1)


def when_text(observation: Mapping[str, Any]) -> object:
    """The time that it was measured at, as written: of a period its end counts.

    A period without an end is ongoing, says FHIR (Period.end, meaning when missing): its start is
    the earliest time and now the latest one. So it has no time that could make it old or new: its
    value alarms, and never reassures or takes the place of another.
    """
    text = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    return as_object(observation.get("effectivePeriod")).get("end") if text is None else text


def effective(observation: Mapping[str, Any]) -> When:
    """When it was measured."""
    return when_of(when_text(observation))


def comparator_of(quantity: Mapping[str, Any]) -> str | None:
    """The comparator of a quantity; None if there is none, or none that FHIR knows."""
    written = quantity.get("comparator")
    return written if isinstance(written, str) and written in COMPARATORS else None


def measured(node: Mapping[str, Any]) -> Any:
    """The quantity; of a value in words, the words, which are shown and never read."""
    found = node.get("valueQuantity")
    written = node.get("valueString", node.get("valueInteger"))
    return {"written": written} if found is None and written is not None else found


def written_value(quantity_or_words: object, rules: RecordRules) -> str | None:
    """The value as the record writes it."""
    found = as_object(quantity_or_words)
    number = number_of(found.get("value"))
    if number is not None:
        return in_words(number, written_unit(found, rules.ucum), comparator_of(found))
    written = found.get("written")
    return clean(str(written)) if isinstance(written, str | int) else None


def result_reading(
    result: Result, bounds: Bounds | None, rules: RecordRules, whose: tuple[Whose, date]
) -> MeasuredValue:
    """Read a result; `bounds` are those of its time, `whose` the patient and today.

    Of a test that is not listed only the flags count, so no value of it is at fault.
    """
    analyte, quantity = result.analyte, as_object(result.quantity)
    value, comparator = number_of(quantity.get("value")), comparator_of(quantity)
    unit = counting_unit(quantity, rules.ucum)
    limits = limits_of(quantity, unit, analyte, rules) if analyte.limits else None
    fault = None
    if result.mixed:
        fault = "unreadable"  # its codes name two analytes: neither is believed
    elif value is None:
        fault = "no-value"
    elif comparator is None and quantity.get("comparator") is not None:
        fault = "unreadable"
    elif analyte.limits and limits is None:
        fault = "unit-unusable"
    when = within(result.time, bounds)
    ranges = NO_RANGES
    if result.ranges and value is not None and fault in {None, "unit-unusable"}:
        spellings = limits.spellings if limits else None
        patient, today = whose
        past = when.latest is not None and when.latest.date() <= today
        day = when.day if past and when.day is not None else today
        ranges = ranges_of(result.ranges, quantity, spellings, rules, (patient, day))
    return MeasuredValue(
        analyte,
        result.record,
        result.status in rules.labs.final,
        result.status,
        when,
        result.flags,
        value,
        comparator,
        written_unit(quantity, rules.ucum) if fault == "unit-unusable" else unit,
        limits,
        ranges,
        fault if analyte.listed else None,
        None if value is not None else written_value(quantity, rules),
    )
