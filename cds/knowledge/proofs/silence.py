"""Law e: silence is not an all-clear, and an open question is never below a calm answer."""

from collections.abc import Iterator

from cds.knowledge.proofs.claims import Claim, Group, beside_open, falls, reassured
from cds.knowledge.proofs.questions import Question
from cds.knowledge.proofs.scope import UNKNOWN, Raw, Scope, codes_of, free
from cds.knowledge.proofs.terms import FALSE, Key, Term, Variable, both, counted, either, negated
from cds.knowledge.proofs.worlds import World


def silence(scope: Scope) -> Iterator[Group]:
    """All claims of law e for one form and one setting of the site options."""
    world = World(scope, free(scope))
    needs = scope.reassurance
    calm = reassured(world)
    owed = [q.link_id for q in scope.questions if q.required or q.link_id in needs.safety]
    claims = [
        _never(world, item, f"Nothing reassures while {item} is open.", world.waiting(item), calm)
        for item in owed
    ]
    claims.append(
        _never(
            world,
            "blocked",
            "A faulty or unfinished response never reassures.",
            world.raw["blocked",],
            calm,
        )
    )
    lowest = world.is_level(needs.lowest)
    claims += [
        _never(
            world,
            item,
            f"{needs.lowest} is not given while {item} is open.",
            world.open(item),
            lowest,
        )
        for item in needs.history
        if scope.question(item) is not None and needs.otherwise != needs.lowest
    ]
    yield Group(scope, (world.possible(),), tuple(claims))
    yield _opened(scope)


def _never(world: World, about: str, says: str, *terms: Term) -> Claim:
    return Claim("e", about, says, (world,), (both(terms),))


def _opened(scope: Scope) -> Group:
    """A settled, calm question becomes open: blank, or answered with "unknown"."""
    raw = free(scope)
    loud = _alarms(scope)
    choices = {q.link_id: Variable(("choice", q.link_id, "open")) for q in scope.questions}
    changes: dict[Key, Term] = {}
    allowed: list[Term] = []
    for question in scope.questions:
        choice = choices[question.link_id]
        for code in question.codes:
            said = raw["answer", question.link_id, code]
            changes["answer", question.link_id, code] = both((said, negated(choice)))
        if question.unknown is not None:
            said = raw["answer", question.link_id, UNKNOWN]
            blank = Variable(("choice", question.link_id, "blank"))
            changes["answer", question.link_id, UNKNOWN] = either(
                (said, both((choice, negated(blank))))
            )
        allowed.append(either((negated(choice), _settled(raw, question, loud))))
    before, after = World(scope, raw), World(scope, raw.with_(changes))
    drop = falls(before, after)
    claims = tuple(
        Claim(
            "e",
            link_id,
            f"Leaving {link_id} open is never below a calm answer to it.",
            (before, after),
            (both((choice, drop)),),
        )
        for link_id, choice in choices.items()
    )
    several = counted(2, choices.values())
    return Group(scope, (before.possible(), negated(several), both(allowed)), claims)


def _settled(raw: Raw, question: Question, loud: frozenset[tuple[str, str]]) -> Term:
    link_id = question.link_id
    said = {code: raw["answer", link_id, code] for code in codes_of(question)}
    calm = [term for code, term in said.items() if code != UNKNOWN and (link_id, code) not in loud]
    rest = [term for code, term in said.items() if code == UNKNOWN or (link_id, code) in loud]
    twice = FALSE if question.repeats else counted(2, calm)
    return both((either(calm), negated(either(rest)), negated(twice)))


def _alarms(scope: Scope) -> frozenset[tuple[str, str]]:
    """The answers that some rule argues with, and not just as much with the question being open."""
    named: dict[tuple[str, str], list[bool]] = {}
    for one in scope.applied:
        for link_id, code, same in beside_open(one.rule.when):
            named.setdefault((link_id, code), []).append(same)
    return frozenset(pair for pair, sames in named.items() if not all(sames))
