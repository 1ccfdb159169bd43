"""Law b where an alarm settles an open question: what that may end, and nothing else.

To be open can be an alarm of its own. No emergency is ever lost by settling it; below that, the
pack lists which rule may stop, and `pack prove` shows an example of each.
"""

from collections.abc import Iterable, Iterator, Sequence

from cds.core.pack import Lowering, Settling
from cds.knowledge.proofs.claims import (
    Claim,
    Group,
    alerting,
    falls,
    lowered,
    named_codes,
    ranks,
)
from cds.knowledge.proofs.monotony import choices_of, chosen_here, exactly_one
from cds.knowledge.proofs.questions import Question
from cds.knowledge.proofs.scope import Scope, codes_of, free
from cds.knowledge.proofs.terms import FALSE, TRUE, Key, Term, both, either, negated
from cds.knowledge.proofs.worlds import World


def settled(
    scope: Scope, context: Sequence[Lowering], settles: Sequence[Settling]
) -> Iterator[Group]:
    """The question was open, without an alarm, and an alarm settles it."""
    choices = choices_of(scope, context)
    raw = free(scope)
    changes: dict[Key, Term] = {}
    allowed: list[Term] = []
    for question in scope.questions:
        here, some = chosen_here(question, choices)
        for code in codes_of(question):
            said = raw["answer", question.link_id, code]
            kept = both((said, negated(some)))
            changes["answer", question.link_id, code] = either((kept, here.get(code, FALSE)))
        allowed.append(either((negated(some), _no_answer(World(scope, raw), question))))
    before, after = World(scope, raw), World(scope, raw.with_(changes))
    known = {one.rule.id for one in scope.applied}
    losses = {
        settling.question: _loss(before, after, settling.rule)
        for settling in settles
        if settling.rule in known
    }
    every = _loss(before, after, None)
    claims = tuple(
        Claim(
            "b",
            f"{link_id} = {code}",
            f"Settling the open {link_id} by {code} ends no alarm that the pack does not list.",
            (before, after),
            (both((choice, losses.get(link_id, every))),),
        )
        for (link_id, code), choice in choices.items()
    )
    yield Group(
        scope, (before.possible(), exactly_one(list(choices.values())), both(allowed)), claims
    )


def _no_answer(world: World, question: Question) -> Term:
    """Nothing but "not known", if anything, was answered."""
    said = (world.raw["answer", question.link_id, code] for code in question.codes)
    return negated(either(said))


def _loss(before: World, after: World, rule: str | None) -> Term:
    """A level that the rules argued is lost, other than by the end of this rule."""
    alert = {level.rank for level in alerting(before.scope)}
    ended = FALSE if rule is None else _ends(before, after, rule)
    return either(
        both(
            (
                lowered(before.argued(rank), after.reaches(rank)),
                TRUE if rank in alert else negated(ended),
            )
        )
        for rank in ranks(before.scope)
    )


def _ends(before: World, after: World, rule: str) -> Term:
    return lowered(before.fires(rule), after.fires(rule))


def settlings(scopes: Sequence[Scope], settles: Sequence[Settling]) -> Iterator[Iterable[Claim]]:
    """For each of the closed list: an answer that names another alarm does end this one."""
    for settling in settles:
        yield (
            Claim(
                "b",
                f"{settling.question}, once answered",
                f"Exception: {settling.text}",
                (before, after),
                (was_open, falls(before, after), _ends(before, after, settling.rule)),
                (settling.rule,),
                shown=True,
            )
            for scope in scopes
            for before, after, was_open in _answers(scope, settling.question)
        )


def unsettled(scope: Scope) -> Iterator[Iterable[Claim]]:
    """The last open safety question is answered: no alarm ends, but the not knowing (law e)."""
    needs = scope.reassurance
    floor = scope.rules.level(needs.floor)
    yield (
        Claim(
            "b",
            f"{item}, the last safety question, once answered",
            f"No exception, but alike: “{floor.display}” ends when all of them are answered.",
            (before, after),
            (was_open, falls(before, after), before.is_level(floor.code)),
            shown=True,
        )
        for item in needs.safety
        for before, after, was_open in _answers(scope, item)
    )


def _answers(scope: Scope, link_id: str) -> Iterator[tuple[World, World, Term]]:
    """Before and after each alarm of a question that was open, and that it was open."""
    question = scope.question(link_id)
    if question is None:
        return
    raw = free(scope)
    for code in named_codes(scope)[link_id]:
        changes: dict[Key, Term] = {
            ("answer", link_id, one): TRUE if one == code else FALSE for one in codes_of(question)
        }
        before, after = World(scope, raw), World(scope, raw.with_(changes))
        yield before, after, _no_answer(before, question)
