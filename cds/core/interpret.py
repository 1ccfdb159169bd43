"""The tree interpreter: what a condition is worth, and why. The oracle of the compiled function."""

from collections.abc import Iterable, Iterator

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    Leaf,
    NoneOf,
    evaluate,
    spread,
)
from cds.core.logic import Truth, any_of
from cds.core.model import Answers, Because, Facts, Presence


def is_settled(question: str, answers: Answers) -> bool:
    """Whether the question has an answer that can be relied on."""
    return bool(answers.codes.get(question)) and question not in answers.open


def truth_of(condition: Condition, answers: Answers, facts: Facts) -> Truth:
    """True, false, or None while something that it needs is not known.

    A question that was not asked, because a known answer made it needless, is false for `=`. It has
    no answer all the same, so `open` holds for it: an open question may only ever add an alarm.
    """

    def leaf_truth(leaf: Leaf) -> Truth:
        match leaf:
            case Equals(question, codes):
                given = answers.codes.get(question, ())
                if any(code in given for code in codes):
                    return True
                waiting = not is_settled(question, answers) and question not in answers.excused
                return None if waiting else False
            case IsOpen(question, True):
                return not is_settled(question, answers)
            case IsOpen(question, _):
                if is_settled(question, answers):
                    return True
                return False if question in answers.excused else None
            case HasFact(names):
                return any_of(_fact_truth(name, facts) for name in names)

    return evaluate(condition, leaf_truth)


def _fact_truth(name: str, facts: Facts) -> Truth:
    fact = facts.facts.get(name)
    if fact is None:
        return None
    return {Presence.PRESENT: True, Presence.ABSENT: False}.get(fact.presence)


def because_of(condition: Condition, answers: Answers, facts: Facts) -> tuple[Because, ...]:
    """The answers and values that make a true condition true, each once, in the rule's order."""
    return tuple(dict.fromkeys(_reasons(condition, answers, facts)))


def _reasons(condition: Condition, answers: Answers, facts: Facts) -> Iterator[Because]:
    match condition:
        case AllOf(parts):
            for part in parts:
                yield from _reasons(part, answers, facts)
        case AnyOf(parts):
            yield from _of_true_parts(parts, answers, facts)
        case AtLeast(_, parts):
            each = [part for whole in parts for part in spread(whole)]
            yield from _of_true_parts(each, answers, facts)
        case NoneOf():
            # What is not there cannot be shown; the rule's reading says it.
            return
        case Equals() | IsOpen() | HasFact():
            yield from _of_leaf(condition, answers, facts)


def _of_true_parts(parts: Iterable[Condition], answers: Answers, facts: Facts) -> Iterator[Because]:
    for part in parts:
        if truth_of(part, answers, facts):
            yield from _reasons(part, answers, facts)


def _of_leaf(leaf: Leaf, answers: Answers, facts: Facts) -> Iterator[Because]:
    match leaf:
        case Equals(question, codes):
            given = answers.codes.get(question, ())
            yield from (Because(question, code) for code in codes if code in given)
        case IsOpen(question, True):
            yield Because(question, None)
        case IsOpen():
            return
        case HasFact(names):
            found = (facts.facts[name] for name in names if name in facts.facts)
            for fact in found:
                if fact.presence is Presence.PRESENT:
                    yield from (Because(fact=fact.id, evidence=one) for one in fact.evidence)
