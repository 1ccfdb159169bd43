"""The conditions of the rules: ONE syntax tree, which is evaluated, compiled, proven and published.

The grammar is closed and loop-free: three kinds of leaf, four ways to join them. A leaf asks for an
answer (`Equals`), for a question being open or settled (`IsOpen`), or for a fact of the record
(`HasFact`). Reading the tree from TOML is the pack's business; here it is only a value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cds.core.logic import Truth, all_of, any_of, at_least, negate


@dataclass(frozen=True, slots=True)
class Equals:
    """True when one of `codes` is among the answers of `question`; unknown while it is open."""

    question: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsOpen:
    """True when `question` has no settled answer (or, with `open` false, when it has one)."""

    question: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class HasFact:
    """True when the record shows one of `facts`; unknown unless it shows that all are absent."""

    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """None holds. Not allowed in an emergency, which may only be argued for."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`count` or more hold. An `Equals` with several codes counts each of them."""

    count: int
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


def facts_of(condition: Condition) -> tuple[str, ...]:
    """The facts of the record that the condition asks for, each once, in order."""
    named = (fact for leaf in leaves(condition) if isinstance(leaf, HasFact) for fact in leaf.facts)
    return tuple(dict.fromkeys(named))


def alarms_of(condition: Condition) -> Iterator[tuple[str, str]]:
    """Every (linkId, code) that the condition argues with."""
    for leaf in leaves(condition):
        if isinstance(leaf, Equals):
            for code in leaf.codes:
                yield leaf.question, code
