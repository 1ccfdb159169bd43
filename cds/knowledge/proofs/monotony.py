"""Law b: no added alarm and no worse fact lowers the level; the closed list is the only exception.

Three ways to add an alarm, because settling an open question is also news:
- the question was settled, or stays open: the level never falls;
- the question was open and the alarm settles it: see `settled`;
- an answer of the closed list: it lowers the level only by way of its rule, which fires or stops.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cds.core.pack import Lowering
from cds.knowledge.proofs.claims import (
    Claim,
    Group,
    falls,
    named_codes,
    named_facts,
)
from cds.knowledge.proofs.questions import Question
from cds.knowledge.proofs.scope import UNKNOWN, Raw, Scope, codes_of, free
from cds.knowledge.proofs.terms import (
    FALSE,
    TRUE,
    Key,
    Term,
    Variable,
    both,
    counted,
    either,
    negated,
)
from cds.knowledge.proofs.worlds import World


def monotony(scope: Scope, context: Sequence[Lowering]) -> Iterator[Group]:
    """All claims of law b for one form and one setting of the site options."""
    yield _added(scope, context)
    yield _worse(scope)
    yield from _listed(scope, context)


def choices_of(scope: Scope, context: Sequence[Lowering]) -> dict[tuple[str, str], Term]:
    """One choice variable for each alarm that may be added."""
    listed = {(one.question, one.code) for one in context}
    return {
        (link_id, code): Variable(("choice", link_id, code))
        for link_id, codes in named_codes(scope).items()
        for code in codes
        if (link_id, code) not in listed
    }


def chosen_here(
    question: Question, choices: Mapping[tuple[str, str], Term]
) -> tuple[dict[str, Term], Term]:
    """The choices that are answers to one question, by code, and whether any of them is made."""
    codes = [code for code in question.codes if (question.link_id, code) in choices]
    here = {code: choices[question.link_id, code] for code in codes}
    return here, either(here.values())


def exactly_one(choices: Sequence[Term]) -> Term:
    """One of them and no second."""
    return both((either(choices), negated(counted(2, choices))))


def _added(scope: Scope, context: Sequence[Lowering]) -> Group:
    """The question was settled before, or stays open after."""
    choices = choices_of(scope, context)
    raw = free(scope)
    named = named_codes(scope)
    changes: dict[Key, Term] = {}
    allowed: list[Term] = []
    for question in scope.questions:
        here, some = chosen_here(question, choices)
        for code in codes_of(question):
            said = raw["answer", question.link_id, code]
            kept = said if question.repeats else both((said, negated(some)))
            changes["answer", question.link_id, code] = either((kept, here.get(code, FALSE)))
        allowed += [
            either((negated(choice), _calm_before(question, raw, code, named[question.link_id])))
            for code, choice in here.items()
        ]
    before, after = World(scope, raw), World(scope, raw.with_(changes))
    drop = falls(before, after)
    claims = tuple(
        Claim(
            "b",
            f"{link_id} = {code}",
            f"Adding {link_id} = {code} does not lower the level.",
            (before, after),
            (both((choice, drop)),),
        )
        for (link_id, code), choice in choices.items()
    )
    return Group(
        scope, (before.possible(), exactly_one(list(choices.values())), both(allowed)), claims
    )


def _calm_before(question: Question, raw: Raw, code: str, loud: tuple[str, ...]) -> Term:
    """What was answered before an alarm is added: something settled, or open and staying so."""
    said = {one: raw["answer", question.link_id, one] for one in codes_of(question)}
    fresh = negated(said[code])
    if question.repeats:
        return both((fresh, either(said.values())))
    calm = [term for one, term in said.items() if one not in loud and one != UNKNOWN]
    rest = [term for one, term in said.items() if one in loud or one == UNKNOWN]
    return both((either(calm), negated(either(rest)), negated(counted(2, calm))))


def _worse(scope: Scope) -> Group:
    """A fact of the record turns up, or its absence is no longer certain."""
    raw = free(scope)
    facts = named_facts(scope)
    there = {fact: Variable(("choice", fact, "present")) for fact in facts}
    unsure = {fact: Variable(("choice", fact, "unsure")) for fact in facts}
    changes: dict[Key, Term] = {}
    allowed = []
    for fact in facts:
        present, absent = raw["present", fact], raw["absent", fact]
        changes["present", fact] = either((present, there[fact]))
        changes["absent", fact] = both((absent, negated(there[fact]), negated(unsure[fact])))
        allowed += [
            either((negated(there[fact]), negated(present))),
            either((negated(unsure[fact]), absent)),
        ]
    before, after = World(scope, raw), World(scope, raw.with_(changes))
    drop = falls(before, after)
    claims = []
    for fact in facts:
        for choice, words in (
            (there[fact], f"The record showing {fact} does not lower the level."),
            (unsure[fact], f"Not knowing {fact} is never below knowing that it is absent."),
        ):
            claims.append(Claim("b", fact, words, (before, after), (both((choice, drop)),)))
    choices = [*there.values(), *unsure.values()]
    return Group(scope, (before.possible(), exactly_one(choices), both(allowed)), tuple(claims))


def _listed(scope: Scope, context: Sequence[Lowering]) -> Iterator[Group]:
    """The closed list: where the answer lowers the level, its rule fires."""
    for one in context:
        question = scope.question(one.question)
        if question is None:
            continue
        before, after = exception(scope, question, one.code)
        single = negated(before.twice(question)) if not question.repeats else TRUE
        claim = Claim(
            "b",
            f"{one.question} = {one.code}",
            f"{one.question} = {one.code} lowers the level only by way of {one.rule}.",
            (before, after),
            (falls(before, after), negated(_touched(before, after, one.rule))),
            (one.rule,),
        )
        background = (before.possible(), negated(before.raw["answer", one.question, one.code]))
        # Losing another alarm of the same question is not what the exception is about.
        calm = _without_other_alarms(before, question, scope, context)
        yield Group(scope, (*background, single, calm), (claim,))


def _without_other_alarms(
    before: World, question: Question, scope: Scope, context: Sequence[Lowering]
) -> Term:
    listed = {(one.question, one.code) for one in context}
    loud = [c for c in named_codes(scope)[question.link_id] if (question.link_id, c) not in listed]
    return negated(either(before.raw["answer", question.link_id, code] for code in loud))


def exception(scope: Scope, question: Question, code: str) -> tuple[World, World]:
    """Before and after an answer of the closed list replaces what the question had."""
    raw = free(scope)
    changes: dict[Key, Term] = {}
    for one in codes_of(question):
        said = raw["answer", question.link_id, one]
        changes["answer", question.link_id, one] = (
            TRUE if one == code else (said if question.repeats else FALSE)
        )
    return World(scope, raw), World(scope, raw.with_(changes))


def _touched(before: World, after: World, rule: str) -> Term:
    """The rule of an exception fires after the answer, or fired before it."""
    return either((after.fires(rule), before.fires(rule)))


def exceptions(scopes: Sequence[Scope], context: Sequence[Lowering]) -> Iterator[Iterable[Claim]]:
    """For each answer of the closed list: it does lower the level; one try a scope."""
    for one in context:
        yield (
            _lowers(scope, question, one)
            for scope in scopes
            if (question := scope.question(one.question))
        )


def _lowers(scope: Scope, question: Question, one: Lowering) -> Claim:
    before, after = exception(scope, question, one.code)
    fresh = negated(before.raw["answer", one.question, one.code])
    return Claim(
        "b",
        f"{one.question} = {one.code}",
        f"Exception: {one.text}",
        (before, after),
        (fresh, falls(before, after), _touched(before, after, one.rule)),
        (one.rule,),
        shown=True,
    )
