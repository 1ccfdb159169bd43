"""Law d: two pieces of advice that contradict each other are never given together.

Advice is given at its levels (none named: never), where its condition is certainly true, and unless
a piece that it yields to is given.
"""

from collections.abc import Iterator, Mapping, Sequence

from cds.core.pack import Advice
from cds.knowledge.proofs.claims import Claim, Group
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.terms import TRUE, Term, both, either, negated
from cds.knowledge.proofs.worlds import World


def advice(scope: Scope, pieces: Sequence[Advice]) -> Iterator[Group]:
    """One claim per pair that contradicts."""
    world = World(scope, free(scope))
    given = {piece.id: _given(world, piece, {one.id: one for one in pieces}) for piece in pieces}
    pairs = sorted(
        {
            tuple(sorted((piece.id, other)))
            for piece in pieces
            for other in piece.contradicts
            if other in given
        }
    )
    claims = tuple(
        Claim(
            "d",
            f"{left} / {right}",
            f"The advice {left} and the advice {right} are never given together.",
            (world,),
            (given[left], given[right]),
        )
        for left, right in pairs
    )
    yield Group(scope, (world.possible(),), claims)


def given_somewhere(scopes: Sequence[Scope], pieces: Sequence[Advice]) -> Iterator[list[Claim]]:
    """Each piece of advice can be given; what never is, nobody needs to review."""
    world = World(scopes[0], free(scopes[0]))
    known = {one.id: one for one in pieces}
    for piece in pieces:
        says = f"The advice {piece.id} can be given."
        terms = (_given(world, piece, known),)
        yield [Claim("d", piece.id, says, (world,), terms)]


def _given(world: World, piece: Advice, pieces: Mapping[str, Advice]) -> Term:
    yields = either(_wanted(world, pieces[other]) for other in piece.yields_to if other in pieces)
    return both((_wanted(world, piece), negated(yields)))


def _wanted(world: World, piece: Advice) -> Term:
    at_level = either(world.is_level(code) for code in piece.levels)
    return both((at_level, TRUE if piece.when is None else world.truth(piece.when).certain))
