"""The values of FHIRPath: nodes of a resource, quantities, and why there is no value."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cds.forms.elements.definitions import Definitions
from cds.forms.fhirpath.engine.moments import Moment, parse_moment
from cds.forms.values.ucum import UCUM

# One item of a collection: a node, or a System value.
CollectionItem = Any
Collection = list[Any]


class NotAnExpression(ValueError):
    """What is wrong with an expression, in words of ours that quote no answer."""


class Refused(Exception):
    """A valid expression that is not run here: its result would not surely be right."""


class Failed(Exception):
    """An expression that has no result on these answers: the specification calls it an error."""


class NoElement(Failed):
    """An element that a type does not have: no answers would mend the expression."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A System.Quantity: `unit` is a UCUM code, or the word of a calendar duration."""

    value: Decimal
    unit: str = "1"


@dataclass(frozen=True, slots=True, eq=False)
class ElementNode:
    """An element of a resource: its JSON, its FHIR type, what stands beside it, its parent."""

    value: Any
    type: str
    definitions: Definitions
    beside: Any = None
    parent: "ElementNode | None" = None
    loose: bool = False  # one of several kinds: what it lacks is then no mistake
    unordered: bool = False  # one of the children, which have no order

    @property
    def primitive(self) -> bool:
        """Whether this is of a primitive datatype."""
        return self.type[:1].islower() and "." not in self.type


_TEXT_TYPES = "string uri url canonical oid uuid code id markdown base64Binary xhtml"
_TEXTS = frozenset(_TEXT_TYPES.split())
_WHOLE = frozenset(("integer", "positiveInt", "unsignedInt"))
_MOMENTS = {"date": "Date", "dateTime": "DateTime", "instant": "DateTime", "time": "Time"}


def system_value(item: CollectionItem) -> Any:
    """The System value of an item; the item itself where it has none, None where it is absent."""
    if not isinstance(item, ElementNode):
        return item
    value = item.value
    if item.type in _TEXTS or item.type == "boolean" or item.type in _WHOLE:
        return value
    if item.type in _MOMENTS:
        return None if value is None else parse_moment(_MOMENTS[item.type], value)
    if item.type in {"decimal", "integer64"}:
        return None if value is None else Decimal(str(value))
    if item.type in _QUANTITIES:
        return _quantity(item)
    return item


_QUANTITIES = frozenset(("Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity"))


def _quantity(item: ElementNode) -> Any:
    value, code = item.value.get("value"), item.value.get("code")
    if value is None or item.value.get("comparator") is not None:
        return item
    if code is None and item.value.get("unit") is None:
        return Quantity(Decimal(str(value)))
    if item.value.get("system") != UCUM or code is None:
        return item  # no unit that can be converted: only the element itself is known
    return Quantity(Decimal(str(value)), code)


def refuse_quantities(*values: Any) -> None:
    """Refuse a quantity that has no System value: its comparator or unit leaves open what it is.

    The expression is none the worse for it, and another answer would be worked out.
    """
    if any(isinstance(value, ElementNode) and value.type in _QUANTITIES for value in values):
        raise Refused(
            "a quantity with a comparator, or whose unit UCUM does not have, is left open"
        )


def single(items: Collection) -> CollectionItem:
    """The one item of a collection; None if it is empty.

    Raises:
        Failed: there is more than one.
    """
    if len(items) > 1:
        raise Failed("one value is expected, there are several")
    return items[0] if items else None


def single_value(items: Collection) -> Any:
    """The System value of a collection of at most one; None if there is none."""
    return system_value(single(items))


def truth(items: Collection) -> bool | None:
    """A collection as a truth: empty is unknown, one thing that is no boolean is true."""
    item = single_value(items)
    if item is None:
        return None if not items else True
    return item if isinstance(item, bool) else True


def is_number(value: Any) -> bool:
    """Whether a System value is an Integer or a Decimal."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def kind(value: Any) -> str:
    """The System type of a value, or the FHIR type of a node."""
    match value:
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case Decimal():
            return "Decimal"
        case str():
            return "String"
        case Moment():
            return value.kind
        case Quantity():
            return "Quantity"
        case ElementNode():
            return value.type
        case _:
            raise Refused("a value of a type that is not known here")
