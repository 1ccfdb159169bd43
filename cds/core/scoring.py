"""Pack × answers × facts → assessment: which rules fire, the level they make, what is still open.

The level is the highest of the fired rules; what is not known can only raise it, never lower it.
"""

from collections.abc import Iterator

from cds.core.compiled import compile_reasons
from cds.core.conditions import facts_of
from cds.core.interpret import because_of, is_settled, waits_for
from cds.core.model import (
    Answers,
    Assessment,
    Because,
    Deviation,
    Facts,
    Finding,
    Level,
    Note,
    OpenQuestion,
    Presence,
    State,
    SupportedCause,
)
from cds.core.scorer import Applied, Scorer, natural

NO_FACTS = Facts()
_NONE: frozenset[str] = frozenset()


def score(scorer: Scorer, answers: Answers, facts: Facts = NO_FACTS) -> Assessment:
    """Assess the answers and facts."""
    codes, unsettled, excused = answers.codes, answers.open, answers.excused
    present, absent = _sides(facts)
    judged = scorer.judge.fired if facts.facts else scorer.judge.plain
    level, complete = _base(scorer, answers)
    findings = []
    touched = []
    for index in judged(codes, unsettled, excused, present, absent):
        one = scorer.applied[index]
        because = _because(scorer, index, answers, facts, present)
        if one.deviates is not None:
            touched.append((one, because))
        reached = one.floor or one.level
        if one.floor is None:
            findings.append(Finding(one.rule, reached, because))
        if reached.rank > level.rank:
            level = reached
    for floor in facts.floors:
        forced = scorer.rules.level(floor.level)
        if forced.rank > level.rank:
            level = forced
    waits = unsettled or len(codes) + len(excused) < len(answers.asked) or facts.open
    return Assessment(
        level,
        complete,
        tuple(findings),
        _open(scorer, answers, facts, findings, absent) if waits else (),
        _causes(scorer, answers, facts),
        _notes(answers, facts, findings),
        tuple(_deviations(scorer, touched)) if scorer.deviations else (),
    )


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
    known = (answers.codes, answers.open, answers.excused, *_sides(facts))
    flagged, possible = set(scorer.judge.fired(*known)), set(scorer.judge.possible(*known))
    return {
        one.rule.id: State.FLAGGED
        if index in flagged
        else State.OPEN
        if index in possible
        else State.RULED_OUT
        for index, one in enumerate(scorer.applied)
    }


def _sides(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    if not facts.facts:
        return _NONE, _NONE
    return (
        frozenset(f.id for f in facts.facts.values() if f.presence is Presence.PRESENT),
        frozenset(f.id for f in facts.facts.values() if f.presence is Presence.ABSENT),
    )


def _base(scorer: Scorer, answers: Answers) -> tuple[Level, bool]:
    """The level without any finding, and whether the safety check is complete."""
    codes, unsettled, excused = answers.codes, answers.open, answers.excused
    complete = True
    for item in scorer.safety:
        if (item not in codes or item in unsettled) and item not in excused:
            complete = False
            break
    if not complete or answers.blocked or answers.short:
        return scorer.floor, complete
    for item in scorer.history:
        if item not in codes or item in unsettled:
            return scorer.otherwise, complete
    return scorer.lowest, complete


def _open(
    scorer: Scorer,
    answers: Answers,
    facts: Facts,
    findings: list[Finding],
    absent: frozenset[str],
) -> tuple[OpenQuestion, ...]:
    unsettled = [
        item
        for item in answers.asked
        if not is_settled(item, answers) and item not in answers.excused
    ]
    if not unsettled and not facts.open:
        return ()
    rules_of: dict[str, list[str]] = {}
    codes, excused = answers.codes, answers.excused
    for index in scorer.judge.possible(codes, answers.open, excused, _NONE, absent):
        rule = scorer.applied[index].rule
        for question in waits_for(rule.when, answers, facts):
            rules_of.setdefault(question, []).append(rule.id)
    for finding in findings:
        for because in finding.because:
            if because.link_id is not None and because.answer is None:
                rules_of.setdefault(because.link_id, []).append(finding.rule.id)
    found = []
    for item in unsettled:
        relevant = item in scorer.owed or (item in rules_of and item not in answers.hidden)
        if relevant or item in answers.open:
            rules = tuple(sorted(dict.fromkeys(rules_of.get(item, ())), key=natural))
            found.append(OpenQuestion(answers.open.get(item, "unanswered"), rules, link_id=item))
    for entry in facts.open:
        needing = tuple(
            one.rule.id
            for one in sorted(scorer.applied, key=lambda one: natural(one.rule.id))
            if not set(entry.facts).isdisjoint(facts_of(one.rule.when))
        )
        found.append(OpenQuestion(entry.why, needing, record=entry.record))
    return tuple(found)


def _causes(scorer: Scorer, answers: Answers, facts: Facts) -> tuple[SupportedCause, ...]:
    support: dict[int, list[Because]] = {}
    simple = scorer.simple_support
    for question, given in answers.codes.items():
        supported = simple.get(question)
        if supported is not None:
            # The order of the answers must not show in the decision.
            for code in given if len(given) == 1 else sorted(given):
                if code in supported:
                    because, causes = supported[code]
                    for index in causes:
                        if index in support:
                            support[index].append(because)
                        else:
                            support[index] = [because]
    if facts.facts:
        for index, condition in scorer.fact_support:
            _add(support.setdefault(index, []), because_of(condition, answers, facts))
    if scorer.other_support:
        judged = scorer.other_judge.fired if facts.facts else scorer.other_judge.plain
        for place in judged(answers.codes, answers.open, answers.excused, *_sides(facts)):
            index, condition = scorer.other_support[place]
            _add(support.setdefault(index, []), because_of(condition, answers, facts))
    if not support:
        return ()
    found_causes = [
        SupportedCause(scorer.rules.causes[index], tuple(found))
        for index, found in support.items()
        if found
    ]
    found_causes.sort(key=lambda one: (-len(one.supported_by), one.cause.id))
    return tuple(found_causes)


def _add(found: list[Because], more: tuple[Because, ...]) -> None:
    """One finding supports a cause once, however many conditions name it."""
    found.extend(because for because in more if because not in found)


def _notes(answers: Answers, facts: Facts, findings: list[Finding]) -> tuple[Note, ...]:
    notes = []
    for finding in findings:
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
