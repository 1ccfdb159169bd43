"""Equality, equivalence and order of FHIRPath values; None is an empty result."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine.moments import CALENDAR, DEFINITE, Moment, compared
from cds.forms.fhirpath.engine.values import (
    Collection,
    CollectionItem,
    ElementNode,
    Failed,
    Quantity,
    Refused,
    is_number,
    refuse_quantities,
    single_value,
    system_value,
)
from cds.forms.values.ucum import UCUM, compare_quantities, unit

_OF_UCUM = {"a": "year", "mo": "month"}


def equal_collections(left: Collection, right: Collection) -> bool | None:
    """`=`: as many items, each equal to its counterpart; None if that cannot be told."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    results = [equal_items(one, other) for one, other in zip(left, right, strict=True)]
    if False in results:
        return False
    return None if None in results else True


def equal_items(left: CollectionItem, right: CollectionItem) -> bool | None:
    """Whether two items are equal."""
    one, other = _numbers(system_value(left), system_value(right))
    if one is None or other is None:
        return None if one is not other else True
    if isinstance(one, ElementNode) or isinstance(other, ElementNode):
        return _same_elements(one, other)
    if is_number(one) and is_number(other):
        return bool(one == other)
    if isinstance(one, Moment) and isinstance(other, Moment):
        if (one.kind == "Time") != (other.kind == "Time"):
            return False
        order = _moments(one, other)
        return None if order is None else order == 0
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        order = quantities(one, other, strict=True)
        return None if order is None else order == 0
    if isinstance(one, Quantity) or isinstance(other, Quantity):
        raise Refused("a quantity is compared with something else")
    return type(one) is type(other) and bool(one == other)


def _numbers(one: Any, other: Any) -> tuple[Any, Any]:
    """The two, a quantity of the unit 1 as the number that it is beside a number."""
    if isinstance(one, Quantity) and one.unit == "1" and is_number(other):
        return one.value, other
    if isinstance(other, Quantity) and other.unit == "1" and is_number(one):
        return one, other.value
    return one, other


def _same_elements(one: Any, other: Any) -> bool:
    if not isinstance(one, ElementNode) or not isinstance(other, ElementNode):
        raise Refused("an element is compared with a value of another kind")
    return one.type == other.type and _same_json(one.value, other.value)


def _same_json(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_json, one, other))
    if is_number(one) and is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def _moments(one: Moment, other: Moment) -> int | None:
    try:
        return compared(one, other)
    except LookupError:
        raise Refused("a moment with an offset is compared with one without") from None


def quantities(one: Quantity, other: Quantity, *, strict: bool = False) -> int | None:
    """-1, 0, 1, or None where the units cannot be compared.

    `strict`: a calendar year or month is not compared with one of UCUM.
    """
    left, right = _unit(one.unit), _unit(other.unit)
    if left == right:
        return (one.value > other.value) - (one.value < other.value)
    if {left, right} & {"year", "month"}:
        both = {_OF_UCUM.get(left, left), _OF_UCUM.get(right, right)}
        if len(both) == 1 and not strict:
            return (one.value > other.value) - (one.value < other.value)
        if {left, right} == {"year", "month"}:
            months = {"year": 12, "month": 1}
            ours, theirs = one.value * months[left], other.value * months[right]
            return (ours > theirs) - (ours < theirs)
        return None
    codes = [DEFINITE.get(name, name) for name in (left, right)]
    if any(unit(code) is None for code in codes):
        raise Refused("a unit is not known here")
    return compare_quantities(
        *(
            {"value": value, "system": UCUM, "code": code}
            for value, code in zip((one.value, other.value), codes, strict=True)
        )
    )


def _unit(name: str) -> str:
    bare = name.removesuffix("s")
    return bare if bare in CALENDAR and len(bare) > 2 else name  # noqa: PLR2004 - not `s` itself


def equivalent(left: Collection, right: Collection) -> bool:
    """`~`: as many items, each equivalent to one of the other side, in any order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for one in left:
        found = next((at for at, other in enumerate(rest) if _alike(one, other)), None)
        if found is None:
            return False
        rest.pop(found)
    return True


def _alike(left: CollectionItem, right: CollectionItem) -> bool:
    one, other = system_value(left), system_value(right)
    if isinstance(one, ElementNode) and isinstance(other, ElementNode):
        return _alike_elements(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return " ".join(one.lower().split()) == " ".join(other.lower().split())
    if is_number(one) and is_number(other):
        return _alike_numbers(Decimal(one), Decimal(other))
    if isinstance(one, Moment) and isinstance(other, Moment):
        return _alike_moments(one, other)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return _alike_quantities(one, other)
    return type(one) is type(other) and bool(one == other)


def _alike_elements(one: ElementNode, other: ElementNode) -> bool:
    if one.type == other.type and not _same_json(one.value, other.value):
        raise Refused("equivalence of elements is not worked out")
    return one.type == other.type


def _alike_moments(one: Moment, other: Moment) -> bool:
    if (one.kind == "Time") != (other.kind == "Time") or len(one.parts) != len(other.parts):
        return False
    return _moments(one, other) == 0


def _alike_quantities(one: Quantity, other: Quantity) -> bool:
    order = quantities(one, other)
    if order in {0, None}:
        return order == 0
    if _unit(one.unit) != _unit(other.unit):
        raise Refused("equivalence of quantities in two units is not worked out")
    return _alike_numbers(one.value, other.value)


def _alike_numbers(one: Decimal, other: Decimal) -> bool:
    """Equal at the precision of the less precise; zeros at the end do not count."""
    places = min(_places(one), _places(other))
    step = Decimal(1).scaleb(-places)
    return one.quantize(step) == other.quantize(step)


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def order_of_two(left: Collection, right: Collection) -> int | None:
    """-1, 0 or 1; None if a side is empty or the two cannot be told apart.

    Raises:
        Failed: the two are of types that have no order together.
    """
    one, other = _numbers(single_value(left), single_value(right))
    if one is None or other is None:
        return None
    if is_number(one) and is_number(other):
        return int(one > other) - int(one < other)
    if isinstance(one, str) and isinstance(other, str):
        return int(one > other) - int(one < other)
    if isinstance(one, Moment) and isinstance(other, Moment):
        if (one.kind == "Time") != (other.kind == "Time"):
            raise Failed("a time and a date have no order")
        return _moments(one, other)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return quantities(one, other)
    refuse_quantities(one, other)
    raise Failed("values of two types have no order")


def contains(items: Sequence[CollectionItem], one: CollectionItem) -> bool:
    """Whether an item is among others, by `=`."""
    return any(equal_items(item, one) is True for item in items)


def distinct(items: Sequence[CollectionItem]) -> Collection:
    """The items, each once, in their order."""
    found: Collection = []
    for item in items:
        if not contains(found, item):
            found.append(item)
    return found


def common(items: Sequence[CollectionItem], others: Sequence[CollectionItem]) -> Collection:
    """The items that are among others too, each once."""
    return [one for one in distinct(items) if contains(others, one)]


def without(items: Sequence[CollectionItem], others: Sequence[CollectionItem]) -> Collection:
    """The items that are not among others."""
    return [item for item in items if not contains(others, item)]
