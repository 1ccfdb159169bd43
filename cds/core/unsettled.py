"""What is still open, and which rules wait for it (or took it for an alarm)."""

from collections.abc import Iterable, Iterator

from cds.core.compiled import compile_waits
from cds.core.fields import of_fields
from cds.core.model import Answers, Facts, Finding, OpenQuestion
from cds.core.scorer import Scorer, natural
from cds.core.sides import Sides


def open_questions(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    findings: Iterable[Finding],
    sides: Sides,
) -> tuple[OpenQuestion, ...]:
    """The questions of the form, in its order, then what of the record could not be used."""
    codes, unsettled, excused = answers.codes, answers.open, answers.excused
    present, absent = sides
    open_ = [
        item
        for item in answers.asked
        if (item in unsettled or not codes.get(item)) and item not in excused
    ]
    if not open_ and not facts.open:
        return ()
    found: dict[str, list[str]] = {}
    # Only a rule that asks an open question can wait for one; mostly one question is open.
    for index in sorted({index for item in open_ for index in scorer.asking.get(item, ())}):
        waits = scorer.waits.get(index)
        if waits is None:
            waits = scorer.waits[index] = compile_waits(scorer.applied[index].rule.when)
        for question in waits(codes, unsettled, excused, present, absent):
            found.setdefault(question, []).append(scorer.applied[index].rule.id)
    _add_fired(found, findings)
    return (*_of_form(open_, scorer, answers, found), *_of_record(scorer, facts))


def _add_fired(found: dict[str, list[str]], findings: Iterable[Finding]) -> None:
    """Add the rules that fired because a question is open."""
    for finding in findings:
        for because in finding.because:
            if because.link_id is not None and because.answer is None:
                found.setdefault(because.link_id, []).append(finding.rule.id)


def _of_form(
    items: Iterable[str], scorer: Scorer, answers: Answers, rules: dict[str, list[str]]
) -> Iterator[OpenQuestion]:
    for item in items:
        waited_for = item in rules and item not in answers.hidden
        if item in scorer.owed or waited_for or item in answers.open:
            waiting = tuple(sorted(dict.fromkeys(rules.get(item, ())), key=natural))
            why = answers.open.get(item, "unanswered")
            yield of_fields(OpenQuestion, (why, waiting, item, None))


def _of_record(scorer: Scorer, facts: Facts) -> Iterator[OpenQuestion]:
    # Thousands of entries may be open, and few facts are asked for in them.
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for entry in facts.open:
        needing = known.get(entry.facts)
        if needing is None:
            rules = [
                one.rule.id for one in scorer.applied if not one.rests_on.isdisjoint(entry.facts)
            ]
            needing = known[entry.facts] = tuple(sorted(rules, key=natural))
        yield OpenQuestion(entry.why, needing, record=entry.record)
