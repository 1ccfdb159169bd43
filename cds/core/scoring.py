"""Pack × answers × facts → assessment: which rules fire, the level they make, what is still open.

The level is the highest of the fired rules; what is not known can only raise it, never lower it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cds.core.compiled import Judge, compile_conditions
from cds.core.conditions import Condition, Equals, HasFact, facts_of
from cds.core.interpret import because_of, is_settled, truth_of, waits_for
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
    Option,
    Presence,
    Rule,
    Rules,
    State,
    SupportedCause,
)

NO_FACTS = Facts()


def natural(identifier: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key by which E2 comes before E10."""
    parts = re.findall(r"\d+|\D+", identifier)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule as the site options leave it; `floor` stands instead of a finding when it is off."""

    rule: Rule
    level: Level
    floor: Level | None = None
    deviates: str | None = None  # the option that changed it


@dataclass(frozen=True, slots=True)
class Scorer:
    """The rules of a pack for one setting of the options, ready to run. Made once, used often."""

    rules: Rules
    applied: tuple[Applied, ...]  # most urgent first, then by rule id
    judge: Judge
    simple_support: Mapping[str, Mapping[str, tuple[int, ...]]]  # linkId → code → cause indexes
    other_support: tuple[tuple[int, Condition], ...]
    fact_support: tuple[tuple[int, Condition], ...]
    deviations: tuple[tuple[Option, bool], ...]
    floor: Level
    lowest: Level
    otherwise: Level
    safety: tuple[str, ...]
    history: tuple[str, ...]
    owed: frozenset[str]


def scorer_of(rules: Rules, settings: Mapping[str, bool] | None = None) -> Scorer:
    """Compile the rules for these site options; an option left out stands at its default.

    Raises:
        KeyError: `settings` names an option that the pack does not have.
    """
    known = {option.name: option for option in rules.options}
    chosen = {known[name].name: value for name, value in (settings or {}).items()}
    applied = tuple(
        sorted(
            (_apply(rule, rules, chosen, known) for rule in rules.rules),
            key=lambda one: (-one.level.rank, natural(one.rule.id)),
        )
    )
    simple: dict[str, dict[str, tuple[int, ...]]] = {}
    others: list[tuple[int, Condition]] = []
    of_facts: list[tuple[int, Condition]] = []
    for index, cause in enumerate(rules.causes):
        for condition in cause.supported_by:
            if isinstance(condition, Equals):
                for code in condition.codes:
                    codes = simple.setdefault(condition.question, {})
                    codes[code] = (*codes.get(code, ()), index)
            elif isinstance(condition, HasFact):
                of_facts.append((index, condition))
            else:
                others.append((index, condition))
    needs = rules.reassurance
    return Scorer(
        rules=rules,
        applied=applied,
        judge=compile_conditions([one.rule.when for one in applied]),
        simple_support=simple,
        other_support=tuple(others),
        fact_support=tuple(of_facts),
        deviations=tuple(
            (known[name], value) for name, value in sorted(chosen.items()) if value != known[name].default
        ),
        floor=rules.level(needs.floor),
        lowest=rules.level(needs.lowest),
        otherwise=rules.level(needs.otherwise),
        safety=needs.safety,
        history=needs.history,
        owed=frozenset((*needs.safety, *needs.history)),
    )


def _apply(
    rule: Rule, rules: Rules, chosen: Mapping[str, bool], known: Mapping[str, Option]
) -> Applied:
    level = rules.level(rule.level)
    switch = rule.switch
    if switch is None or chosen.get(switch.name, known[switch.name].default) != switch.value:
        return Applied(rule, level)
    if switch.off:
        floor = rules.level(switch.floor) if switch.floor else rules.levels[-1]
        return Applied(rule, level, floor, switch.name)
    return Applied(rule, rules.level(switch.level or rule.level), None, switch.name)


def score(scorer: Scorer, answers: Answers, facts: Facts = NO_FACTS) -> Assessment:
    """Assess the answers and facts."""
    present, absent = _sides(facts)
    fired, waiting = scorer.judge(answers.codes, answers.open, answers.excused, present, absent)
    applied = scorer.applied
    findings = []
    touched = []
    reached = [floor.level for floor in facts.floors]
    for index in fired:
        one = applied[index]
        because = because_of(one.rule.when, answers, facts)
        if one.deviates is not None:
            touched.append((one, because))
        if one.floor is None:
            findings.append(Finding(one.rule, one.level, because))
        else:
            reached.append(one.floor.code)
    level, complete = _base(scorer, answers)
    if findings and findings[0].level.rank > level.rank:
        level = findings[0].level
    for code in reached:
        forced = scorer.rules.level(code)
        if forced.rank > level.rank:
            level = forced
    return Assessment(
        level=level,
        complete=complete,
        findings=tuple(findings),
        open=_open(scorer, answers, facts, findings, waiting),
        causes=_causes(scorer, answers, facts),
        notes=_notes(answers, facts, findings),
        deviations=tuple(_deviations(scorer, touched)) if scorer.deviations else (),
    )


def states(scorer: Scorer, answers: Answers, facts: Facts = NO_FACTS) -> dict[str, State]:
    """The state of every rule, by its id, as the compiled function sees it."""
    present, absent = _sides(facts)
    fired, waiting = scorer.judge(answers.codes, answers.open, answers.excused, present, absent)
    flagged, unsettled = set(fired), set(waiting)
    return {
        one.rule.id: State.FLAGGED
        if index in flagged
        else State.OPEN
        if index in unsettled
        else State.RULED_OUT
        for index, one in enumerate(scorer.applied)
    }


def _sides(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    if not facts.facts:
        return frozenset(), frozenset()
    return (
        frozenset(f.id for f in facts.facts.values() if f.presence is Presence.PRESENT),
        frozenset(f.id for f in facts.facts.values() if f.presence is Presence.ABSENT),
    )


def _base(scorer: Scorer, answers: Answers) -> tuple[Level, bool]:
    """The level without any finding, and whether the safety check is complete."""
    codes, unsettled, excused = answers.codes, answers.open, answers.excused
    complete = True
    for item in scorer.safety:
        if (not codes.get(item) or item in unsettled) and item not in excused:
            complete = False
            break
    if not complete or answers.blocked or answers.short:
        return scorer.floor, complete
    for item in scorer.history:
        if not codes.get(item) or item in unsettled:
            return scorer.otherwise, complete
    return scorer.lowest, complete


def _open(
    scorer: Scorer, answers: Answers, facts: Facts, findings: list[Finding], waiting: list[int]
) -> tuple[OpenQuestion, ...]:
    unsettled = [
        item
        for item in answers.asked
        if not is_settled(item, answers) and item not in answers.excused
    ]
    if not unsettled and not facts.open:
        return ()
    rules_of: dict[str, list[str]] = {}
    for index in waiting:
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
        by_code = simple.get(question)
        if by_code:
            for code in given:
                for index in by_code.get(code, ()):
                    support.setdefault(index, []).append(Because(question, code))
    if facts.facts:
        for index, condition in scorer.fact_support:
            support.setdefault(index, []).extend(because_of(condition, answers, facts))
    for index, condition in scorer.other_support:
        if truth_of(condition, answers, facts):
            support.setdefault(index, []).extend(because_of(condition, answers, facts))
    if not support:
        return ()
    order = {item: place for place, item in enumerate(answers.asked)}

    def place(because: Because) -> tuple[int, str, str]:
        return (
            order.get(because.link_id or "", len(order)),
            because.answer or "",
            because.evidence.record if because.evidence else "",
        )

    causes = [
        SupportedCause(scorer.rules.causes[index], tuple(sorted(dict.fromkeys(found), key=place)))
        for index, found in support.items()
        if found
    ]
    causes.sort(key=lambda one: (-len(one.supported_by), one.cause.id))
    return tuple(causes)


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

