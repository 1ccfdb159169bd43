"""The decision as FHIR's RiskAssessment: one for every evaluation, also when nothing was found.

R4 calls `prediction` a likelihood. None is claimed here: no probability, and the qualitative risk
is the triage level, said to be no likelihood.
"""

from typing import Final

from cds.core.model import Answers, Assessment, Level
from cds.core.sides import NONE
from cds.fhir.context import EmissionContext
from cds.fhir.narrative import narrative
from cds.fhir.notes import ENTERED_IN_ERROR
from cds.fhir.prepared import ENGINE, Prepared, Said
from cds.fhir.references import record_reference, type_of
from cds.fhir.sentences import annotations, told_sentences
from cds.wire import JsonObject, Written, written

# R4's invariant ras-2 (`probability is decimal implies …`) is empty, thus broken in the eyes of
# most validators, where a prediction has no probability at all. So we say that there is none.
NO_PROBABILITY: Final = written(
    {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                "valueCode": "not-applicable",
            }
        ]
    }
)
_SETTLED_STATUS: Final = {"completed": "final", "amended": "amended"}


def assessment_status(assessment: Assessment, parts: Prepared, context: EmissionContext) -> str:
    """`final` only for a complete, faultless, finished response whose level is settled.

    What was asked of the record and did not come could have changed it.
    """
    status = context.response.get("status")
    if not isinstance(status, str):
        return "preliminary"
    if status == ENTERED_IN_ERROR:
        return ENTERED_IN_ERROR
    level, complete, _, _, _, _, _ = assessment
    partial = context.account is not None and bool(context.account.missing)
    if not complete or context.blocked or partial or level.code == parts.unsettled:
        return "preliminary"
    return _SETTLED_STATUS.get(status, "preliminary")


def risk_assessment(
    assessment: Assessment,
    parts: Prepared,
    context: EmissionContext,
    said: list[Said],
    *,
    group: JsonObject,
    subject: JsonObject,
    encounter: JsonObject | None,
    source: JsonObject,
    occurrence: str,
) -> JsonObject:
    """The RiskAssessment, in the order of R4's elements; `group` is the Identifier of all of it."""
    status = assessment_status(assessment, parts, context)
    told = told_sentences(assessment, parts, context)
    level, _, findings, _, _, _, _ = assessment
    resource = parts.assessment.copy()
    resource["id"] = group["value"]
    resource["text"] = narrative(assessment, parts, said, status, told)
    resource["extension"] = parts.levels[level.code].extensions
    resource["identifier"] = [group]
    resource["status"] = status
    resource["subject"] = subject
    if encounter is not None:
        resource["encounter"] = encounter
    resource["occurrenceDateTime"] = occurrence
    if context.problem is not None and type_of(context.problem) == "Condition":
        resource["condition"] = record_reference(context.problem)
    resource["performer"] = ENGINE
    occasion = occasion_of(parts, context.answers)
    if occasion is not None:
        resource["reasonCode"] = occasion
    resource["basis"] = [source, *map(record_reference, context.used)] if context.used else [source]
    if said:
        period = {"start": occurrence}
        predictions = [
            _prediction(level, one, parts, period)
            for (_, level, _), one in zip(findings, said, strict=True)
            if level.alert
        ]
        if predictions:
            resource["prediction"] = predictions
    resource["mitigation"] = level.action
    if told:
        resource["note"] = annotations(told, parts.author, occurrence)
    return resource


def _prediction(level: Level, said: Said, parts: Prepared, period: JsonObject) -> JsonObject:
    return {
        "outcome": said.rule.outcome,
        "probabilityRange": NO_PROBABILITY,
        "qualitativeRisk": parts.levels[level.code].qualitative_risk,
        "whenPeriod": period,
        # Why the rule fired, in one line: rule, answers, source and basis.
        "rationale": said.rationale,
    }


def occasion_of(parts: Prepared, answers: Answers | None) -> Written | None:
    """The first of the pack's reasons whose condition holds, whatever a record says."""
    if answers is not None:
        judged = parts.occasions.plain
        _, codes, unsettled, excused, _, _, _, _ = answers
        for index in judged(codes, unsettled, excused, NONE, NONE):
            return parts.reasons[index]
    return parts.otherwise
