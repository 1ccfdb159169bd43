"""How two values may stand to each other where one of them is not one point: `< 5 kg`, `2025`.

The answer is the set of the orders that are possible (-1, 0, 1); more than one is: not to be told.
"""

from collections.abc import Mapping
from typing import Any

from cds.forms.values import dates

Orderings = frozenset[int]

_ANY: Orderings = frozenset((-1, 0, 1))
_BELOW, _SAME, _ABOVE = frozenset((-1,)), frozenset((0,)), frozenset((1,))
# By comparator: what `v` being below, at or above another value says of all that `< v` is for.
_COMPARATORS: Mapping[str, Mapping[int, Orderings]] = {
    "<": {-1: _BELOW, 0: _BELOW, 1: _ANY},
    "<=": {-1: _BELOW, 0: frozenset((-1, 0)), 1: _ANY},
    ">": {-1: _ANY, 0: _ABOVE, 1: _ABOVE},
    ">=": {-1: _ANY, 0: frozenset((0, 1)), 1: _ABOVE},
}
_EXACT: Mapping[int, Orderings] = {-1: _BELOW, 0: _SAME, 1: _ABOVE}


def orders_of_quantities(value: object, other: object) -> Orderings | None:
    """How a quantity may stand to another; None where their units cannot be compared here."""
    # The table of units is read only for quantities.
    from cds.forms.values.ucum import compare_quantities  # noqa: PLC0415

    order = compare_quantities(value, other)
    if order is None or not isinstance(value, Mapping) or not isinstance(other, Mapping):
        return None
    if other.get("comparator") is not None:
        return _ANY
    comparator = value.get("comparator")
    if comparator is None:
        return _EXACT[order]
    # Any JSON may stand there.
    known = _COMPARATORS.get(comparator) if isinstance(comparator, str) else None
    return _ANY if known is None else known[order]


def orders_of_moments(kind: str, value: Any, other_kind: str, other: Any) -> Orderings | None:
    """How a date or time may stand to another that is given more or less exactly.

    `2025` may be before, on or after 2025-03-01; 2025-03-01 is neither before nor after `2025`.
    None where the two cannot be read or compared.
    """
    one, another = dates.parse(kind, value), dates.parse(other_kind, other)
    if one is None or another is None or (kind == "time") != (other_kind == "time"):
        return None
    if len(one) != len(another):
        # A day has no zone: it is the day where the moment was written down.
        one, another = dates.as_written(value, one), dates.as_written(other, another)
    order = dates.compare(one, another)
    return _ANY if order == 0 and len(one) < len(another) else _EXACT[order]
