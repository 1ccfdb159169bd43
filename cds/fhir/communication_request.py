"""The alert as FHIR's CommunicationRequest: it tells its story without the RiskAssessment.

Few systems search for RiskAssessment; of this resource most read category, priority, about and the
message, which therefore stands alone: level, trigger, action, source.
"""

from typing import Final

from cds.core.model import Assessment, Finding, Level
from cds.fhir.context import EmissionContext
from cds.fhir.message import MAX_MESSAGE
from cds.fhir.narrative import message_narrative
from cds.fhir.notes import ENTERED_IN_ERROR
from cds.fhir.prepared import ENGINE, Prepared, Said
from cds.fhir.primitives import shorten
from cds.fhir.references import (
    PRACTITIONERS,
    REASON_TYPES,
    RECIPIENTS,
    first_legal,
    legal_reference,
    record_reference,
    type_of,
)
from cds.forms.issues import Issue
from cds.phrases.say import Say
from cds.wire import JsonObject

AUDIENCE: Final = "clinician"


def is_owed(assessment: Assessment, context: EmissionContext) -> bool:
    """Whether a message is to be sent: for an alert; by option for what is urgent, never calm."""
    if context.response.get("status") == ENTERED_IN_ERROR:
        return False
    level = assessment.level
    if level.alert:
        return True
    return context.communicate_urgent and level.priority is not None and not level.reassures


def recipient_of(context: EmissionContext) -> JsonObject | None:
    """Who is told: the site's choice, the user, a clinician who filled it in, the patient's own."""
    if context.recipient is not None or context.user is not None:
        chosen = legal_reference(context.recipient, RECIPIENTS)
        chosen = chosen or legal_reference(context.user, PRACTITIONERS)
        if chosen is not None:
            return chosen
    author = legal_reference(context.response.get("author"), PRACTITIONERS)
    return author or first_legal(context.practitioners, RECIPIENTS)


def recipient_missing(assessment: Assessment, context: EmissionContext) -> Issue | None:
    """The warning that a message is written but addressed to nobody."""
    if not is_owed(assessment, context) or recipient_of(context) is not None:
        return None
    return Issue(
        severity="warning",
        code="business-rule",
        rule="recipientMissing",
        expression="QuestionnaireResponse.author",
        link_id=None,
        text="The message of this decision has no recipient.",
        help="Set `recipient` under [site], or send the response with a clinician as author.",
    )


def communication_request(
    assessment: Assessment,
    parts: Prepared,
    context: EmissionContext,
    said: list[Said],
    *,
    identifier: str,
    subject: JsonObject,
    encounter: JsonObject | None,
    source: JsonObject,
    decision: JsonObject,
    group: JsonObject,
    occurrence: str,
) -> JsonObject:
    """The CommunicationRequest, in the order of R4's elements."""
    level = assessment.level
    findings = telling(assessment)
    told = said[: len(findings)]
    text = _message(assessment, level, told, parts)
    resource = parts.message.copy()
    resource["id"] = identifier
    resource["text"] = message_narrative(text, parts)
    resource["identifier"] = [{"system": parts.id_system, "value": identifier}]
    resource["groupIdentifier"] = group
    resource["status"] = "draft" if context.draft else "active"
    category = parts.levels[level.code].category
    if category is not None:
        resource["category"] = category
    if level.priority is not None:
        resource["priority"] = level.priority
    resource["subject"] = subject
    evidence = _evidence(findings) if context.used else []
    about = [decision, source]
    resource["about"] = [*about, *map(record_reference, evidence)] if evidence else about
    if encounter is not None:
        resource["encounter"] = encounter
    resource["payload"] = [{"contentString": text}, {"contentReference": decision}]
    resource["occurrenceDateTime"] = occurrence
    resource["authoredOn"] = occurrence
    resource["requester"] = ENGINE
    recipient = recipient_of(context)
    if recipient is not None:
        resource["recipient"] = [recipient]
    resource["sender"] = ENGINE
    if told:
        resource["reasonCode"] = [one.rule.outcome for one in told]
    triggers = _triggers(evidence) if evidence else []
    if triggers:
        resource["reasonReference"] = triggers
    resource["note"] = [_note(told, parts, occurrence)]
    return resource


def telling(assessment: Assessment) -> tuple[Finding, ...]:
    """The findings that the message is about: the alerts, or else those of the decision's level."""
    findings = assessment.findings
    if not findings or findings[-1].level.alert:  # the most urgent come first, so all alert
        return findings
    rank = assessment.level.rank
    return tuple([one for one in findings if one.level.alert or one.level.rank >= rank])


def _note(told: list[Said], parts: Prepared, occurrence: str) -> JsonObject:
    rules = told[0].rule.id if len(told) == 1 else ", ".join([one.rule.id for one in told])
    said = f"{parts.rules_named}: {rules}. {parts.fine_print}" if rules else parts.fine_print
    return {"authorString": parts.author, "time": occurrence, "text": said}


def _message(assessment: Assessment, level: Level, told: list[Said], parts: Prepared) -> str:
    """Level, trigger, action and source in at most 280 characters; triggers are cut first."""
    head = parts.levels[level.code].heading
    if not told:
        why = next((f"{one.text} " for one in assessment.deviations if one.rules), "")
        return shorten(f"{head}{why}{level.action}", MAX_MESSAGE)
    first = told[0].rule
    end = first.ends[level.code]
    room = MAX_MESSAGE - len(head) - len(end)
    trigger = shorten(first.title, room) if len(first.title) > room else first.title
    if len(told) > 1:
        trigger = _with_others(trigger, told, room, parts.pack.say)
    else:
        because = told[0].short
        if len(trigger) + len(because) + 3 <= room:
            trigger = f"{trigger} ({because})"
    text = f"{head}{trigger}{end}"
    return text if len(text) <= MAX_MESSAGE else shorten(text, MAX_MESSAGE)


def _with_others(trigger: str, told: list[Said], room: int, say: Say) -> str:
    """As many titles as there is room for, and the count of the rest."""
    left = len(told) - 1
    for one in told[1:]:
        longer = f"{trigger}; {one.rule.title}"
        if len(longer) + len(_more(left - 1, say)) > room:
            break
        trigger = longer
        left -= 1
    more = _more(left, say)
    return trigger + more if len(trigger) + len(more) <= room else trigger


def _more(count: int, say: Say) -> str:
    return f"; {say('{count} more', count=count)}" if count else ""


def _triggers(evidence: list[str]) -> list[JsonObject]:
    return [record_reference(one) for one in evidence if type_of(one) in REASON_TYPES]


def _evidence(findings: tuple[Finding, ...]) -> list[str]:
    """The resources of the record that the findings rest on, each once."""
    records = [
        because.evidence.record
        for finding in findings
        for because in finding.because
        if because.evidence is not None
    ]
    return list(dict.fromkeys(records))
