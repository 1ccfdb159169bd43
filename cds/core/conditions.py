"""The conditions of the rules: ONE syntax tree, which is evaluated, compiled, proven and published.

The grammar is closed and loop-free: three kinds of leaf, four ways to join them. A leaf asks for an
answer (`Equals`), for a question being open or settled (`IsOpen`), or for a fact of the record
(`HasFact`). Reading the tree from TOML is the pack's business; here it is only a value (named
tuples: see `cds.core.model`).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cds.core.logic import Truth, all_of, any_of, at_least, negate


class Equals(NamedTuple):
    """True when one of `codes` is among the answers of `question`; unknown while it is open."""

    question: str
    codes: tuple[str, ...]


class IsOpen(NamedTuple):
    """True when `question` has no settled answer (or, with `open` false, when it has one)."""

    question: str
    open: bool = True


class HasFact(NamedTuple):
    """True when the record shows one of `facts`; unknown unless it shows that all are absent."""

    facts: tuple[str, ...]


class _Parts(NamedTuple):
    parts: tuple["Condition", ...]


class _Joined(_Parts):
    """Compares the type too: as bare tuples AnyOf(x) would equal AllOf(x)."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.parts))


class AnyOf(_Joined):
    """At least one holds."""

    __slots__ = ()


class AllOf(_Joined):
    """All hold."""

    __slots__ = ()


class NoneOf(_Joined):
    """None holds. Not allowed in an emergency, which may only be argued for."""

    __slots__ = ()


class AtLeast(NamedTuple):
    """`count` or more hold. An `Equals` with several codes counts each of them."""

    count: int  # type: ignore[assignment] # hides tuple.count, which nobody needs here
    parts: tuple["Condition", ...]


Leaf = Equals | IsOpen | HasFact
Condition = Leaf | AnyOf | AllOf | NoneOf | AtLeast


def evaluate(condition: Condition, leaf: Callable[[Leaf], Truth]) -> Truth:
    """The truth of the tree, given the truth of its leaves."""
    match condition:
        case AnyOf(parts):
            return any_of(evaluate(part, leaf) for part in parts)
        case AllOf(parts):
            return all_of(evaluate(part, leaf) for part in parts)
        case NoneOf(parts):
            return negate(any_of(evaluate(part, leaf) for part in parts))
        case AtLeast(count, parts):
            return at_least(count, [evaluate(p, leaf) for part in parts for p in spread(part)])
        case Equals() | IsOpen() | HasFact():
            return leaf(condition)


def spread(part: Condition) -> Iterator[Condition]:
    """The parts that `AtLeast` counts: each code of an `Equals` by itself, anything else whole."""
    match part:
        case Equals(question, codes):
            yield from (Equals(question, (code,)) for code in codes)
        case HasFact(facts):
            yield from (HasFact((fact,)) for fact in facts)
        case _:
            yield part


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, from left to right."""
    match condition:
        case AnyOf(parts) | AllOf(parts) | NoneOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from leaves(part)
        case Equals() | IsOpen() | HasFact():
            yield condition


def questions_of(condition: Condition) -> tuple[str, ...]:
    """The linkIds that the condition asks about, each once, in order."""
    asked = (leaf.question for leaf in leaves(condition) if not isinstance(leaf, HasFact))
    return tuple(dict.fromkeys(asked))


def facts_asked(condition: Condition) -> tuple[str, ...]:
    """The facts of the record that the condition asks for, each once, in order."""
    named = (fact for leaf in leaves(condition) if isinstance(leaf, HasFact) for fact in leaf.facts)
    return tuple(dict.fromkeys(named))


def alarms_of(condition: Condition) -> Iterator[tuple[str, str]]:
    """Every (linkId, code) that the condition argues with."""
    for leaf in leaves(condition):
        if isinstance(leaf, Equals):
            for code in leaf.codes:
                yield leaf.question, code
