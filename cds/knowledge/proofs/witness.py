"""What a reader sees of a world: a table of answers, and a QuestionnaireResponse to assess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds.core.pack import Form, Pack
from cds.knowledge.proofs.claims import Claim
from cds.knowledge.proofs.questions import Question
from cds.knowledge.proofs.scope import UNKNOWN, codes_of
from cds.knowledge.proofs.solver import Model
from cds.knowledge.proofs.terms import judge_of
from cds.knowledge.proofs.worlds import World


@dataclass(frozen=True, slots=True)
class Situation:
    """One world, spelled out. `answers`: linkId → codes; `facts`: id → present or absent."""

    form: str
    settings: Mapping[str, bool]
    answers: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, str]
    unfinished: bool
    level: str
    rules: tuple[str, ...]


def situations_of(claim: Claim, model: Model) -> tuple[Situation, ...]:
    """The worlds of a claim in this model, in their order (before and after, or one)."""
    return tuple(situation_of(world, model) for world in claim.worlds)


def situation_of(world: World, model: Model) -> Situation:
    """Spell one world out."""
    true = judge_of(model.values)
    answers = {}
    for question in world.scope.questions:
        codes = tuple(
            (question.unknown or code) if code == UNKNOWN else code
            for code in codes_of(question)
            if true(world.raw["answer", question.link_id, code])
        )
        if codes:
            answers[question.link_id] = codes
    facts = {
        fact: state
        for fact in world.scope.facts
        for state in ("present", "absent")
        if true(world.raw[state, fact])
    }
    levels = world.scope.rules.levels
    level = next(one.code for one in levels if true(world.reaches(one.rank)))
    rules = tuple(
        one.rule.id
        for one in world.scope.applied
        if one.floor is None and true(world.fires(one.rule.id))
    )
    blocked = true(world.raw["blocked",])
    return Situation(world.scope.form, world.scope.settings, answers, facts, blocked, level, rules)


def witness_table(
    pack: Pack, claim: Claim, situations: Sequence[Situation]
) -> list[tuple[str, ...]]:
    """Rows of (what, before, after) or (what, here): answers, facts, rules that fire, level."""
    questions = {q.link_id: q for world in claim.worlds for q in world.scope.questions}
    rows = []
    for link_id, question in questions.items():
        cells = [_answer(question, situation.answers.get(link_id, ())) for situation in situations]
        meant = claim.about.split(" = ")[0] == link_id
        if meant or any(link_id in situation.answers for situation in situations):
            rows.append((f"{question.text} ({link_id})", *cells))
    words = pack.record.get("facts", {})
    for fact in dict.fromkeys(fact for situation in situations for fact in situation.facts):
        said = (situation.facts.get(fact, "not known") for situation in situations)
        rows.append((f"Record: {words.get(fact, fact)} ({fact})", *said))
    if any(situation.unfinished for situation in situations):
        rows.append(
            ("The response", *("not finished" if o.unfinished else "finished" for o in situations))
        )
    if len({situation.form for situation in situations}) > 1:
        rows.append(("Form", *(situation.form for situation in situations)))
    rows.append(
        ("Rules that fire", *(", ".join(situation.rules) or "none" for situation in situations))
    )
    rows.append(("Level", *(situation.level for situation in situations)))
    return rows


def _answer(question: Question, codes: Sequence[str]) -> str:
    return ", ".join(f"{question.display(code)} ({code})" for code in codes) or "no answer"


def witness_response(pack: Pack, situation: Situation) -> dict[str, Any]:
    """The situation as a QuestionnaireResponse that `assess` takes (facts of the record apart)."""
    form = next(form for form in pack.forms if form.id == situation.form)
    return _response(form, situation.answers, finished=not situation.unfinished)


def _response(
    form: Form, answers: Mapping[str, Sequence[str]], *, finished: bool = True
) -> dict[str, Any]:
    """A synthetic QuestionnaireResponse with these codes as answers."""
    made: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form.url}|{form.version}",
        "status": "completed" if finished else "in-progress",
        "subject": {"reference": "Patient/example"},
        "authored": "2026-01-01T12:00:00Z",
    }
    items = list(_items(form.raw.get("item", ()), answers))
    return {**made, "item": items} if items else made


def _items(
    items: Sequence[Mapping[str, Any]], answers: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    for item in items:
        link_id = item["linkId"]
        inner = list(_items(item.get("item", ()), answers))
        codes = answers.get(link_id, ())
        if not codes and not inner:
            continue
        made: dict[str, Any] = {"linkId": link_id}
        if "text" in item:
            made["text"] = item["text"]
        if codes:
            options = {
                o["valueCoding"]["code"]: o["valueCoding"] for o in item.get("answerOption", ())
            }
            made["answer"] = [{"valueCoding": _coding(options, code)} for code in codes]
        if inner:
            made["item"] = inner
        yield made


def _coding(options: Mapping[str, Mapping[str, Any]], code: str) -> dict[str, Any]:
    coding = options[code]
    return {key: coding[key] for key in ("system", "code", "display") if key in coding}
