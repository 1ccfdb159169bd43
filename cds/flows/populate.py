"""Half fill a form from the record: what the record shows is proposed, and a person confirms it.

Only present facts fill anything in. Never an exclusive "none" or a "not known", never a question of
the safety check, never one whose answer can lower a level: those get a hint beside them instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cds.core.account import Account, sentences
from cds.core.model import Evidence, Fact, Facts, Presence
from cds.core.pack import Form, Pack
from cds.errors import Fault
from cds.forms.form.every_item import every_item
from cds.forms.response.written import written_items
from cds.record.history import is_doubtful
from cds.record.rules import Prefill, RecordRules
from cds.record.words import clean, on_date, quantity
from cds.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to show beside a question: in words, and the resources that it is from."""

    link_id: str
    text: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Populated:
    """A response that is only begun, and what to show beside its questions."""

    response: JsonObject
    hints: tuple[Shown, ...]
    account: Account | None = None


def populate(
    pack: Pack,
    form: Form,
    facts: Facts,
    rules: RecordRules,
    *,
    now: datetime,
    subject: str | None,
) -> Populated:
    """The form with the answers that the record shows, each with its source; status in-progress."""
    proposed: dict[str, dict[str, list[Evidence]]] = {}
    for prefill in rules.prefill:
        fact = facts.facts.get(prefill.fact)
        sure = [one for one in fact.evidence if not is_doubtful(one)] if fact else []
        if _is_present(fact) and sure and _may_fill(prefill, pack):
            options = proposed.setdefault(prefill.question, {})
            options.setdefault(prefill.answer, []).extend(sure)
    source_url = f"{pack.identity.base}/StructureDefinition/answer-source"
    response: JsonObject = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form.url}|{form.version}",
        "status": "in-progress",
    }
    if subject is not None:
        response["subject"] = {"reference": subject}
    response["authored"] = now.isoformat()
    items = written_items(
        form.raw.get("item", ()),
        lambda item: list(_answers(item, proposed.get(item["linkId"], {}), source_url)),
    )
    if items:
        response["item"] = items
    asked = {item["linkId"] for item in every_item(form.raw)}
    return Populated(
        response,
        (*_hints(facts, rules, asked), *_doubtful(facts, rules, asked)),
        facts.account,
    )


def faults_of_prefill(pack: Pack, rules: RecordRules) -> tuple[Fault, ...]:
    """Every [[prefill]] and [[hint]] without a place in the form, or that may fill nothing in."""
    return tuple(_faults(pack, rules))


def to_parameters(populated: Populated) -> JsonObject:
    """What the operation $populate answers: the response, and the hints as informational issues."""
    parameters: list[JsonObject] = [{"name": "response", "resource": populated.response}]
    issues = list(_issues_of(populated.account))
    if populated.hints or issues:
        issues += [
            {
                "severity": "information",
                "code": "informational",
                "details": {"text": f"{hint.link_id}: {hint.text}"},
            }
            for hint in populated.hints
        ]
        parameters.append(
            {"name": "issues", "resource": {"resourceType": "OperationOutcome", "issue": issues}}
        )
    return {"resourceType": "Parameters", "parameter": parameters}


def _issues_of(account: Account | None) -> Iterator[JsonObject]:
    """What of the record was not read, the gravest first: nothing of it was filled in."""
    if account is None or account.whole:
        return
    for text in sentences(account):
        incomplete = text != account.line
        yield {
            "severity": "warning" if incomplete else "information",
            "code": "incomplete" if incomplete else "informational",
            "details": {"text": text},
        }


def _doubtful(facts: Facts, rules: RecordRules, asked: set[str]) -> Iterator[Shown]:
    """What the record itself calls unsettled is shown beside the question, and fills in nothing."""
    for prefill in rules.prefill:
        fact = facts.facts.get(prefill.fact)
        found = [one for one in fact.evidence if is_doubtful(one)] if fact else []
        if found and _is_present(fact) and prefill.question in asked:
            said = "; ".join(dict.fromkeys(f"{_said(one)}, {one.mark}" for one in found))
            text = f"The record is not sure: {rules.words[prefill.fact]} ({said}). Please answer."
            yield Shown(prefill.question, text, tuple(one.record for one in found))


def _is_present(fact: Fact | None) -> bool:
    return fact is not None and fact.presence is Presence.PRESENT


def _may_fill(prefill: Prefill, pack: Pack) -> bool:
    never = {*pack.rules.reassurance.safety, *(one.question for one in pack.context)}
    return prefill.question not in never and prefill.answer not in pack.unknown


def _answers(
    item: JsonObject, proposed: Mapping[str, list[Evidence]], source_url: str
) -> Iterator[JsonObject]:
    """The proposed options of one question, in the order in which the form offers them."""
    for option in item.get("answerOption", []):
        coding = option.get("valueCoding", {})
        if coding.get("code") in proposed and not _is_exclusive(option):
            sources = [
                {
                    "url": source_url,
                    "valueReference": {"reference": one.record, "display": _said(one)},
                }
                for one in proposed[coding["code"]]
            ]
            yield {"extension": sources, "valueCoding": dict(coding)}


def _is_exclusive(option: JsonObject) -> bool:
    return any(
        str(one.get("url", "")).endswith("/questionnaire-optionExclusive")
        and one.get("valueBoolean")
        for one in option.get("extension", [])
    )


def _said(one: Evidence) -> str:
    """`Furosemide 40 mg, on 2026-01-02`."""
    return f"{quantity(one.value, one.unit)}, {on_date(one.date)}"


def _hints(facts: Facts, rules: RecordRules, asked: set[str]) -> Iterator[Shown]:
    for hint in rules.hints:
        for name in hint.facts:
            fact = facts.facts.get(name)
            if fact is not None and _is_present(fact) and hint.question in asked:
                said = "; ".join(dict.fromkeys(_said(one) for one in fact.evidence))
                text = (
                    f"The record shows: {rules.words[name]} ({said}). Please answer for yourself."
                )
                yield Shown(hint.question, text, tuple(one.record for one in fact.evidence))
    medicine = {one.fact for one in rules.medicines}
    questions = dict.fromkeys(one.question for one in rules.prefill if one.fact in medicine)
    for note in facts.notes:
        if note.code == "unrecognised-medicine":
            yield from (
                Shown(question, clean(note.text), (note.about,))
                for question in questions
                if question in asked
            )


def _faults(pack: Pack, rules: RecordRules) -> Iterator[Fault]:
    options = {item["linkId"]: _options(item) for item in every_item(pack.full.raw)}
    for prefill in rules.prefill:
        where = f"record.toml: prefill {prefill.fact}"
        option = options.get(prefill.question, {}).get(prefill.answer)
        if option is None:
            problem = f"{prefill.answer!r} is not an option of {prefill.question!r}."
            yield Fault(where, problem, "Use a linkId of the form and one of its options.")
        elif not _may_fill(prefill, pack) or _is_exclusive(option):
            problem = f"may not fill in {prefill.answer!r} of {prefill.question!r}."
            hint = "Safety, level-lowering and none-like answers are given by people; use [[hint]]."
            yield Fault(where, problem, hint)
    for hinted in rules.hints:
        if hinted.question not in options:
            where = f"record.toml: hint {hinted.question}"
            yield Fault(where, "is not a question of the form.", "Use a linkId of the form.")


def _options(item: JsonObject) -> dict[str, JsonObject]:
    coded = (option for option in item.get("answerOption", []) if "valueCoding" in option)
    return {str(option["valueCoding"].get("code")): option for option in coded}
