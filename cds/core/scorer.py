"""The rules of a pack made ready to run, for one setting of the site options."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cds.core.compiled import (
    Judge,
    Waits,
    Why,
    reasons_in,
)
from cds.core.conditions import Condition, Equals, HasFact, facts_asked, questions_of
from cds.core.model import Because, Cause, Finding, Level, Option, Rule, Rules


@lru_cache(maxsize=4096)
def natural(identifier: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key by which E2 comes before E10."""
    parts = re.findall(r"\d+|\D+", identifier)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


class Applied:
    """A rule as the site options leave it; `floor` stands instead of a finding when it is off.

    `deviates`: the option that changed it. `asks`: the questions of its condition; `rests_on`: its
    facts.
    """

    def __init__(
        self, rule: Rule, level: Level, floor: Level | None = None, deviates: str | None = None
    ) -> None:
        self.rule = rule
        self.level = level
        self.floor = floor
        self.deviates = deviates
        self.reached = floor or level
        self.rank = self.reached.rank
        self.remark = rule.remark
        self.asks = frozenset(questions_of(rule.when))
        self.rests_on = frozenset(facts_asked(rule.when))


class Scorer:
    """The rules of a pack for one setting of the options, ready to run. Made once, used often.

    It is a plain class, as what it holds: what is read in every decision is read faster than from a
    named tuple.
    """

    def __init__(self, rules: Rules, settings: Mapping[str, bool] | None = None) -> None:
        """Compile the rules for these site options; one left out stands at its default.

        Raises:
            KeyError: `settings` names an option that the pack does not have.
        """
        known = {option.name: option for option in rules.options}
        chosen = {known[name].name: value for name, value in (settings or {}).items()}
        self.rules = rules
        # Most urgent first, then by rule id; other tables name a rule by its place here.
        self.applied = tuple(
            sorted(
                (_apply(rule, rules, chosen, known) for rule in rules.rules),
                key=lambda one: (-one.level.rank, natural(one.rule.id)),
            )
        )
        conditions = [one.rule.when for one in self.applied]
        self.asking: dict[str, list[int]] = {}  # by question: the rules that ask it
        for index, one in enumerate(self.applied):
            for question in one.asks:
                self.asking.setdefault(question, []).append(index)
        self.judge = Judge(conditions)
        # The facts that a rule rests on, or a cause: most records show none of them.
        self.rule_facts = frozenset().union(*(one.rests_on for one in self.applied))
        self.cause_facts = _facts_of(rules.causes)
        self.whys: dict[int, Why] = {}  # compiled when the rule first fires
        self.waits: dict[int, Waits] = {}  # the same, when it first waits for an answer
        # By place and the codes of what it asks; nothing is kept under None.
        self.findings: dict[tuple[object, ...] | None, Finding] = {}
        # Per number: one reason, none for a fact of the record.
        self.named = reasons_in(conditions)
        self.reasons = tuple((Because(q, code),) if q is not None else () for q, code in self.named)
        self.causes = tuple(sorted(rules.causes, key=lambda one: one.id))
        # Which name them by their places.
        self.simple_support, self.other_support, self.fact_support = _support(self.causes)
        self.other_judge = Judge([condition for _, condition in self.other_support])
        self.deviations = tuple(
            (known[name], value)
            for name, value in sorted(chosen.items())
            if value != known[name].default
        )
        needs = rules.reassurance
        self.floor = rules.level(needs.floor)
        self.lowest = rules.level(needs.lowest)
        self.otherwise = rules.level(needs.otherwise)
        self.safety, self.history = needs.safety, needs.history
        self.owed = frozenset((*needs.safety, *needs.history))


# By question and code: the reason, and the places of the causes that it supports.
_Simple = Mapping[str, Mapping[str, tuple[Because, tuple[int, ...]]]]


def _support(
    named: Iterable[Cause],
) -> tuple[_Simple, tuple[tuple[int, Condition], ...], tuple[tuple[int, HasFact], ...]]:
    """What supports the causes: one code, another condition, a fact of the record."""
    simple: dict[str, dict[str, tuple[Because, tuple[int, ...]]]] = {}
    others: list[tuple[int, Condition]] = []
    of_facts: list[tuple[int, HasFact]] = []
    for index, cause in enumerate(named):
        for condition in cause.supported_by:
            if isinstance(condition, Equals):
                question = condition.question
                codes = simple.setdefault(question, {})
                for code in condition.codes:
                    because, causes = codes.get(code, (Because(question, code), ()))
                    codes[code] = because, (*causes, index)
            elif isinstance(condition, HasFact):
                of_facts.append((index, condition))
            else:
                others.append((index, condition))
    return simple, tuple(others), tuple(of_facts)


def _facts_of(causes: Iterable[Cause]) -> frozenset[str]:
    conditions = (condition for cause in causes for condition in cause.supported_by)
    return frozenset(fact for condition in conditions for fact in facts_asked(condition))


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
