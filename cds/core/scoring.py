"""Pack × answers × facts → assessment: which rules fire, the level they make, what is still open.

The level is the highest of the fired rules; what is not known can only raise it, never lower it.
"""

from collections.abc import Iterator
from typing import Final

from cds.core.causes import supported_causes
from cds.core.compiled import compile_reasons
from cds.core.fields import of_fields
from cds.core.model import (
    Answers,
    Assessment,
    Because,
    Deviation,
    Facts,
    Finding,
    Level,
    Note,
    State,
)
from cds.core.remember import remember
from cds.core.scorer import Applied, Scorer, natural
from cds.core.sides import sides_of
from cds.core.unsettled import open_questions

NO_FACTS: Final = Facts()
_MAX_KEPT: Final = 2_048


def score(scorer: Scorer, answers: Answers, facts: Facts = NO_FACTS) -> Assessment:
    """Assess the answers and facts."""
    asked, codes, unsettled, excused, _, _, _, notes = answers
    _, of_record, unusable, floors, _, _, _ = facts
    present, absent = sides = sides_of(facts)
    shown = not scorer.rule_facts.isdisjoint(present)
    judged = scorer.judge.fired if shown else scorer.judge.plain
    level, complete = _base(scorer, answers)
    rank = level.rank
    findings = []
    remarked = []
    touched = []
    for index in judged(codes, unsettled, excused, present, absent):
        one = scorer.applied[index]
        # Of codes alone, it is the same for whoever chose the same.
        known = (not shown or one.rests_on.isdisjoint(present)) and (
            not unsettled or one.asks.isdisjoint(unsettled)
        )
        key = (index, *map(codes.get, one.asks)) if known else None
        finding = scorer.findings.get(key)
        if finding is None:
            because = _because(scorer, index, answers, facts, present)
            finding = _kept(scorer, key, Finding(one.rule, one.reached, because))
        if one.deviates is not None:
            touched.append((one, finding.because))
        if one.floor is None:
            findings.append(finding)
            if one.remark is not None:
                remarked.append(finding)
        if one.rank > rank:
            level, rank = one.reached, one.rank
    if floors:
        forced = [scorer.rules.level(floor.level) for floor in floors]
        level = max(level, *forced, key=lambda one: one.rank)
    waits = unsettled or len(codes) + len(excused) < len(asked) or unusable
    noted = remarked or notes or of_record or floors
    whole = (
        level,
        complete,
        tuple(findings),
        open_questions(scorer, answers, facts, findings, sides) if waits else (),
        supported_causes(scorer, answers, facts, present, absent),
        _notes(answers, facts, remarked) if noted else (),
        tuple(_deviations(scorer, touched)) if scorer.deviations else (),
    )
    return of_fields(Assessment, whole)


def _kept(scorer: Scorer, key: tuple[object, ...] | None, finding: Finding) -> Finding:
    return finding if key is None else remember(scorer.findings, key, finding, _MAX_KEPT)


def _because(
    scorer: Scorer, index: int, answers: Answers, facts: Facts, present: frozenset[str]
) -> tuple[Because, ...]:
    """The reasons of a rule that fired, each once, in the rule's order."""
    why = scorer.whys.get(index)
    if why is None:
        why = scorer.whys[index] = compile_reasons(scorer.applied[index].rule.when, scorer.named)
    numbers = why(answers.codes, answers.open, present)
    reasons = scorer.reasons
    if len(numbers) == 1 and reasons[numbers[0]]:
        return reasons[numbers[0]]
    found: list[Because] = []
    for number in dict.fromkeys(numbers):
        reason = reasons[number]
        if reason:
            found += reason
        else:
            name = scorer.named[number][1] or ""
            found += (Because(fact=name, evidence=one) for one in facts.facts[name].evidence)
    return tuple(found)


def states(scorer: Scorer, answers: Answers, facts: Facts = NO_FACTS) -> dict[str, State]:
    """The state of every rule, by its id, as the compiled functions see it."""
    known = (answers.codes, answers.open, answers.excused, *sides_of(facts))
    flagged, possible = set(scorer.judge.fired(*known)), set(scorer.judge.possible(*known))
    return {
        one.rule.id: State.FLAGGED
        if index in flagged
        else State.OPEN
        if index in possible
        else State.RULED_OUT
        for index, one in enumerate(scorer.applied)
    }


def _base(scorer: Scorer, answers: Answers) -> tuple[Level, bool]:
    """The level without any finding, and whether the safety check is complete."""
    _, codes, unsettled, excused, _, blocked, short, _ = answers
    if not unsettled and not scorer.owed.difference(codes):  # as nearly always
        return (scorer.floor if blocked or short else scorer.lowest), True
    complete = True
    for item in scorer.safety:
        if (item not in codes or item in unsettled) and item not in excused:
            complete = False
            break
    if not complete or blocked or short:
        return scorer.floor, complete
    for item in scorer.history:
        if item not in codes or item in unsettled:
            return scorer.otherwise, complete
    return scorer.lowest, complete


def _notes(answers: Answers, facts: Facts, remarked: list[Finding]) -> tuple[Note, ...]:
    notes = []
    for finding in remarked:
        remark = finding.rule.remark
        if remark is not None:
            about = next((b.link_id for b in finding.because if b.link_id), finding.rule.id)
            notes.append(Note(remark.code, about, remark.text))
    notes.extend(answers.notes)
    notes.extend(facts.notes)
    notes.extend(floor.note for floor in facts.floors if floor.note is not None)
    return tuple(dict.fromkeys(notes))


def _deviations(
    scorer: Scorer, touched: list[tuple[Applied, tuple[Because, ...]]]
) -> Iterator[Deviation]:
    for option, value in scorer.deviations:
        hit = [(one, because) for one, because in touched if one.deviates == option.name]
        rules = sorted((one.rule.id for one, _ in hit), key=natural)
        items = dict.fromkeys(b.link_id for _, because in hit for b in because if b.link_id)
        yield Deviation(option.name, value, tuple(rules), tuple(items), option.text)
