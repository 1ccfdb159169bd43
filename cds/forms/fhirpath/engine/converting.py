"""Conversions between the System types: toInteger() and its kin. None where there is none."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine.arithmetic import in_range
from cds.forms.fhirpath.engine.moments import CALENDAR, Moment, parse_moment, spelled
from cds.forms.fhirpath.engine.values import Quantity, is_number
from cds.forms.values.ucum_codes import is_unit_code

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z")
_QUANTITY = re.compile(
    r"(?P<value>[+-]?[0-9]+(?:\.[0-9]+)?)\s*(?:'(?P<unit>[^']+)'|(?P<time>[a-z]+))?\Z"
)
_TRUE = frozenset(("true", "t", "yes", "y", "1", "1.0"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "0.0"))
_CALENDAR = frozenset(f"{name}{plural}" for name in CALENDAR for plural in ("", "s"))
_MAX_DIGITS = 30


def to_boolean(value: Any) -> bool | None:
    """A truth, or what is written as one."""
    if isinstance(value, bool):
        return value
    if is_number(value):
        return {0: False, 1: True}.get(value)
    if isinstance(value, str):
        text = value.lower()
        return True if text in _TRUE else False if text in _FALSE else None
    return None


def to_integer(value: Any) -> int | None:
    """A whole number that FHIRPath can hold."""
    found: int | None = None
    if isinstance(value, int) or (
        isinstance(value, str) and _INTEGER.match(value) and len(value) < _MAX_DIGITS
    ):
        found = int(value)
    return None if found is None else in_range(found)


def to_decimal(value: Any) -> Decimal | None:
    """A decimal number."""
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and _DECIMAL.match(value) and len(value) < _MAX_DIGITS:
        return Decimal(value)
    return None


def to_string(value: Any) -> str | None:
    """The text of a value, as FHIRPath writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Moment):
        return value.text or spelled(value)
    if isinstance(value, Quantity):
        unit = value.unit if value.unit in _CALENDAR else f"'{value.unit}'"
        return f"{format(value.value, 'f')} {unit}"
    return None


def to_quantity(value: Any) -> Quantity | None:
    """A quantity; a number is one without a unit."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool | int | Decimal):
        return Quantity(Decimal(value))
    found = _QUANTITY.match(value) if isinstance(value, str) else None
    if found is None or (found["time"] and found["time"] not in _CALENDAR):
        return None
    unit = found["unit"] or found["time"] or "1"
    if found["unit"] and not is_unit_code(unit):
        return None
    return Quantity(Decimal(found["value"]), unit)


def _moment_of(kind: str) -> Callable[[Any], Moment | None]:
    def convert(value: Any) -> Moment | None:
        if isinstance(value, Moment):
            if value.kind == kind:
                return value
            if kind == "DateTime" and value.kind == "Date":
                return Moment(kind, value.parts, None, value.text)
            if kind == "Date" and value.kind == "DateTime":
                return Moment(kind, value.parts[:3], None, value.text.partition("T")[0])
            return None
        if kind == "Date" and isinstance(value, str) and "T" in value:
            whole = parse_moment("DateTime", value)
            return None if whole is None else convert(whole)
        return parse_moment(kind, value)

    return convert


CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "String": to_string,
    "Quantity": to_quantity,
    "Date": _moment_of("Date"),
    "DateTime": _moment_of("DateTime"),
    "Time": _moment_of("Time"),
}
