"""Law a: what speaks for a red flag is enough; nothing else that is said takes its level away."""

from collections.abc import Iterator

from cds.knowledge.proofs.claims import Claim, Group, Kind, alerting, argument
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.terms import both, negated
from cds.knowledge.proofs.worlds import World


def flags(scope: Scope) -> Iterator[Group]:
    """One claim per rule of an alerting level; where a site option gives it another, that one."""
    world = World(scope, free(scope))
    alert = {level.code for level in alerting(scope)}
    claims = []
    for one in scope.applied:
        if one.rule.level in alert:
            owed = one.floor or one.level
            speaks = world.truth(argument(one.rule.when)).certain
            claims.append(
                Claim(
                    "a",
                    one.rule.id,
                    f"{one.rule.id} ({one.rule.title}) leads to at least {owed.code}.",
                    Kind.NEVER,
                    (world,),
                    (both((speaks, negated(world.reaches(owed.rank)))),),
                    (one.rule.id,),
                )
            )
    yield Group(scope, (world.possible(),), tuple(claims))
