"""What is still open, and which rules wait for it (or took it for an alarm)."""

from collections.abc import Iterable, Iterator

from cds.core.conditions import facts_of
from cds.core.interpret import is_settled, waits_for
from cds.core.model import Answers, Facts, Finding, OpenQuestion
from cds.core.scorer import Scorer, natural
from cds.core.sides import NONE


def open_questions(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    findings: Iterable[Finding],
    absent: frozenset[str],
) -> tuple[OpenQuestion, ...]:
    """The questions of the form, in its order, then what of the record could not be used."""
    open_ = [
        item
        for item in answers.asked
        if not is_settled(item, answers) and item not in answers.excused
    ]
    if not open_ and not facts.open:
        return ()
    possible = scorer.judge.possible(answers.codes, answers.open, answers.excused, NONE, absent)
    waiting = [index for index in possible if not scorer.asks[index].isdisjoint(open_)]
    rules = _rules_by_question(scorer, answers, facts, findings, waiting)
    return (*_of_form(open_, scorer, answers, rules), *_of_record(scorer, facts))


def _rules_by_question(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    findings: Iterable[Finding],
    waiting: Iterable[int],
) -> dict[str, list[str]]:
    """Per linkId the rules that wait for it, and those that fired because it is open."""
    found: dict[str, list[str]] = {}
    for index in waiting:
        rule = scorer.applied[index].rule
        for question in waits_for(rule.when, answers, facts):
            found.setdefault(question, []).append(rule.id)
    for finding in findings:
        for because in finding.because:
            if because.link_id is not None and because.answer is None:
                found.setdefault(because.link_id, []).append(finding.rule.id)
    return found


def _of_form(
    items: Iterable[str], scorer: Scorer, answers: Answers, rules: dict[str, list[str]]
) -> Iterator[OpenQuestion]:
    for item in items:
        waited_for = item in rules and item not in answers.hidden
        if item in scorer.owed or waited_for or item in answers.open:
            waiting = tuple(sorted(dict.fromkeys(rules.get(item, ())), key=natural))
            yield OpenQuestion(answers.open.get(item, "unanswered"), waiting, link_id=item)


def _of_record(scorer: Scorer, facts: Facts) -> Iterator[OpenQuestion]:
    for entry in facts.open:
        needing = (
            one.rule.id
            for one in scorer.applied
            if not set(entry.facts).isdisjoint(facts_of(one.rule.when))
        )
        yield OpenQuestion(entry.why, tuple(sorted(needing, key=natural)), record=entry.record)
