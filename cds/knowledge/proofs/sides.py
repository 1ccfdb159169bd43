"""Certain and possible truth of a joined condition, whatever truth is written in.

The solver's formulas and the published FHIRPath are built of the same tree in the same way, case by
case as `cds.core.compiled`; only their leaves differ.
"""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from cds.core.conditions import AllOf, AnyOf, AtLeast, Condition, NoneOf, spread

T = TypeVar("T")


class TruthSides(NamedTuple, Generic[T]):
    """Three-valued truth: `certain` whatever the open questions turn out to be, or `possible`."""

    certain: T
    possible: T


class Logic(NamedTuple, Generic[T]):
    """How to join what truth is written in."""

    any_of: Callable[[Iterable[T]], T]
    all_of: Callable[[Iterable[T]], T]
    at_least: Callable[[int, Iterable[T]], T]
    negate: Callable[[T], T]


def joined(
    condition: AnyOf | AllOf | NoneOf | AtLeast,
    truth: Callable[[Condition], TruthSides[T]],
    logic: Logic[T],
) -> TruthSides[T]:
    """The truth of a join, given the truth of its parts."""
    parts = condition.parts
    match condition:
        case AnyOf():
            return _by(logic.any_of, truth, parts)
        case AllOf():
            return _by(logic.all_of, truth, parts)
        case NoneOf():
            inner = _by(logic.any_of, truth, parts)
            return TruthSides(logic.negate(inner.possible), logic.negate(inner.certain))
        case AtLeast(count, _):
            single = [part for whole in parts for part in spread(whole)]
            return _by(lambda found: logic.at_least(count, found), truth, single)


def _by(
    join: Callable[[Iterable[T]], T],
    truth: Callable[[Condition], TruthSides[T]],
    parts: Iterable[Condition],
) -> TruthSides[T]:
    found = [truth(part) for part in parts]
    return TruthSides(join([one.certain for one in found]), join([one.possible for one in found]))
