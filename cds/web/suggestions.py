"""What a card offers to do: drafts and proposals for a clinician to accept, nothing by itself."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds import wire
from cds.errors import ResponseError
from cds.fhir.identifiers import uuid5
from cds.flows.assessed import Assessed
from cds.flows.hooks import Verdict
from cds.web.stationery import Stationery
from cds.wire import JsonObject

_SPACE = bytes.fromhex("6f0a3f0e3a565c0ea9d50f7c7a3d6d0b")


def alert(verdict: Verdict, card: str, printed: Stationery) -> list[JsonObject]:
    """For an emergency: keep the assessment with a draft of the message; propose the tests."""
    offered = record(verdict, card)
    if printed.proposals:
        label = verdict.pack.cards.labs_label or "Propose the tests"
        offered.append(_suggestion(card, "labs", label, labs(verdict, printed)))
    return offered


def record(verdict: Verdict, card: str) -> list[JsonObject]:
    """Keep what was found: the assessment, and the message if one is owed, as a draft."""
    if verdict.assessed is None or verdict.response is None:
        return []
    try:
        bundle = verdict.assessed.to_bytes()
    except ResponseError:
        return []
    found = resources_in(bundle)
    owed = "CommunicationRequest" in found
    names = _lasting_names(verdict.assessed, found)
    actions = [
        _create(description, _renamed(found[kind].text, names))
        for kind, description in _KEPT.items()
        if kind in found
    ]
    label = "Record the assessment and draft the alert" if owed else "Record the assessment"
    made = _suggestion(card, "record", label, actions)
    return [{**made, "isRecommended": True} if owed else made]


def ask(verdict: Verdict, card: str) -> list[JsonObject]:
    """A task to ask the questions."""
    form, visit = verdict.pack.full, verdict.visit
    description = verdict.pack.cards.task or f"Fill in: {form.title}"
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


def labs(verdict: Verdict, printed: Stationery) -> wire.Written:
    """A proposal for each test that the pack names."""
    level = verdict.assessed.assessment.level if verdict.assessed else None
    whom: JsonObject = {"subject": {"reference": f"Patient/{verdict.visit.patient}"}}
    if level is not None and level.priority:
        whom["priority"] = level.priority
    if verdict.visit.encounter:
        whom["encounter"] = {"reference": f"Encounter/{verdict.visit.encounter}"}
    end = b",%b}" % wire.write(whom).removeprefix(b"{")
    return wire.Written(b"[%b]" % b",".join([proposal + end for proposal in printed.proposals]))


class Emitted(NamedTuple):
    """One resource of a Bundle of ours, as it is written there."""

    id: str
    text: bytes


def resources_in(bundle: bytes) -> dict[str, Emitted]:
    """The resources of a Bundle that we have written, by their type.

    They are cut out of its text: to read it, and write the parts again, would take as long as the
    decision. No string holds what they are cut at, since in a string a quote is escaped.
    """
    found: dict[str, Emitted] = {}
    entries = bundle.removesuffix(b"]}").split(_ENTRY)[1:]
    entries[-1] += b","
    for entry in entries:
        text = entry[_ID + len(_RESOURCE) : -len(b"},")]
        kind = text[len(_KIND) : text.index(b'"', len(_KIND))].decode()
        found[kind] = Emitted(entry[:_ID].decode(), text)
    return found


_ENTRY = b'{"fullUrl":"urn:uuid:'
_ID = 36  # characters of a UUID
_RESOURCE = b'","resource":'
_KIND = b'{"resourceType":"'


def _lasting_names(assessed: Assessed, found: Mapping[str, Emitted]) -> list[tuple[bytes, bytes]]:
    """Each old identifier, and one without the time of the call.

    With a record the evaluation's identifier holds the time. A card is shown again at every visit,
    and what is accepted twice must not become two messages; so here it is made of what was found.
    """
    if not assessed.context.used:
        return []
    because = [
        (one.rule.id, because.link_id, because.answer, because.evidence and because.evidence.record)
        for one in assessed.findings
        for because in one.because
    ]
    parts = (assessed.pack.hash, assessed.context.fingerprint, assessed.level.code, because)
    new = uuid5(_SPACE, repr(parts))
    message = uuid5(_SPACE, f"{new}|message")
    names = {"RiskAssessment": new, "CommunicationRequest": message}
    return [
        (found[kind].id.encode(), name.encode()) for kind, name in names.items() if kind in found
    ]


def _renamed(text: bytes, names: Iterable[tuple[bytes, bytes]]) -> wire.Written:
    """The resource with its new identifiers: a UUID that we made stands for nothing else."""
    for old, new in names:
        text = text.replace(old, new)
    return wire.Written(text)


# What of the decision is offered to be kept, in this order.
_KEPT = {
    "RiskAssessment": "Record this assessment",
    "CommunicationRequest": "Draft the message to the clinician in charge",
}


def _create(description: str, resource: JsonObject | wire.Written) -> JsonObject:
    return {"type": "create", "description": description, "resource": resource}


def _suggestion(
    card: str, name: str, label: str, actions: list[JsonObject] | wire.Written
) -> JsonObject:
    return {"label": label, "uuid": uuid5(_SPACE, f"{card}|{name}"), "actions": actions}
