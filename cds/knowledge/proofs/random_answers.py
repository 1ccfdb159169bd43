"""Random answers to a form: valid ones, as a form would send them, or anything that can be said."""

from collections.abc import Mapping, Sequence
from random import Random

from cds.core.model import Answers, Fact, Facts, Presence
from cds.knowledge.proofs.questions import EnableGate, Question

OPEN_REASONS = ("unknown", "unreadable", "duplicate", "free-text")


def valid_answers(questions: Sequence[Question], chance: Random) -> dict[str, tuple[str, ...]]:
    """Answers that a form accepts: only what it asks, one where one is allowed, `none` alone."""
    answers: dict[str, tuple[str, ...]] = {}
    blank = chance.choice([0.0, 0.1, 0.5])  # some people answer everything, some hardly anything
    calm = chance.choice([0.0, 0.5, 0.9])
    for question in questions:
        if not all(_open(gate, answers) for gate in question.gates) or chance.random() < blank:
            continue
        answers[question.link_id] = _answer(question, chance, calm)
    return answers


def _answer(question: Question, chance: Random, calm: float) -> tuple[str, ...]:
    alone = [*question.exclusive, *([question.unknown] if question.unknown else [])]
    positive = [code for code in question.codes if code not in question.exclusive]
    if alone and chance.random() < (calm if question.exclusive else 0.1):
        return (chance.choice(sorted(alone)),)
    if not question.repeats or not positive:
        return (chance.choice(sorted((*question.codes, *alone))),)
    picked = chance.sample(positive, chance.randint(1, min(3, len(positive))))
    if question.unknown and chance.random() < 0.1:  # noqa: PLR2004 - one in ten is not sure of it all
        picked.append(question.unknown)
    return tuple(picked)


def _open(gate: EnableGate, answers: Mapping[str, tuple[str, ...]]) -> bool:
    met = [code in answers.get(link_id, ()) for link_id, code in gate.asks]
    return all(met) if gate.every else any(met)


def any_world(
    questions: Sequence[Question], facts: Sequence[str], chance: Random
) -> tuple[Answers, Facts]:
    """Any values at all, also such as no reader makes: the two judges must agree there too."""
    dense = chance.choice([0.05, 0.2, 0.5])
    asked = tuple(question.link_id for question in questions)
    codes = {}
    for question in questions:
        given = tuple(code for code in question.codes if chance.random() < dense)
        if given:
            codes[question.link_id] = given
    answers = Answers(
        asked=asked,
        codes=codes,
        open={item: chance.choice(OPEN_REASONS) for item in asked if chance.random() < dense / 2},
        excused=frozenset(item for item in asked if chance.random() < dense / 2),
        blocked=chance.random() < dense / 2,
    )
    states = (Presence.PRESENT, Presence.ABSENT, Presence.UNKNOWN, Presence.UNUSABLE)
    known = [name for name in facts if chance.random() < dense]
    return answers, Facts({name: Fact(name, chance.choice(states)) for name in known})
