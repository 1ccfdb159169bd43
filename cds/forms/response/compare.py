"""Two values compared by their FHIR types; types that do not fit never raise."""

from decimal import Decimal
from typing import Any

from cds.forms.values import dates

NUMBERS = ("integer", "decimal")
MOMENTS = ("date", "dateTime", "time")
TEXTS = frozenset({"string", "uri"})


def number(value: object) -> Decimal | int | None:
    """A JSON number as an exact one; None for anything else (a boolean is no number)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return None


def equal(kind: str, value: Any, other_kind: str, other: Any) -> bool:
    """Whether an answer equals the expected one; Codings by code, and by an expected system."""
    if kind in NUMBERS and other_kind in NUMBERS:
        left, right = number(value), number(other)
        return left is not None and left == right
    if kind in MOMENTS and other_kind in MOMENTS:
        one, another = dates.parse(kind, value), dates.parse(other_kind, other)
        return one is not None and one == another
    if kind in TEXTS and other_kind in TEXTS:
        return isinstance(value, str) and value == other
    if kind != other_kind:
        return False
    match kind:
        case "Coding":
            return _same_coding(value, other)
        case "Quantity":
            return quantity_order(value, other) == 0
        case "Reference":
            return _same_reference(value, other)
        case _:
            return type(value) is type(other) and bool(value == other)


def _same_coding(value: object, other: object) -> bool:
    if not isinstance(value, dict) or not isinstance(other, dict):
        return False
    if other.get("system") is not None and value.get("system") != other["system"]:
        return False
    if other.get("code") is None:
        return value.get("display") == other.get("display") is not None
    return bool(value.get("code") == other["code"])


def _same_reference(value: object, other: object) -> bool:
    """Whether both name one thing: by reference; where one has none, by identifier or display."""
    if not isinstance(value, dict) or not isinstance(other, dict):
        return False
    for key in ("reference", "identifier", "display"):
        if other.get(key) is not None:
            return bool(value.get(key) == other[key])
    return False


def ordered(kind: str, value: Any, other_kind: str, other: Any) -> int | None:
    """-1, 0, 1, or None where the two cannot be ordered (types, units, unreadable)."""
    if kind in NUMBERS and other_kind in NUMBERS:
        left, right = number(value), number(other)
        return None if left is None or right is None else (left > right) - (left < right)
    if kind in MOMENTS and other_kind in MOMENTS and (kind == "time") == (other_kind == "time"):
        one, another = dates.parse(kind, value), dates.parse(other_kind, other)
        if one is None or another is None:
            return None
        if len(one) != len(another):
            # A day has no zone: it is the day where the moment was written down.
            one, another = dates.as_written(value, one), dates.as_written(other, another)
        return dates.compare(one, another)
    if kind in TEXTS and other_kind in TEXTS and isinstance(value, str) and isinstance(other, str):
        return (value > other) - (value < other)
    if kind == other_kind == "Quantity":
        return quantity_order(value, other)
    return None


def quantity_order(value: object, other: object) -> int | None:
    """Compare two quantities, converting between UCUM units where that can be done exactly."""
    from cds.forms.values.ucum import compare_quantities  # noqa: PLC0415 - the table is read only for quantities

    return compare_quantities(value, other)


def is_coarser(kind: str, value: object, other_kind: str, other: object) -> bool:
    """Whether a date is given less exactly than the limit, so that it is on both sides of it."""
    if kind not in MOMENTS:
        return False
    left = dates.parse(kind, value)
    right = dates.parse(other_kind, other) or dates.parse_date_time(other)
    return left is not None and right is not None and len(left) < len(right)
