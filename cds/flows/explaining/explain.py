"""Why a decision is what it is: every rule as a tree with its values, and what would change it."""

from dataclasses import dataclass
from typing import Any

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
)
from cds.core.interpret import truth_of
from cds.core.logic import Truth
from cds.core.model import Answers, Facts, Level, Rule, State
from cds.core.scoring import states
from cds.core.why import Alternative, Choice, alternatives
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.engine import Engine, engine_of
from cds.flows.explaining.again import Again
from cds.forms.questionnaire import Item
from cds.knowledge.shown.words import how_joined


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a rule with its truth; `what` is said in codes, or as how the parts are joined."""

    what: str
    truth: Truth
    parts: tuple["Branch", ...] = ()
    leaf: Leaf | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule: its state, the level it gives here, and its tree."""

    rule: Rule
    state: State
    level: Level
    tree: Branch


@dataclass(frozen=True, slots=True)
class Explanation:
    """All rules of a decision, and the smallest changes of answers that would move its level."""

    assessed: Assessed
    rules: tuple[Explained, ...]
    higher: Alternative | None
    lower: Alternative | None


def explain(assessor: Assessor, assessed: Assessed) -> Explanation:
    """Explain a decision that this assessor made."""
    engine = engine_of(assessed.context.form, assessor.engines)
    answers = assessed.context.answers or Answers((), {})
    found = states(engine.scorer, answers, assessed.facts)
    rules = tuple(
        Explained(
            one.rule,
            found[one.rule.id],
            one.floor or one.level,
            _tree_of(one.rule.when, answers, assessed.facts),
        )
        for one in engine.scorer.applied
    )
    higher, lower = _alternatives(engine, assessed, answers)
    return Explanation(assessed, rules, higher, lower)


def _tree_of(condition: Condition, answers: Answers, facts: Facts) -> Branch:
    """The condition as a tree with the truth of every part."""
    truth = truth_of(condition, answers, facts)
    match condition:
        case AnyOf() | AllOf() | NoneOf() | AtLeast():
            how, parts = how_joined(condition)
            inner = tuple(_tree_of(part, answers, facts) for part in parts)
            return Branch(f"{how} of", truth, inner)
        case Equals(question, codes):
            return Branch(f"{question} = {' or '.join(codes)}", truth, leaf=condition)
        case IsOpen(question, wanted):
            return Branch(f"{question} is {'open' if wanted else 'settled'}", truth, leaf=condition)
        case HasFact(names):
            return Branch(f"record: {' or '.join(names)}", truth, leaf=condition)


def _alternatives(
    engine: Engine, assessed: Assessed, answers: Answers
) -> tuple[Alternative | None, Alternative | None]:
    """What to change in the answers, whatever else the response holds."""
    again = Again(assessed.response, engine)
    items = engine.reading.questionnaire.by_link_id
    choices = [
        as_choice(items[link_id], engine, asked=link_id in again.asked)
        for link_id in engine.reading.asked
    ]
    facts, scorer = assessed.facts, engine.scorer
    higher, lower = alternatives(scorer, answers.codes, choices, again.read, facts)
    return (
        higher if higher is not None and again.holds(higher, scorer, facts) else None,
        lower if lower is not None and again.holds(lower, scorer, facts) else None,
    )


def as_choice(item: Item, engine: Engine, *, asked: bool = True) -> Choice:
    """A question of the form as a choice."""
    unknown = frozenset(code for code in item.codes if code in engine.pack.unknown)
    return Choice(item.link_id, tuple(item.codes), item.repeats, item.exclusive, unknown, asked)


def as_document(explanation: Explanation) -> dict[str, Any]:
    """The explanation for programs."""
    assessed = explanation.assessed
    return {
        "schema": "cramp-cds/explanation/1",
        "decision": assessed.document(),
        "rules": [
            {
                "rule": rule.rule.id,
                "state": rule.state.value,
                "level": rule.level.code,
                "basis": rule.rule.basis,
                "sources": list(rule.rule.sources),
                "reading": rule.rule.reading,
                "when": _branch(rule.tree),
            }
            for rule in explanation.rules
        ],
        "facts": [
            {
                "fact": fact.id,
                "state": fact.presence.value,
                "reason": fact.reason,
                "evidence": [
                    {"record": e.record, "value": e.value, "unit": e.unit, "date": e.date}
                    for e in fact.evidence
                ],
            }
            for fact in assessed.facts.facts.values()
        ],
        "higher": _change(explanation.higher),
        "lower": _change(explanation.lower),
    }


def _branch(branch: Branch) -> dict[str, Any]:
    made: dict[str, Any] = {"what": branch.what, "value": branch.truth}
    if branch.parts:
        made["parts"] = [_branch(part) for part in branch.parts]
    return made


def _change(alternative: Alternative | None) -> dict[str, Any] | None:
    if alternative is None:
        return None
    changes = [{"linkId": link_id, "answer": list(codes)} for link_id, codes in alternative.changes]
    return {"level": alternative.level.code, "changes": changes}
