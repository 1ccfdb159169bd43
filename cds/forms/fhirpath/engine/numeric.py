"""Functions over numbers."""

from collections.abc import Callable
from typing import Any

from cds.forms.fhirpath.engine import arithmetic
from cds.forms.fhirpath.engine.evaluate import Environment
from cds.forms.fhirpath.engine.items import Arguments, Function, argument
from cds.forms.fhirpath.engine.values import (
    Collection,
    Failed,
    Quantity,
    Refused,
    is_number,
    refuse_quantities,
    single_value,
    system_value,
)


def numeric(function: Callable[..., Any]) -> Function:
    """A function over one number, and numbers as arguments."""

    def called(items: Collection, arguments: Arguments, scope: Environment) -> Any:
        value = single_value(items)
        others = [argument(one, scope) for one in arguments]
        if value is None or (arguments and None in others):
            return None
        if isinstance(value, Quantity) and function is absolute:
            return Quantity(abs(value.value), value.unit)
        refuse_quantities(value)
        if not all(map(is_number, (value, *others))):
            raise Failed("a number is expected")
        return function(value, *others)

    return called


def absolute(value: Any) -> Any:
    """The number without its sign."""
    return arithmetic.in_range(abs(value))


def round_(value: Any, places: Any = 0) -> Any:
    """A number to so many places, halves away from zero."""
    if not isinstance(places, int) or places < 0 or places > 28:  # noqa: PLR2004 - digits of a decimal
        raise Failed("round() takes a number of places")
    return arithmetic.rounded(value, places)


def total_of(function: Callable[[list[Any]], Any]) -> Function:
    """A function over all numbers of a collection."""

    def called(items: Collection, _: Arguments, __: Environment) -> Any:
        values = [system_value(item) for item in items]
        if not values:
            return None
        if not all(map(is_number, values)):
            raise Refused("only numbers are summed up here")
        return function(values)

    return called
