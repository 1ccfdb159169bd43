"""Yes-or-no formulas: what the claims are written in, so that no claim knows the solver."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Key = tuple[str, ...]  # such as ("answer", linkId, code)


@dataclass(frozen=True, slots=True)
class Constant:
    """True or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that is so or is not so in a world: an answer, a fact."""

    key: Key


@dataclass(frozen=True, slots=True, eq=False)
class And:
    """All hold."""

    parts: tuple["Term", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Or:
    """At least one holds."""

    parts: tuple["Term", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """It does not hold."""

    part: "Term"


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """`least` or more hold."""

    least: int
    parts: tuple["Term", ...]


Term = Constant | Variable | And | Or | Not | Count

TRUE = Constant(value=True)
FALSE = Constant(value=False)


def both(parts: Iterable[Term]) -> Term:
    """All hold; constants are worked out at once, so that formulas stay small."""
    kept = []
    for part in parts:
        if part is FALSE:
            return FALSE
        if part is not TRUE:
            kept.append(part)
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else And(tuple(kept))


def either(parts: Iterable[Term]) -> Term:
    """At least one holds."""
    kept = []
    for part in parts:
        if part is TRUE:
            return TRUE
        if part is not FALSE:
            kept.append(part)
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Or(tuple(kept))


def negated(part: Term) -> Term:
    """It does not hold."""
    if isinstance(part, Constant):
        return FALSE if part.value else TRUE
    return part.part if isinstance(part, Not) else Not(part)


def counted(least: int, parts: Iterable[Term]) -> Term:
    """`least` or more hold."""
    kept = []
    for part in parts:
        if part is TRUE:
            least -= 1
        elif part is not FALSE:
            kept.append(part)
    if least <= 0:
        return TRUE
    if least > len(kept):
        return FALSE
    return either(kept) if least == 1 else Count(least, tuple(kept))


T = TypeVar("T")


def fold(
    term: Term,
    leaf: Callable[[Constant | Variable], T],
    join: Callable[[Term, list[T]], T],
    done: dict[int, tuple[Term, T]],
) -> T:
    """Translate a formula from the leaves up; a part that is used twice is translated once.

    `done` holds the terms besides their translations: an id is only good while its term lives.
    """
    known = done.get(id(term))
    if known is not None:
        return known[1]
    match term:
        case Constant() | Variable():
            made = leaf(term)
        case Not(part):
            made = join(term, [fold(part, leaf, join, done)])
        case And(parts) | Or(parts) | Count(_, parts):
            made = join(term, [fold(part, leaf, join, done) for part in parts])
    done[id(term)] = (term, made)
    return made


def judge_of(model: Mapping[Key, bool]) -> Callable[[Term], bool]:
    """A judge of formulas in one world: what the world does not mention is false there.

    A part that several formulas share is worked out only once.
    """
    done: dict[int, tuple[Term, bool]] = {}

    def leaf(one: Constant | Variable) -> bool:
        return one.value if isinstance(one, Constant) else model.get(one.key, False)

    def join(one: Term, parts: list[bool]) -> bool:
        match one:
            case And():
                return all(parts)
            case Or():
                return any(parts)
            case Count(least):
                return sum(parts) >= least
            case _:
                return not parts[0]

    return lambda term: fold(term, leaf, join, done)
