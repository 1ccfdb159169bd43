"""What the quick look asks of one value: a function per item, as narrow as the form allows."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cds.forms import extensions as ext
from cds.forms.items import Item
from cds.forms.primitives import well_formed

ValueCheck = Callable[[Any], bool]
_LIMITS = frozenset((ext.MIN_VALUE, ext.MAX_VALUE, ext.MAX_DECIMAL_PLACES))
MAX_FREE = 10_000
_TWO, _THREE = 2, 3  # system and code; with display
_PLAIN = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "string": "valueString",
    "text": "valueString",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
}


class Unknown(Exception):
    """The form asks for something that only the full checks can judge."""


def value_check(item: Item) -> tuple[str, ValueCheck, ValueCheck | None]:
    """The key of the value, the function that judges it, and the one for free text beside options.

    Raises:
        Unknown: only the full checks can judge this item.
    """
    if "answerValueSet" in item.raw or "answerConstraint" in item.raw:
        raise Unknown
    if item.type in {"choice", "coding", "open-choice"} and item.options:
        if len(item.codings) != len(item.options):
            raise Unknown
        free = _free_text(item) if item.type == "open-choice" else None
        return "valueCoding", _coding(frozenset(item.codings)), free
    if item.type not in _PLAIN or item.options:
        raise Unknown
    return _PLAIN[item.type], _primitive(item), None


def _free_text(item: Item) -> ValueCheck:
    """Free text that is not the name of an option."""
    if item.raw.get("maxLength") is not None:
        raise Unknown
    names = {code.strip().casefold() for code in item.codes}
    for option in item.options:
        display = option["valueCoding"].get("display")
        if isinstance(display, str):
            names.add(display.strip().casefold())
    is_text = _text(MAX_FREE, one_line=True)
    return lambda value: is_text(value) and value.strip().casefold() not in names


def _coding(codings: frozenset[tuple[str | None, str]]) -> ValueCheck:
    def check(value: Any) -> bool:
        if (value["system"], value["code"]) not in codings:
            return False
        if len(value) == _TWO:
            return True
        display = value["display"]
        return (
            len(value) == _THREE
            and type(display) is str
            and display != ""
            and not display.isspace()
        )

    return check


def _primitive(item: Item) -> ValueCheck:
    type_ = item.type
    longest = item.raw.get("maxLength")
    if type_ in {"string", "text"}:
        if _LIMITS & set(item.extensions):
            raise Unknown
        most = (
            longest
            if isinstance(longest, int) and not isinstance(longest, bool) and longest > 0
            else 10_000
        )
        return _text(most, one_line=type_ == "string")
    if longest is not None:
        raise Unknown
    if type_ in {"integer", "decimal"}:
        return _number(item)
    if _LIMITS & set(item.extensions):
        raise Unknown
    return lambda value: well_formed(type_, value)


def _text(most: int, *, one_line: bool) -> ValueCheck:
    def check(value: Any) -> bool:
        if type(value) is not str or not 0 < len(value) <= most or value.isspace():
            return False
        return not one_line or ("\n" not in value and "\r" not in value)

    return check


def _number(item: Item) -> ValueCheck:
    if ext.MAX_DECIMAL_PLACES in item.extensions:
        raise Unknown
    least, most = _bound(item, ext.MIN_VALUE), _bound(item, ext.MAX_VALUE)
    kinds = (int,) if item.type == "integer" else (int, Decimal)
    low = -(2**31) if least is None else least
    high = 2**31 - 1 if most is None else most
    low, high = max(low, -(2**31)), min(high, 2**31 - 1)

    def check(value: Any) -> bool:
        return type(value) in kinds and low <= value <= high

    return check


def _bound(item: Item, url: str) -> int | Decimal | None:
    if url not in item.extensions:
        return None
    value = ext.first_value(item.extensions, url)
    if (
        len(item.extensions[url]) != 1
        or isinstance(value, bool)
        or not isinstance(value, int | Decimal)
    ):
        raise Unknown
    return value
