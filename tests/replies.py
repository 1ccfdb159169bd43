"""Responses to the shipped form as fillers send them, and what is made of them."""

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.synthetic.responses import response_of
from cds.forms.form.every_item import every_item
from tests.strategies import engine_of, form_of, pack_of

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SYSTEM = "https://cramp-cds.example/fhir/CodeSystem/cramps-answers"
OTHER_SYSTEM = "http://snomed.info/sct"
MODIFIER = [{"url": "https://example.org/not", "valueBoolean": True}]
URINE, LIMB, COURSE = "safety.urine", "safety.limb", "safety.nerve-course"

# Every question answered, and nothing wrong.
CALM: dict[str, Any] = {
    "safety.consciousness": "none",
    "safety.urine": "usual",
    "safety.circulation": "none",
    "safety.fluid-loss": "none",
    "safety.nerve": "none",
    "safety.pelvic-mass": "no",
    "safety.limb": "none",
    "history.hemodialysis": "no",
    "history.duration": "1-7-days",
    "history.site": "calf",
    "history.sleep-posture": "side",
    "history.frequency": "less-often",
    "history.episode": "under-1-minute",
    "history.triggers": "nothing-known",
    "history.relievers": "stretching",
    "history.symptoms": "none",
    "history.medications": "none",
    "history.conditions": "none",
    "history.labs-known": "not-done",
}
SAFETY = [link_id for link_id in CALM if link_id.startswith("safety.")]

# What the tests change most: an alarm, and the one exception to it.
ALARM = {URINE: "none-new"}
DIALYSIS = {URINE: "none-usual-on-dialysis", "history.hemodialysis": "yes"}


def reply(changes: Mapping[str, Any] | None = None, *, short: bool = False, **head: Any) -> Json:
    """A calm response with these changes (None: not answered); `head`: elements beside `item`."""
    given = {key: CALM[key] for key in (SAFETY if short else CALM)} | dict(changes or {})
    kept = {key: value for key, value in given.items() if value is not None}
    response = response_of(form_of("cramps", short=short), kept, identifier="r1")
    response |= head
    return {key: value for key, value in response.items() if value is not None}


def question(response: Json, link_id: str) -> Json:
    """The item of a question, to be changed in place."""
    found: Json = next(one for one in every_item(response) if one["linkId"] == link_id)
    return found


def with_answer(response: Json, link_id: str, *answers: Any) -> Json:
    """The response with these answers, as they stand, to a question that it holds."""
    changed = copy.deepcopy(response)
    question(changed, link_id)["answer"] = list(answers)
    return changed


def coding(code: str, system: str | None = SYSTEM, **more: Any) -> Json:
    """An answer."""
    found = {} if system is None else {"system": system}
    return {"valueCoding": {**found, "code": code, **more}}


@cache
def assessor_of(settings: tuple[tuple[str, bool], ...] = ()) -> Assessor:
    """An assessor of the shipped pack."""
    return Assessor([pack_of("cramps")], dict(settings))


def decide(
    response: object,
    record: Iterable[Json] | None = None,
    settings: Mapping[str, bool] | None = None,
    **more: Any,
) -> Assessed:
    """The decision on one response."""
    assessor = assessor_of(tuple(sorted((settings or {}).items())))
    return assessor.assess(response, now=NOW, record=record, **more)


def fired(assessed: Assessed) -> list[str]:
    """The ids of the rules that fired."""
    return [finding.rule.id for finding in assessed.findings]


def opened(assessed: Assessed) -> dict[str, str]:
    """linkId (or reference) → why it is open."""
    return {(one.link_id or one.record or ""): one.why for one in assessed.assessment.open}


def status(assessed: Assessed) -> str:
    """The status of the RiskAssessment."""
    found: str = assessed.to_fhir()["entry"][0]["resource"]["status"]
    return found


def kinds(assessed: Assessed) -> list[str]:
    """The types of the resources sent out."""
    return [one["resource"]["resourceType"] for one in assessed.to_fhir()["entry"]]


def on_short(assessed: Assessed) -> bool:
    """Whether the short form was taken."""
    return assessed.context.form.url == engine_of("cramps", short=True).form.url


def moved(response: Json, link_id: str, where: str) -> Json:
    """The response with one question in another place."""
    changed = copy.deepcopy(response)
    item = copy.deepcopy(question(changed, link_id))
    safety, history = changed["item"]
    safety["item"] = [one for one in safety["item"] if one["linkId"] != link_id]
    match where:
        case "root":
            changed["item"].append(item)
        case "other group":
            history["item"].append(item)
        case "question":
            safety["item"][0]["item"] = [item]
        case "answer":
            safety["item"][0]["answer"][0]["item"] = [item]
        case "unknown group":
            changed["item"].append({"linkId": "panel", "item": [item]})
    return changed
