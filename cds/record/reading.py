"""One result, an Observation or one of its components: as the record has it, and as it is read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from cds.record.rules import Analyte, Limits, RecordRules
from cds.record.times import Bounds, When, when_of, within
from cds.record.units import limits_of, unit_of

Range = tuple[Decimal | None, Decimal | None]
Codings = list[tuple[str | None, str, str | None]]
NO_FLAGS = frozenset[str]()
COMPARATORS = frozenset({"<", "<=", ">=", ">"})
MAX_EXPONENT = 40


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


class Reading(NamedTuple):
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
    ranges: tuple[Range, ...]
    fault: str | None


def as_list(value: object) -> list[Any]:
    """A list as it is; anything else is an empty one."""
    return value if isinstance(value, list) else []


def as_object(value: object) -> Mapping[str, Any]:
    """A JSON object as it is; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def text_at(node: Mapping[str, Any], key: str) -> str | None:
    """The text at this key; None if there is none, or something else."""
    found = node.get(key)
    return found if isinstance(found, str) and found else None


def codings_of(concept: object) -> Codings:
    """(system, code, display) of every coding that has a code."""
    if not isinstance(concept, dict):
        return []
    found: Codings = []
    for one in as_list(concept.get("coding")):
        code = one.get("code") if isinstance(one, dict) else None
        if isinstance(code, str) and code:
            system, display = one.get("system"), one.get("display")
            found.append(
                (
                    system if isinstance(system, str) else None,
                    code,
                    display if isinstance(display, str) and display else None,
                )
            )
    return found


def when_text(observation: Mapping[str, Any]) -> object:
    """The time that it was measured at, as written: of a period its end counts."""
    text = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    return as_object(observation.get("effectivePeriod")).get("end") if text is None else text


def effective(observation: Mapping[str, Any]) -> When:
    """When it was measured."""
    return when_of(when_text(observation))


def flags_of(node: Mapping[str, Any], rules: RecordRules) -> frozenset[str]:
    """The laboratory's flags that mean something here.

    A flag of another code system is not heard; one without a system is, when it is an alarm.
    """
    found: set[str] = set()
    for concept in as_list(node.get("interpretation")):
        codings = codings_of(concept)
        for system, code, _ in codings:
            if system in rules.flag_systems or (system is None and code in rules.labs.alarms):
                found.add(code)
        text = text_at(as_object(concept), "text")
        if not codings and text in rules.labs.alarms:
            found.add(text or "")
    return frozenset(found & rules.labs.flags)


def is_laboratory(observation: Mapping[str, Any], rules: RecordRules) -> bool:
    """Whether its category is laboratory, or it has none."""
    categories = as_list(observation.get("category"))
    said = [
        word
        for one in categories
        for word in (*(code for _, code, _ in codings_of(one)), text_at(as_object(one), "text"))
        if word is not None
    ]
    return not said or any(word.casefold() in rules.labs.categories for word in said)


def number_of(value: object) -> Decimal | None:
    """A JSON number with its digits; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    # No measurement needs more; a number such as 1E+999999 could not even be printed.
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT else None


def comparator_of(quantity: Mapping[str, Any]) -> str | None:
    """The comparator of a quantity; None if there is none, or none that FHIR knows."""
    written = quantity.get("comparator")
    return written if isinstance(written, str) and written in COMPARATORS else None


def reading_of(result: Result, bounds: Bounds | None, rules: RecordRules) -> Reading:
    """Read a result; `bounds` are those of its time.

    Of a test that is not listed only the flags count, so no value of it is at fault.
    """
    analyte, quantity = result.analyte, as_object(result.quantity)
    value, comparator = number_of(quantity.get("value")), comparator_of(quantity)
    unit = unit_of(quantity, rules.ucum)
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
    usable = value is not None and fault in {None, "unit-unusable"}
    return Reading(
        analyte,
        result.record,
        result.status in rules.labs.final,
        result.status,
        within(result.time, bounds),
        result.flags,
        value,
        comparator,
        unit,
        limits,
        _ranges(result.ranges, quantity, limits, rules) if usable and result.ranges else (),
        fault if analyte.listed else None,
    )


def _ranges(
    ranges: object, quantity: Mapping[str, Any], limits: Limits | None, rules: RecordRules
) -> tuple[Range, ...]:
    """The laboratory's normal ranges in the unit of the value; a bound may leave the unit out."""
    counted = unit_of(quantity, rules.ucum)
    same = limits.spellings if limits else frozenset({counted})
    found: list[Range] = []
    for one in as_list(ranges):
        kinds = [code for _, code, _ in codings_of(as_object(one).get("type"))]
        bounds = [as_object(as_object(one).get(key)) for key in ("low", "high")]
        units = {unit_of(bound, rules.ucum) for bound in bounds} - {None}
        low, high = (number_of(bound.get("value")) for bound in bounds)
        inverted = low is not None and high is not None and low > high
        if (kinds and "normal" not in kinds) or not units <= same or inverted:
            continue
        if low is not None or high is not None:
            found.append((low, high))
    return tuple(found)
