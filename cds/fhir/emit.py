"""Decision → FHIR: RiskAssessment always, CommunicationRequest where owed, Provenance for both.

No clock, no chance: the same decision, pack and context give the same bytes. What is the same in
every decision of a pack is written once and only copied, so the bundle is born as bytes.
"""

from cds.core.account import Unheard
from cds.core.model import Assessment
from cds.core.pack import Pack
from cds.errors import ResponseError
from cds.fhir.bundle import decision_bundle
from cds.fhir.communication_request import (
    AUDIENCE,
    communication_request,
    is_owed,
    recipient_missing,
)
from cds.fhir.context import EmissionContext
from cds.fhir.findings import said_of
from cds.fhir.identifiers import one_name, uuid5
from cds.fhir.prepared import Prepared, prepared
from cds.fhir.primitives import legal_date_time
from cds.fhir.provenance import provenance
from cds.fhir.references import ENCOUNTERS, SUBJECTS, legal_reference, response_reference
from cds.fhir.risk_assessment import risk_assessment
from cds.forms.issues import Issue
from cds.wire import JsonObject, parse_own, write


def emit(assessment: Assessment, pack: Pack, context: EmissionContext) -> JsonObject:
    """The Bundle for one decision.

    Raises:
        ResponseError: neither the response nor the context says whom the decision is about.
    """
    bundle: JsonObject = parse_own(emit_bytes(assessment, pack, context))
    return bundle


def emit_bytes(assessment: Assessment, pack: Pack, context: EmissionContext) -> bytes:
    """The Bundle for one decision as JSON, UTF-8, without a newline at its end.

    Raises:
        ResponseError: neither the response nor the context says whom the decision is about.
    """
    parts = prepared(pack, context.version)
    source = response_reference(context.response, context.fingerprint)
    evaluation = evaluation_id(assessment, parts, context)
    resources = _decision(assessment, parts, context, source, evaluation)
    targets = [{"reference": f"urn:uuid:{one['id']}"} for one in resources]
    made = uuid5(parts.space, f"{evaluation}|provenance|{context.now}")
    resources.append(provenance(parts, context, identifier=made, targets=targets, source=source))
    return write(decision_bundle(resources, context.bundle))


def decision_resources(
    assessment: Assessment,
    pack: Pack,
    context: EmissionContext,
    evaluation: str | None = None,
    *,
    apart: bool = False,
) -> list[JsonObject]:
    """The RiskAssessment, and the CommunicationRequest where one is owed, as `write` takes them.

    `evaluation` is the identifier to use for this evaluation instead of its own. `apart`: they may
    be posted one by one, so the message names the assessment by its identifier; a temporary address
    would then lead nowhere.

    Raises:
        ResponseError: neither the response nor the context says whom the decision is about.
    """
    parts = prepared(pack, context.version)
    source = response_reference(context.response, context.fingerprint)
    evaluation = evaluation or evaluation_id(assessment, parts, context)
    return _decision(assessment, parts, context, source, evaluation, apart=apart)


def _decision(
    assessment: Assessment,
    parts: Prepared,
    context: EmissionContext,
    source: JsonObject,
    evaluation: str,
    *,
    apart: bool = False,
) -> list[JsonObject]:
    response = context.response
    subject = _subject_of(context)
    met = response.get("encounter")
    encounter = None if met is None else legal_reference(met, ENCOUNTERS, "Encounter")
    occurrence = legal_date_time(response.get("authored")) or context.now
    said = said_of(assessment.findings, parts)
    group = {"system": parts.id_system, "value": evaluation}
    resources = [
        risk_assessment(
            assessment,
            parts,
            context,
            said,
            group=group,
            subject=subject,
            encounter=encounter,
            source=source,
            occurrence=occurrence,
        )
    ]
    if is_owed(assessment, context):
        decision: JsonObject = {"reference": f"urn:uuid:{evaluation}"}
        if apart:
            decision = {"type": "RiskAssessment", "identifier": group}
        resources.append(
            communication_request(
                assessment,
                parts,
                context,
                said,
                identifier=uuid5(parts.space, f"{evaluation}|{AUDIENCE}"),
                subject=subject,
                encounter=encounter,
                source=source,
                decision=decision,
                group=group,
                occurrence=occurrence,
            )
        )
    return resources


def warnings(assessment: Assessment, context: EmissionContext) -> tuple[Issue, ...]:
    """What the sender should know about the bundle: a message without a recipient."""
    missing = recipient_missing(assessment, context)
    return () if missing is None else (missing,)


def _subject_of(context: EmissionContext) -> JsonObject:
    """Whom the decision is about; never invented.

    Raises:
        ResponseError: there is no subject, or it is neither a Patient nor a Group.
    """
    given = context.response.get("subject") if context.subject is None else context.subject
    subject = legal_reference(given, SUBJECTS, "Patient")
    if subject is not None:
        return subject
    raise ResponseError(
        "QuestionnaireResponse.subject",
        "is not a Reference to a Patient or a Group." if given else "is missing.",
        "Send it in the response, or give it with --subject Patient/ID.",
    )


def evaluation_id(assessment: Assessment, parts: Prepared, context: EmissionContext) -> str:
    """The identifier of this evaluation, made of everything that the decision depends on."""
    name = f"{parts.identity}\n{context.fingerprint}"
    more: list[str] = []
    if context.used:
        more += ("record", context.record or one_name(list(context.used)), context.now)
    account = context.account
    if account is not None and not account.whole:
        more += ("account", *(one for entry in account.unheard for one in _named(entry)))
        more += (one for gap in account.missing for one in (gap.what, gap.why))
    if assessment.deviations:
        more += ["options", *(f"{one.option}={one.value}" for one in assessment.deviations)]
    if context.subject is not None:
        more += ("subject", write(context.subject, sort_keys=True).decode())
    return uuid5(parts.space, f"{name}\n{one_name(more)}" if more else name)


def _named(entry: Unheard) -> tuple[str, ...]:
    return (entry.record, entry.whole, entry.why)
