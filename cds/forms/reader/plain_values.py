"""What is plain of a value that is no code: a function per item, as narrow as the form allows."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.reader.plain_codes import MAX_FREE, Unknown, ValueCheck, text_check
from cds.forms.response.compare import is_coarser, ordered
from cds.forms.values.patterns import compile_pattern
from cds.forms.values.primitives import well_formed
from cds.forms.values.ucum import UCUM
from cds.forms.values.ucum_codes import is_unit_code

_PLAIN = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "string": "valueString",
    "text": "valueString",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "url": "valueUri",
    "reference": "valueReference",
    "quantity": "valueQuantity",
}
# What a form may ask of a value, by the types for which it is judged here.
_BOUNDS = frozenset((ext.MIN_VALUE, ext.MAX_VALUE))
_FORMAT = frozenset((ext.MIN_LENGTH, ext.REGEX))
_FINER = _BOUNDS | _FORMAT | {ext.MAX_DECIMAL_PLACES, ext.REFERENCE_RESOURCE}
_HERE = {
    "string": _FORMAT,
    "text": _FORMAT,
    "integer": _BOUNDS,
    "decimal": _BOUNDS | {ext.MAX_DECIMAL_PLACES},
    "date": _BOUNDS,
    "dateTime": _BOUNDS,
    "time": _BOUNDS,
    "reference": frozenset((ext.REFERENCE_RESOURCE,)),
}
_URL = re.compile(r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/\-]*)?")
_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}")
_UNIT = frozenset(("value", "unit", "system", "code"))


def plain_value(item: Item) -> tuple[str, ValueCheck]:
    """The key of the value, and the function that judges it.

    Raises:
        Unknown: only the checks can judge this item.
    """
    if not _FINER.isdisjoint(item.extensions.keys() - _HERE.get(item.type, frozenset())):
        raise Unknown
    if item.type not in _PLAIN:
        raise Unknown
    return _PLAIN[item.type], _simple(item)


def _simple(item: Item) -> ValueCheck:
    longest = item.raw.get("maxLength")
    if item.type in {"string", "text"}:
        most = MAX_FREE
        if isinstance(longest, int) and not isinstance(longest, bool) and longest > 0:
            most = min(longest, MAX_FREE)
        is_text = text_check(most, one_line=item.type == "string")
        return is_text if _FORMAT.isdisjoint(item.extensions) else _formatted(item, is_text)
    if longest is not None:
        raise Unknown
    return _CHECKS[item.type](item)


def _formatted(item: Item, is_text: ValueCheck) -> ValueCheck:
    """A text of a least length, or of a format."""
    least = _bound(item, ext.MIN_LENGTH) or 0
    source = ext.first_value(item.extensions, ext.REGEX)
    if source is None and ext.REGEX in item.extensions:
        raise Unknown
    matches = compile_pattern(source).matches if isinstance(source, str) else lambda _: True
    if matches is None or (source is not None and not isinstance(source, str)):
        raise Unknown
    return lambda value: is_text(value) and len(value) >= least and matches(value)


def _moment(item: Item) -> ValueCheck:
    """A date or time, within limits that are written down in the form."""
    type_ = item.type
    limits: list[tuple[int, str, object]] = []
    for url, wrong in ((ext.MIN_VALUE, -1), (ext.MAX_VALUE, 1)):
        if url in item.extensions:
            typed = ext.value_of(item.extensions[url][0])
            if typed is None or not isinstance(typed[1], str):
                raise Unknown
            limits.append((wrong, typed[0][:1].lower() + typed[0][1:], typed[1]))
    if not limits:
        return lambda value: well_formed(type_, value)

    return lambda value: well_formed(type_, value) and _within(type_, value, limits)


def _within(type_: str, value: Any, limits: list[tuple[int, str, object]]) -> bool:
    """Whether a moment surely keeps all limits."""
    for wrong, kind, limit in limits:
        order = ordered(type_, value, kind, limit)
        if order in {None, wrong} or (order == 0 and is_coarser(type_, value, kind, limit)):
            return False
    return True


def _reference(item: Item) -> ValueCheck:
    """A reference of the plain form Type/id, to a type that the form allows."""
    from cds.forms.elements.resource_types import RESOURCE_TYPES  # noqa: PLC0415 - for few forms

    listed = item.extensions.get(ext.REFERENCE_RESOURCE, ())
    typed = [ext.value_of(one) for one in listed]
    allowed = frozenset(one[1] for one in typed if one is not None and isinstance(one[1], str))
    types = RESOURCE_TYPES & allowed if listed else RESOURCE_TYPES

    def check(value: Any) -> bool:
        found = _REFERENCE.fullmatch(value["reference"])
        return len(value) == 1 and found is not None and found.group(1) in types

    return check


def _quantity(value: Any) -> bool:
    """A number with a unit; of what the form asks of either, nothing is judged here."""
    code = value.get("code")
    if code is not None and (value["system"] != UCUM or not is_unit_code(code)):
        return False
    return (
        ("system" not in value or value["system"] == UCUM)
        and _UNIT.issuperset(value)
        and well_formed("decimal", value["value"])
        and all(
            type(part) is str and part != "" and " " not in part and part.isprintable()
            for key, part in value.items()
            if key != "value"
        )
    )


def _number(item: Item) -> ValueCheck:
    places = _bound(item, ext.MAX_DECIMAL_PLACES)
    least, most = _bound(item, ext.MIN_VALUE), _bound(item, ext.MAX_VALUE)
    kinds = (int,) if item.type == "integer" else (int, Decimal)
    low = -(2**31) if least is None else least
    high = 2**31 - 1 if most is None else most
    low, high = max(low, -(2**31)), min(high, 2**31 - 1)

    def check(value: Any) -> bool:
        return type(value) in kinds and low <= value <= high

    if places is None:
        return check
    return lambda value: check(value) and (type(value) is int or _digits(value) <= places)


def _digits(value: Decimal) -> int:
    """Digits behind the point, as written."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


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


_CHECKS: dict[str, Callable[[Item], ValueCheck]] = {
    "boolean": lambda _: lambda value: type(value) is bool,
    "integer": _number,
    "decimal": _number,
    "date": _moment,
    "dateTime": _moment,
    "time": _moment,
    "url": lambda _: lambda value: _URL.fullmatch(value) is not None,
    "reference": _reference,
    "quantity": lambda _: _quantity,
}
