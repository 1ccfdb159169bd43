"""What a card offers to do: drafts and proposals for a clinician to accept, nothing by itself."""

from collections.abc import Collection
from functools import lru_cache

from cds.core.model import Because, Finding
from cds.errors import ResponseError
from cds.fhir.emit import decision_resources
from cds.fhir.identifiers import uuid5
from cds.flows.deciding.assessed import Assessed
from cds.flows.hooks import Verdict
from cds.web.cards.stationery import Stationery, button_label
from cds.wire import JsonObject

_SPACE = bytes.fromhex("6f0a3f0e3a565c0ea9d50f7c7a3d6d0b")


def alert(
    verdict: Verdict, card: str, printed: Stationery, creates: Collection[str]
) -> list[JsonObject]:
    """For an emergency: keep the assessment with a draft of the message; propose the tests.

    Where nothing may wait for a test, none is offered.
    """
    offered = record(verdict, card, creates)
    at_once = verdict.assessed is not None and verdict.assessed.level.priority == "stat"
    if printed.proposals and not at_once:
        count = len(printed.proposals)
        ours = "Propose {count} tests" if count > 1 else "Propose a test"
        label = button_label(verdict.pack.cards.labs_label, verdict.pack.say(ours, count=count))
        offered.append(_suggestion(card, "labs", label, labs(verdict, printed)))
    return offered


def record(verdict: Verdict, card: str, creates: Collection[str]) -> list[JsonObject]:
    """Keep what was found: the assessment, and the message if one is owed, as a draft.

    A suggestion is carried out as a whole or not at all, so where the EHR cannot create the one,
    the other is offered by itself.
    """
    if verdict.assessed is None or verdict.response is None:
        return []
    one = verdict.assessed
    try:
        name = _lasting_name(one)
        made = decision_resources(one.assessment, one.pack, one.context, name, apart=True)
    except ResponseError:
        return []
    kept = [resource for resource in made if resource["resourceType"] in creates]
    if not kept:
        return []
    say = verdict.pack.say
    actions = [_create(say(_KEPT[resource["resourceType"]]), resource) for resource in kept]
    owed = kept[-1]["resourceType"] == MESSAGE
    label = "Record the assessment"
    if owed:
        label = "Record and draft the alert" if len(kept) > 1 else "Draft the alert"
    return [_suggestion(card, "record", say(label), actions, recommended=owed)]


def ask(verdict: Verdict, card: str) -> list[JsonObject]:
    """A task to ask the questions."""
    form, visit, say = verdict.pack.full, verdict.visit, verdict.pack.say
    description = verdict.pack.cards.task or say("Fill in: {title}", title=form.title)
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
    return [_suggestion(card, "ask", say("Create a task to ask"), [_create(description, task)])]


def labs(verdict: Verdict, printed: Stationery) -> list[JsonObject]:
    """A proposal for each test that the pack names."""
    level = verdict.assessed.assessment.level if verdict.assessed else None
    whom: JsonObject = {"subject": {"reference": f"Patient/{verdict.visit.patient}"}}
    if level is not None and level.priority:
        whom["priority"] = level.priority
    if verdict.visit.encounter:
        whom["encounter"] = {"reference": f"Encounter/{verdict.visit.encounter}"}
    return [_create(what, request | whom) for what, request in printed.proposals]


def _lasting_name(assessed: Assessed) -> str | None:
    """An identifier of the evaluation without the time of the call, where its own holds it.

    With a record it does. A card is shown again at every visit, and what is accepted twice must
    not become two messages; so here it is made of what was found.
    """
    if not assessed.context.used:
        return None
    because = ", ".join([said for one in assessed.findings for said in _said(one)])
    pack, fingerprint, level = assessed.pack.hash, assessed.context.fingerprint, assessed.level.code
    return uuid5(_SPACE, f"({pack!r}, {fingerprint!r}, {level!r}, [{because}])")


def _said(finding: Finding) -> tuple[str, ...]:
    """The reasons of a finding as they stand in a name."""
    rule, _, because = finding
    of_record = [one for one in because if one.evidence is not None]
    return _in_a_name(rule.id, because) if of_record else _of_answers(rule.id, because)


def _in_a_name(rule: str, because: tuple[Because, ...]) -> tuple[str, ...]:
    return tuple(
        [
            repr((rule, one.link_id, one.answer, one.evidence and one.evidence.record))
            for one in because
        ]
    )


_of_answers = lru_cache(maxsize=1024)(_in_a_name)  # the same answers give the same reasons


MESSAGE = "CommunicationRequest"
# What of the decision is offered to be kept.
_KEPT = {
    "RiskAssessment": "Record this assessment",
    MESSAGE: "Draft the message to the clinician in charge",
}


def _create(description: str, resource: JsonObject) -> JsonObject:
    return {"type": "create", "description": description, "resource": resource}


def _suggestion(
    card: str, name: str, label: str, actions: list[JsonObject], *, recommended: bool = False
) -> JsonObject:
    """`isRecommended` is optional in CDS Hooks 2.0, and there are clients that require it."""
    return {
        "label": label,
        "uuid": uuid5(_SPACE, f"{card}|{name}"),
        "isRecommended": recommended,
        "actions": actions,
    }
