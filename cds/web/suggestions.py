"""What a card offers to do: drafts and proposals for a clinician to accept, nothing by itself."""

from collections.abc import Mapping
from typing import Any

from cds import wire
from cds.errors import ResponseError
from cds.fhir.identifiers import uuid5
from cds.flows.assess import Assessed
from cds.flows.hooks import Verdict
from cds.wire import JsonObject

_SPACE = bytes.fromhex("6f0a3f0e3a565c0ea9d50f7c7a3d6d0b")
_ALERT_KINDS = ("RiskAssessment", "CommunicationRequest")


def alert(verdict: Verdict, card: str, words: Mapping[str, Any]) -> list[JsonObject]:
    """For an emergency: keep the assessment with a draft of the message; propose the tests."""
    offered = record(verdict, card)
    proposals = labs(verdict, words)
    if proposals:
        label = str(words.get("labs-label", "Propose the tests"))
        offered.append(_suggestion(card, "labs", label, proposals))
    return offered


def record(verdict: Verdict, card: str) -> list[JsonObject]:
    """Keep what was found: the assessment, and the message if one is owed, as a draft."""
    if verdict.assessed is None or verdict.response is None:
        return []
    try:
        bundle = verdict.assessed.to_fhir()
    except ResponseError:
        return []
    found = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    found = {kind: _draft(found[kind]) for kind in _ALERT_KINDS if kind in found}
    names = _lasting_names(verdict.assessed, found)
    actions = [_create(_DESCRIPTIONS[kind], _renamed(one, names)) for kind, one in found.items()]
    owed = "CommunicationRequest" in found
    label = "Record the assessment and draft the alert" if owed else "Record the assessment"
    made = _suggestion(card, "record", label, actions)
    return [{**made, "isRecommended": True} if owed else made]


def ask(verdict: Verdict, card: str, words: Mapping[str, Any]) -> list[JsonObject]:
    """A task to ask the questions."""
    form, visit = verdict.pack.full, verdict.visit
    description = str(words.get("task", f"Fill in: {form.title}"))
    task: JsonObject = {
        "resourceType": "Task",
        "status": "draft",
        "intent": "proposal",
        "description": description,
        "for": {"reference": f"Patient/{visit.patient}"},
        "input": [
            {"type": {"text": "Questionnaire"}, "valueCanonical": f"{form.url}|{form.version}"}
        ],
    }
    if visit.encounter:
        task["encounter"] = {"reference": f"Encounter/{visit.encounter}"}
    label = f"Create a task: {description}"
    return [_suggestion(card, "ask", label, [_create(description, task)])]


def labs(verdict: Verdict, words: Mapping[str, Any]) -> list[JsonObject]:
    """A proposal for each test that the pack names."""
    level = verdict.assessed.assessment.level if verdict.assessed else None
    actions = []
    for test in words.get("lab", ()):
        coding = {key: test[key] for key in ("system", "code", "display")}
        request: JsonObject = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "code": {"coding": [coding], "text": test["display"]},
            "subject": {"reference": f"Patient/{verdict.visit.patient}"},
        }
        if level is not None and level.priority:
            request["priority"] = level.priority
        if verdict.visit.encounter:
            request["encounter"] = {"reference": f"Encounter/{verdict.visit.encounter}"}
        actions.append(_create(f"Propose: {test['display']}", request))
    return actions


def _lasting_names(assessed: Assessed, found: Mapping[str, JsonObject]) -> Mapping[str, str]:
    """Old identifier → one without the time of the call.

    With a record the evaluation's identifier holds the time. A card is shown again at every visit,
    and what is accepted twice must not become two messages; so here it is made of what was found.
    """
    if not assessed.context.used:
        return {}
    because = [
        (one.rule.id, because.link_id, because.answer, because.evidence and because.evidence.record)
        for one in assessed.findings
        for because in one.because
    ]
    parts = (assessed.pack.hash, assessed.context.fingerprint, assessed.level.code, because)
    new = uuid5(_SPACE, repr(parts))
    message = uuid5(_SPACE, f"{new}|message")
    return {one["id"]: message if kind == _ALERT_KINDS[1] else new for kind, one in found.items()}


def _renamed(resource: JsonObject, names: Mapping[str, str]) -> JsonObject | wire.Written:
    """The resource with its new identifiers, wherever it holds the old ones.

    In its text: a UUID that we made stands for nothing else, and this takes a tenth of the time.
    """
    if not names:
        return resource
    text = wire.write(resource)
    for old, new in names.items():
        text = text.replace(old.encode(), new.encode())
    return wire.Written(text)


_DESCRIPTIONS = {
    "RiskAssessment": "Record this assessment",
    "CommunicationRequest": "Draft the message to the clinician in charge",
}


def _draft(resource: JsonObject) -> JsonObject:
    """A message is a draft until a clinician accepts it."""
    if resource["resourceType"] == "CommunicationRequest":
        return {**resource, "status": "draft"}
    return resource


def _create(description: str, resource: JsonObject | wire.Written) -> JsonObject:
    return {"type": "create", "description": description, "resource": resource}


def _suggestion(card: str, name: str, label: str, actions: list[JsonObject]) -> JsonObject:
    return {"label": label, "uuid": uuid5(_SPACE, f"{card}|{name}"), "actions": actions}
