"""Where an answer and the record contradict each other: both are shown, neither is changed."""

from collections.abc import Iterator

from cds.core.model import Answers, Fact, Facts, Note, Presence
from cds.record.rules import RecordRules
from cds.record.words import clean, on_date, quantity


def conflicts(answers: Answers, facts: Facts, rules: RecordRules) -> tuple[Note, ...]:
    """One note for each answer that a fact of the record contradicts, in the order of record.toml.

    A question that is open contradicts nothing: only what was answered can.
    """
    return tuple(
        dict.fromkeys((*_left_out(answers, facts, rules), *_against(answers, facts, rules)))
    )


def _left_out(answers: Answers, facts: Facts, rules: RecordRules) -> Iterator[Note]:
    """The question was answered, without the option that the record shows."""
    present = Presence.PRESENT
    for prefill in rules.prefill:
        fact = facts.facts.get(prefill.fact)
        if fact is None or fact.presence is not present:
            continue
        given = answers.codes.get(prefill.question, ())
        # An exclusive "none" is an answer of its own and stands among the codes.
        if given and prefill.question not in answers.open and prefill.answer not in given:
            text = (
                f"The record shows: {rules.words[prefill.fact]} ({_shown(fact)}). "
                "It was not among the answers. Both are shown; the record counts."
            )
            yield Note("record-conflict", prefill.question, text)


def _against(answers: Answers, facts: Facts, rules: RecordRules) -> Iterator[Note]:
    """An answer that contradicts a fact outright."""
    for conflict in rules.conflicts:
        if conflict.answers.isdisjoint(answers.codes.get(conflict.question, ())):
            continue
        for name in conflict.facts:
            fact = facts.facts.get(name)
            if fact is not None and fact.presence is conflict.state:
                against = "shows" if fact.presence is Presence.PRESENT else "speaks against"
                text = (
                    f"The record {against}: {rules.words[name]} ({_shown(fact)}). "
                    "The answer says otherwise. Both are shown."
                )
                yield Note("record-conflict", conflict.question, text)


def _shown(fact: Fact) -> str:
    """The newest evidence in words: value, date, resource."""
    if not fact.evidence:
        return "without details"
    one = fact.evidence[0]
    return f"{quantity(one.value, one.unit)} {on_date(one.date)}, {clean(one.record)}"
