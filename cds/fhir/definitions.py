"""What our own extensions and codes mean, as FHIR defines such things, for receivers.

The CodeSystems are made of the pack; a change of the pack is a change of them. A code that several
questions share is one concept, whose other wordings are its designations.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds.core.pack import Pack
from cds.fhir import decision_row
from cds.fhir.prepared import display_of
from cds.forms.checks.rules import RULES
from cds.wire import JsonObject

_FHIR_VERSION = "4.0.1"
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/Extension"
_STATUS = "draft"

# id, name, title, type of value, context, what it says
_EXTENSIONS = (
    (
        "triage-level",
        "TriageLevel",
        "Triage level",
        "Coding",
        "RiskAssessment",
        "The level of the whole assessment: its highest finding, after the completeness rule.",
    ),
    (
        "knowledge-hash",
        "KnowledgeHash",
        "Hash of the knowledge",
        "string",
        "RiskAssessment",
        "SHA-256 over the files of the knowledge pack that the assessment was made with.",
    ),
    (
        "audience",
        "Audience",
        "Audience",
        "code",
        "Questionnaire.item",
        "Whom a question is meant for, where it is not meant for everybody: clinician.",
    ),
    (
        "answer-source",
        "AnswerSource",
        "Source of a pre-filled answer",
        "Reference",
        "QuestionnaireResponse.item.answer",
        "The resource of the record that an answer was taken from, until a person confirms it.",
    ),
)

# What the cards of the CDS Hooks service are about: code, display.
CARD_TOPICS: Mapping[str, str] = {
    "alarm": "Alarm",
    "open-safety": "Open safety question",
    "findings": "Findings",
    "assessment-due": "Assessment due",
    "order": "Order",
    "not-available": "Data not available",
    "not-assessed": "Not assessed",
    "outdated": "Answers out of date",
    "other-patient": "Data of another patient",
}


# What an OperationOutcome may say beside the rules of responses: why a call was refused.
REFUSALS: Mapping[str, str] = {
    "unreadable": "Cannot be read",
    "not-found": "Not found",
    "not-supported": "Not supported",
    "forbidden": "Not allowed",
    "invalid": "Invalid",
    "business-rule": "Business rule violated",
    "conflict": "Conflict with an earlier request",
    "incomplete": "Not complete",
    "too-long": "Too long",
    "too-costly": "Too large to judge",
    "throttled": "Too many calls",
    "timeout": "Too slow",
    "transient": "Temporarily unavailable",
    "exception": "Failure of the service",
    "processing": "Failure",
}


def pack_definitions(pack: Pack) -> list[JsonObject]:
    """Every StructureDefinition and CodeSystem of the pack, in a fixed order."""
    return [*structure_definitions(pack), *code_systems(pack)]


def structure_definitions(pack: Pack) -> list[JsonObject]:
    """The extensions that the resources of this pack may carry."""
    return [*(_extension(pack, one) for one in _EXTENSIONS), decision_row.definition(pack)]


def _extension(pack: Pack, described: tuple[str, ...]) -> JsonObject:
    name, computable, title, kind, context, text = described
    url = f"{pack.identity.base}/StructureDefinition/{name}"
    value: JsonObject = {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1}
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": url,
        "version": pack.version,
        "name": computable,
        "title": title,
        "status": _STATUS,
        "description": text,
        "fhirVersion": _FHIR_VERSION,
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": context}],
        "type": "Extension",
        "baseDefinition": _EXTENSION,
        "derivation": "constraint",
        "differential": {
            "element": [
                {
                    "id": "Extension",
                    "path": "Extension",
                    "short": title,
                    "definition": text,
                    "max": "1",
                },
                {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
                {**value, "type": [{"code": kind}]},
            ]
        },
    }


def code_systems(pack: Pack) -> list[JsonObject]:
    """The codes of the pack: answers, levels, findings, causes, what the cards use ..."""
    identity, rules = pack.identity, pack.rules
    base = f"{identity.base}/CodeSystem"
    levels = [_concept(one.code, one.display, one.action) for one in rules.levels]
    findings = sorted({one.finding for one in rules.rules})
    causes = [_concept(one.id, one.display, one.reading) for one in rules.causes]
    assessment = [_concept(identity.assessment_code, identity.assessment_text)]
    topics = [_concept(code, display) for code, display in CARD_TOPICS.items()]
    method = [_concept(identity.method_code, identity.method_text)]
    systems = [
        _code_system(pack, identity.answer_system, "Answers", list(_answers(pack))),
        _code_system(pack, identity.level_system, "Triage levels", levels),
        _code_system(pack, f"{base}/assessment", "Assessments", assessment),
        _code_system(pack, f"{base}/method", "Methods of assessment", method),
        _code_system(
            pack,
            identity.finding_system,
            "Findings",
            [_concept(one, display_of(one)) for one in findings],
        ),
        _code_system(pack, identity.cause_system, "Causes", causes),
        _code_system(pack, f"{base}/card-topic", "Topics of cards", topics),
        _code_system(pack, f"{base}/response-issue", "Issues of responses", list(_issues())),
    ]
    reasons = [_concept(one.code, one.display) for one in pack.cards.overrides]
    if reasons:
        systems.append(
            _code_system(pack, f"{base}/override-reason", "Reasons to override a card", reasons)
        )
    return systems


def _code_system(pack: Pack, url: str, title: str, concepts: list[JsonObject]) -> JsonObject:
    name = url.rsplit("/", 1)[-1]
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "version": pack.version,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": f"{title}: {pack.title}",
        "status": _STATUS,
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def _issues() -> Iterator[JsonObject]:
    """The codes of the issues that `validate` and the service give."""
    for name, rule in RULES.items():
        yield _concept(name, rule.title, rule.help)
    for code, display in REFUSALS.items():
        yield _concept(code, display)


def _concept(
    code: str, display: str, definition: str = "", others: Iterable[str] = ()
) -> JsonObject:
    concept: JsonObject = {"code": code, "display": display}
    if definition:
        concept["definition"] = definition
    designations = [{"value": other} for other in others]
    if designations:
        concept["designation"] = designations
    return concept


def _answers(pack: Pack) -> Iterator[JsonObject]:
    """Each code once, under the display it has most often (of equals the first)."""
    displays: dict[str, list[str]] = {}
    for form in pack.forms[:1]:
        for option in _options(form.raw):
            if option.get("system") == pack.identity.answer_system:
                displays.setdefault(option["code"], []).append(
                    option.get("display", option["code"])
                )
    for code in sorted(displays):
        found = displays[code]
        first = max(found, key=found.count)
        yield _concept(code, first, others=[one for one in dict.fromkeys(found) if one != first])


def _options(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in node.get("item", ()):
        for option in item.get("answerOption", ()):
            if "valueCoding" in option:
                yield option["valueCoding"]
        yield from _options(item)
