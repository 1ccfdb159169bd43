"""PlanDefinition and ActivityDefinition: the rules as other engines run them."""

from collections.abc import Iterator

from cds.core.conditions import facts_asked
from cds.core.model import Level, Rule
from cds.core.pack import Pack
from cds.errors import Fault, PackError
from cds.flows.packs.publishing.common import canonical_of, head, limits, purpose, versioned
from cds.forms.response.tree import ROOT
from cds.knowledge.fhirpath import Writer, not_portable, writer_of
from cds.wire import JsonObject

_FHIRPATH = "text/fhirpath"
RAN = "the-rules-ran"
TOPIC = "http://terminology.hl7.org/CodeSystem/"


def plan_definition(pack: Pack) -> JsonObject:
    """One action per rule; each condition is FHIRPath over a response to the full form."""
    writer = writer_of(pack.full, pack.unknown, pack.fail_safe)
    plan = head(
        pack,
        "PlanDefinition",
        pack.id,
        pack.title,
        "Each action but the first is one rule. Its condition is FHIRPath on a response to the form"
        " and is true when the rule applies to a valid response, without a record, with"
        " the site options at their defaults. The level is the highest of the actions that apply;"
        " it is not"
        " complete without the pack's check that the safety questions were answered.",
    )
    plan["type"] = _concept(f"{TOPIC}plan-definition-type", "eca-rule", "ECA Rule")
    plan["purpose"] = purpose(pack)
    plan["usage"] = limits(pack)
    plan["copyright"] = pack.full.raw.get("copyright", "")
    plan["relatedArtifact"] = [
        *(
            {"type": "depends-on", "label": form.id, "resource": f"{form.url}|{form.version}"}
            for form in pack.forms
        ),
        _needs_library(pack),
    ]
    rules = sorted(pack.rules.rules, key=lambda rule: -pack.rules.level(rule.level).rank)
    plan["action"] = [_ran(), *(_action(pack, rule, writer) for rule in rules)]
    return {key: value for key, value in plan.items() if value}


def _needs_library(pack: Pack) -> JsonObject:
    """`library` would be taken for CQL, which ours is not: engines then run nothing at all."""
    library = versioned(pack, "Library", pack.id)
    return {"type": "depends-on", "label": pack.id, "resource": library}


def _ran() -> JsonObject:
    """An action that always applies: without it, a plan without actions would read as all clear."""
    return {
        "id": RAN,
        "title": "The rules ran",
        "description": "Applies to every response that has items. A plan without this action says"
        " nothing of the person: read its OperationOutcome.",
        "condition": [_condition(f"{ROOT}.item.exists()")],
    }


def _condition(expression: str) -> JsonObject:
    """A condition of an action.

    Raises:
        PackError: an engine is known not to run the expression.
    """
    why = not_portable(expression)
    if why:
        fault = Fault(
            "PlanDefinition", f"A condition cannot be published: {why}.", expression[:200]
        )
        raise PackError("PlanDefinition", (fault,))
    expressed = {"language": _FHIRPATH, "expression": expression}
    return {"kind": "applicability", "expression": expressed}


def _action(pack: Pack, rule: Rule, writer: Writer) -> JsonObject:
    level = pack.rules.level(rule.level)
    action: JsonObject = {
        # Without an id, two requests of one plan get the same one and one of them is lost.
        "id": rule.id,
        "prefix": rule.id,
        "title": rule.title,
        "description": " ".join(_description(pack, rule)),
        "textEquivalent": f"{level.display}. {rule.action}",
    }
    if level.priority:
        action["priority"] = level.priority
    # The level comes first: of several codes, some engines keep the first alone.
    action["code"] = [
        _concept(pack.identity.level_system, level.code, level.display),
        _concept(pack.identity.finding_system, rule.finding),
    ]
    action["reason"] = [_concept(one.system, one.code, one.display) for one in rule.outcome]
    action["documentation"] = list(_documentation(pack, rule))
    action["condition"] = [_condition(writer.fires(rule.when))]
    if level.alert:
        action["definitionCanonical"] = versioned(pack, "ActivityDefinition", alert_id(pack))
        action["dynamicValue"] = list(_values(rule, level))
    return {key: value for key, value in action.items() if value}


def _description(pack: Pack, rule: Rule) -> Iterator[str]:
    yield rule.reading or rule.title + "."
    yield f"Basis: {rule.basis}."
    words = pack.record.get("facts", {})
    facts = [str(words.get(fact, fact)) for fact in facts_asked(rule.when)]
    if facts:
        listed = "; ".join(facts)
        yield f"The record can make it apply as well, which is not in the condition: {listed}."
    switch = rule.switch
    if switch is not None:
        effect = f"at least {switch.floor}, no finding" if switch.off else f"level {switch.level}"
        yield f"With the site option {switch.name} = {str(switch.value).lower()}: {effect}."


def _documentation(pack: Pack, rule: Rule) -> Iterator[JsonObject]:
    titles = {one.id: one for one in pack.sources.documents}
    for source in rule.sources:
        artifact: JsonObject = {"type": "citation", "label": source}
        line = pack.sources.lines.get(source)
        if line is not None:
            document = titles[line.document]
            artifact["display"] = f"{document.title}, {document.publisher} ({document.reviewed})"
            artifact["citation"] = f"In our words: {line.claim}"
        else:
            citation = pack.sources.citations[source]
            artifact["citation"] = citation.text
            if citation.url:
                artifact["url"] = citation.url
        yield artifact
    if rule.reading:
        yield {"type": "justification", "label": "How we read it", "citation": rule.reading}


def _values(rule: Rule, level: Level) -> Iterator[JsonObject]:
    if level.priority:
        yield _value("priority", level.priority)
    yield _value("payload.contentString", f"{level.display}: {rule.title}. {rule.action}")


def _value(path: str, text: str) -> JsonObject:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return {"path": path, "expression": {"language": _FHIRPATH, "expression": f"'{quoted}'"}}


def activity_definition(pack: Pack) -> JsonObject:
    """What an alerting action asks for: a message to the clinician who is responsible."""
    activity = head(
        pack,
        "ActivityDefinition",
        alert_id(pack),
        f"{pack.title}: alert",
        "A CommunicationRequest to the responsible clinician. Priority and text come from the"
        " action of the PlanDefinition that applies.",
    )
    activity["purpose"] = purpose(pack)
    activity["usage"] = limits(pack)
    activity["kind"] = "CommunicationRequest"
    activity["code"] = _concept(f"{TOPIC}communication-category", "alert", "Alert")
    activity["intent"] = "proposal"
    activity["relatedArtifact"] = [
        {"type": "composed-of", "resource": canonical_of(pack, "PlanDefinition", pack.id)},
        _needs_library(pack),
    ]
    order = ("relatedArtifact", "kind", "code", "intent")
    tail = {key: activity.pop(key) for key in order}
    return {**activity, **tail}


def alert_id(pack: Pack) -> str:
    """The id of the ActivityDefinition."""
    return f"{pack.id}-alert"


def _concept(system: str, code: str, display: str | None = None) -> JsonObject:
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}
