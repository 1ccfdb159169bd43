"""Law a: what speaks for a red flag is enough; nothing else that is said takes its level away.

Where a pack declares its flags apart from its rules, both must say the same: each flag leads to its
finding, and no rule finds what no flag declares.
"""

from collections.abc import Iterator, Sequence

from cds.knowledge.proofs.claims import Claim, Group, alerting, argument_for
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.terms import Term, both, either, negated
from cds.knowledge.proofs.worlds import World
from cds.knowledge.read.red_flags import RedFlag


def flag_claims(scope: Scope) -> Iterator[Group]:
    """One claim per rule of an alerting level; where a site option gives it another, that one."""
    world = World(scope, free(scope))
    alert = {level.code for level in alerting(scope)}
    claims = []
    for one in scope.applied:
        if one.rule.level in alert:
            owed = one.floor or one.level
            speaks = world.truth(argument_for(one.rule.when)).certain
            claims.append(
                Claim(
                    "a",
                    one.rule.id,
                    f"{one.rule.id} ({one.rule.title}) leads to at least {owed.code}.",
                    (world,),
                    (both((speaks, negated(world.reaches(owed.rank)))),),
                    (one.rule.id,),
                )
            )
    yield Group(scope, (world.possible(),), tuple(claims))


def declared(scope: Scope, red_flags: Sequence[RedFlag]) -> Iterator[Group]:
    """One claim per declared flag, one per rule, where the pack declares its flags at all."""
    if red_flags:
        world = World(scope, free(scope))
        chosen = {option.name: option.default for option in scope.rules.options} | dict(
            scope.settings
        )
        owed = [(flag, flag.level_at(chosen)) for flag in red_flags]
        claims = (*_found(scope, world, owed), *_declared(scope, world, owed))
        yield Group(scope, (world.possible(),), claims)


Owed = Sequence[tuple[RedFlag, str]]


def _found(scope: Scope, world: World, owed: Owed) -> Iterator[Claim]:
    for flag, code in owed:
        rank = scope.rules.level(code).rank
        finders = [
            one
            for one in scope.applied
            if one.rule.finding == flag.finding and (one.floor or one.level).rank >= rank
        ]
        yield _never(
            world,
            flag.id,
            f"The flag {flag.id!r} leads to {flag.finding}, at least {code}.",
            world.truth(flag.when).certain,
            either(world.truth(finder.rule.when).certain for finder in finders),
            tuple(finder.rule.id for finder in finders),
        )


def _declared(scope: Scope, world: World, owed: Owed) -> Iterator[Claim]:
    for one in scope.applied:
        if one.floor is None:
            flags_of_it = [
                flag
                for flag, code in owed
                if flag.finding == one.rule.finding
                and scope.rules.level(code).rank >= one.level.rank
            ]
            yield _never(
                world,
                one.rule.id,
                f"{one.rule.id} finds {one.rule.finding} only where a flag of at least "
                f"{one.level.code} is declared.",
                world.truth(one.rule.when).certain,
                either(world.truth(flag.when).certain for flag in flags_of_it),
                (one.rule.id,),
            )


def _never(  # noqa: PLR0917 - the parts of a claim
    world: World, about: str, says: str, given: Term, missing: Term, rules: tuple[str, ...]
) -> Claim:
    terms = (both((given, negated(missing))),)
    return Claim("a", about, says, (world,), terms, rules)
