"""What to prove, without a solver: something that must hold in no world, or in some world."""

from collections.abc import Iterator
from dataclasses import dataclass

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    IsOpen,
    NoneOf,
    alarms_of,
    leaves,
)
from cds.core.model import Level
from cds.knowledge.proofs.scope import Scope
from cds.knowledge.proofs.terms import Term, both, either, negated
from cds.knowledge.proofs.worlds import World

LAWS = {
    "a": "Every red flag leads to its level, whatever else is answered or known",
    "b": "No added alarm and no worse fact lowers the level, but for the closed list",
    "c": "Every rule can fire, can be ruled out and decides somewhere; every level is reachable",
    "d": "Two pieces of advice that contradict each other are never given together",
    "e": "Nothing reassuring while a safety question is open; open is never below no",
    "f": "The compiled function, the tree and the published FHIRPath agree",
    "g": "A laboratory value farther from normal never lowers the level",
    "h": "The short form never yields what the full form would not justify",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `terms` hold together in a counterexample, or in an example (of law c, say).

    `worlds` are what the witness shows: one world, or before and after. `excuse` is the sentence of
    the pack that says openly why there is no example. `shown`: its example is part of the result
    (the closed list of exceptions).
    """

    law: str
    about: str
    says: str
    worlds: tuple[World, ...]
    terms: tuple[Term, ...]
    rules: tuple[str, ...] = ()
    excuse: str | None = None
    shown: bool = False

    @property
    def scope(self) -> Scope:
        """The form and the site options that the claim is about."""
        return self.worlds[-1].scope


@dataclass(frozen=True, slots=True)
class Group:
    """Claims about the same worlds: what they share is said once; they are tried together first."""

    scope: Scope
    shared: tuple[Term, ...]
    claims: tuple[Claim, ...]


def lowered(before: Term, after: Term) -> Term:
    """It was so, and is not so any more."""
    return both((before, negated(after)))


def falls(before: World, after: World) -> Term:
    """The level after is below the level before."""
    return either(lowered(before.reaches(rank), after.reaches(rank)) for rank in ranks(after.scope))


def ranks(scope: Scope) -> list[int]:
    """The ranks of the levels, from the lowest up, without the lowest (which always holds)."""
    return sorted(level.rank for level in scope.rules.levels)[1:]


def alerting(scope: Scope) -> tuple[Level, ...]:
    """The levels for which a message is owed."""
    return tuple(level for level in scope.rules.levels if level.alert)


def reassured(world: World) -> Term:
    """The level is one of those that reassure."""
    firm = [level.rank for level in world.scope.rules.levels if not level.reassures]
    return negated(world.reaches(min(firm)))


def named_codes(scope: Scope) -> dict[str, tuple[str, ...]]:
    """The codes that any rule names, by linkId, in the form's order: alarms and exceptions."""
    pairs = {pair for one in scope.applied for pair in alarms_of(one.rule.when)}
    return {
        question.link_id: tuple(c for c in question.codes if (question.link_id, c) in pairs)
        for question in scope.questions
    }


def calm_answers(scope: Scope) -> frozenset[tuple[str, str]]:
    """Every (linkId, code) that says the least: "none" if there is one, else what no rule names."""
    named = named_codes(scope)
    return frozenset(
        (question.link_id, code)
        for question in scope.questions
        for code in question.exclusive or question.codes
        if code in question.exclusive or code not in named[question.link_id]
    )


def named_facts(scope: Scope) -> tuple[str, ...]:
    """The facts that any rule names."""
    from_rules = (leaf for one in scope.applied for leaf in leaves(one.rule.when))
    seen = {
        fact for leaf in from_rules if not isinstance(leaf, Equals | IsOpen) for fact in leaf.facts
    }
    return tuple(fact for fact in scope.facts if fact in seen)


def argument_for(condition: Condition) -> Condition:
    """What speaks for the condition, without what could argue it away."""
    match condition:
        case NoneOf() | IsOpen(_, False):
            return AllOf(())
        case AnyOf(parts):
            return AnyOf(tuple(argument_for(part) for part in parts))
        case AllOf(parts):
            return AllOf(tuple(argument_for(part) for part in parts))
        case AtLeast(count, parts):
            return AtLeast(count, tuple(argument_for(part) for part in parts))
        case _:
            return condition


def beside_open(condition: Condition) -> Iterator[tuple[str, str, bool]]:
    """Every (linkId, code) that is named, and whether being open argues the same beside it."""
    match condition:
        case AnyOf(parts):
            opened = {part.question for part in parts if isinstance(part, IsOpen) and part.open}
            for part in parts:
                if isinstance(part, Equals):
                    yield from (
                        (part.question, code, part.question in opened) for code in part.codes
                    )
                else:
                    yield from beside_open(part)
        case AllOf(parts) | NoneOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from beside_open(part)
        case Equals(question, codes):
            yield from ((question, code, False) for code in codes)
        case _:
            return
