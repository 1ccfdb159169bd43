"""Law c: every rule can fire, can be ruled out and decides somewhere; every level is reachable.

A rule that another one always accompanies at the same or a higher level must say so: its reading,
or the other's, names the other by its id.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from cds.core.conditions import Condition, Equals, HasFact, IsOpen, leaves
from cds.core.model import Rule
from cds.knowledge.proofs.claims import Claim
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.terms import Term, negated
from cds.knowledge.proofs.worlds import World

Tries = Iterable[Claim]  # the claim holds if one of them does


def usefulness(scopes: Sequence[Scope]) -> Iterator[Tries]:
    """All claims of law c; `scopes` are the full form at each setting, the default one first."""
    worlds = [World(scope, free(scope)) for scope in scopes]
    default = worlds[0]
    for level in default.scope.rules.levels:
        yield map(partial(_reached, level.code), worlds)
    for one in default.scope.applied:
        rule = one.rule
        pair = default.truth(rule.when)
        yield [_claim(default, rule.id, f"{rule.id} can fire.", pair.certain)]
        yield [_claim(default, rule.id, f"{rule.id} can be ruled out.", negated(pair.possible))]
        yield map(partial(_decides, rule), worlds)


def _claim(world: World, about: str, says: str, *terms: Term, excuse: str | None = None) -> Claim:
    rule = (about,) if any(one.rule.id == about for one in world.scope.applied) else ()
    return Claim("c", about, says, (world,), terms, rule, excuse)


def _reached(level: str, world: World) -> Claim:
    return _claim(world, level, f"The level {level} can be reached.", world.is_level(level))


def _decides(rule: Rule, world: World) -> Claim:
    one = next(one for one in world.scope.applied if one.rule.id == rule.id)
    rank = (one.floor or one.level).rank
    others = [other.rule for other in world.scope.applied if other.rule.id != rule.id]
    named = next((other.id for other in others if _names(rule, other)), None)
    return _claim(
        world,
        rule.id,
        f"{rule.id} decides the level somewhere: without it the level would be lower.",
        world.fires(rule.id),
        world.reaches(rank),
        negated(world.reaches(rank, without=rule.id)),
        excuse=f"the reading names {named}, which always fires with it" if named else None,
    )


def never_implied(scope: Scope) -> Iterator[list[Claim]]:
    """For each rule: that it does not always come with any one of the others, a claim each.

    Often one world shows all of a rule's claims at once.
    """
    world = World(scope, free(scope))
    applied = [one for one in world.scope.applied if one.floor is None]
    for one in applied:
        claims = []
        for other in applied:
            if one is other or other.level.rank < one.level.rank:
                continue
            if _atoms(one.rule.when).isdisjoint(_atoms(other.rule.when)):
                continue  # nothing in common: neither can imply the other
            said = _names(one.rule, other.rule) or _names(other.rule, one.rule)
            claims.append(
                _claim(
                    world,
                    one.rule.id,
                    f"{one.rule.id} does not always come with {other.rule.id}"
                    f" ({other.level.code}).",
                    world.fires(one.rule.id),
                    negated(world.fires(other.rule.id)),
                    excuse="the reading says so" if said else None,
                )
            )
        yield claims


def _names(rule: Rule, other: Rule) -> bool:
    """Whether the rule's reading names the other rule by its id."""
    return re.search(rf"(?<![\w-]){re.escape(other.id)}(?![\w-])", rule.reading) is not None


def _atoms(condition: Condition) -> set[str]:
    found: set[str] = set()
    for leaf in leaves(condition):
        match leaf:
            case Equals(question, _) | IsOpen(question, _):
                found.add(question)
            case HasFact(facts):
                found.update(facts)
    return found
