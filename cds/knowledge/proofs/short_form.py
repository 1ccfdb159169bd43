"""Law h: the short form may raise an alarm; it never says more than the full one, nor reassures."""

from collections.abc import Iterator

from cds.knowledge.proofs.claims import Claim, Group, alerting, lowered, reassured
from cds.knowledge.proofs.scope import Raw, Scope, codes_of, free
from cds.knowledge.proofs.terms import Key, Term, both
from cds.knowledge.proofs.worlds import World


def short_form_claims(short: Scope, full: Scope) -> Iterator[Group]:
    """All claims of law h for a short form beside the full one, at one setting of the options."""
    raw = free(short)
    asked = World(short, raw)
    blank = World(full, _answers_of(raw, short))
    yield Group(short, (asked.possible(),), (_calm(asked),))
    claims = [
        Claim(
            "h",
            one.rule.id,
            f"Where {one.rule.id} fires on the short form, the same answers fire it on the full.",
            (blank, asked),
            (both((lowered(asked.fires(one.rule.id), blank.fires(one.rule.id)),)),),
            (one.rule.id,),
        )
        for one in short.applied
    ]
    # Of valid responses: a left-over answer counts on one form and not on the other, by design.
    yield Group(short, (asked.clean(),), tuple(claims))
    filled = World(full, free(full))
    kept = [
        Claim(
            "h",
            level.code,
            f"{level.code} on the short form stays, whatever the full form asks besides.",
            (asked, filled),
            (lowered(asked.argued(level.rank), filled.reaches(level.rank)),),
        )
        for level in alerting(short)
    ]
    yield Group(short, (asked.possible(), filled.possible()), tuple(kept))


def _calm(asked: World) -> Claim:
    return Claim(
        "h",
        asked.scope.form,
        "The short form never reassures.",
        (asked,),
        (reassured(asked),),
    )


def _answers_of(raw: Raw, scope: Scope) -> Raw:
    """The same answers and facts, for a form that asks more."""
    said: dict[Key, Term] = {
        key: term for key, term in raw.terms.items() if key[0] in {"present", "absent", "blocked"}
    }
    for question in scope.questions:
        for code in codes_of(question):
            key = ("answer", question.link_id, code)
            said[key] = raw[key]
    return Raw(said)
