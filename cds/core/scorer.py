"""The rules of a pack made ready to run, for one setting of the site options."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cds.core.compiled import (
    Ground,
    Judge,
    Waits,
    Why,
    reasons_in,
)
from cds.core.conditions import Condition, Equals, HasFact, questions_of
from cds.core.model import Because, Finding, Level, Option, Rule, Rules


@lru_cache(maxsize=4096)
def natural(identifier: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key by which E2 comes before E10."""
    parts = re.findall(r"\d+|\D+", identifier)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


class Applied(NamedTuple):
    """A rule as the site options leave it; `floor` stands instead of a finding when it is off."""

    rule: Rule
    level: Level
    floor: Level | None = None
    deviates: str | None = None  # the option that changed it


class Scorer(NamedTuple):
    """The rules of a pack for one setting of the options, ready to run. Made once, used often."""

    rules: Rules
    applied: tuple[Applied, ...]  # most urgent first, then by rule id
    judge: Judge
    whys: dict[int, Why]  # by place in `applied`; compiled when the rule first fires
    waits: dict[int, Waits]  # the same, when it first waits for an answer
    # By place in `applied` and the codes of what it asks; nothing is kept under None.
    findings: dict[tuple[object, ...] | None, Finding]
    asks: tuple[frozenset[str], ...]  # by place in `applied`: the questions of its condition
    reasons: tuple[
        tuple[Because, ...], ...
    ]  # per number: one reason, none for a fact of the record
    named: tuple[Ground, ...]
    simple_support: Mapping[str, Mapping[str, tuple[Because, tuple[int, ...]]]]
    other_support: tuple[tuple[int, Condition], ...]
    other_judge: Judge
    fact_support: tuple[tuple[int, HasFact], ...]
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
    conditions = [one.rule.when for one in applied]
    named = reasons_in(conditions)
    simple: dict[str, dict[str, tuple[int, ...]]] = {}
    others: list[tuple[int, Condition]] = []
    of_facts: list[tuple[int, HasFact]] = []
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
        judge=Judge(conditions),
        whys={},
        waits={},
        findings={},
        asks=tuple(frozenset(questions_of(condition)) for condition in conditions),
        reasons=tuple((Because(q, code),) if q is not None else () for q, code in named),
        named=named,
        simple_support={
            question: {code: (Because(question, code), hit) for code, hit in codes.items()}
            for question, codes in simple.items()
        },
        other_support=tuple(others),
        other_judge=Judge([condition for _, condition in others]),
        fact_support=tuple(of_facts),
        deviations=tuple(
            (known[name], value)
            for name, value in sorted(chosen.items())
            if value != known[name].default
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
