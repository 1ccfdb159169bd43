"""Who made the decision, when, out of what, by which knowledge: FHIR's Provenance."""

from collections.abc import Mapping
from typing import Any, Final

from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.prepared import ENGINE, Prepared
from cds.fhir.primitives import legal_id
from cds.fhir.references import AGENTS, legal_reference, record_reference
from cds.wire import JsonObject, Written, written

_PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_INFORMANT: Final = written(
    {"coding": [{"system": _PARTICIPANT, "code": "informant", "display": "Informant"}]}
)
_ENGINE_AGENT: Final = written(
    {
        "type": {"coding": [{"system": _PARTICIPANT, "code": "author", "display": "Author"}]},
        "who": ENGINE,
    }
)


def provenance(
    parts: Prepared,
    context: EmissionContext,
    *,
    identifier: str,
    targets: list[JsonObject],
    source: JsonObject,
) -> JsonObject:
    """The Provenance, in the order of R4's elements; `recorded` is the bundle's only clock time."""
    agents: list[JsonObject | Written] = [_ENGINE_AGENT]
    response = context.response
    answered = legal_reference(response.get("source"), AGENTS)
    recorded = legal_reference(response.get("author"), AGENTS)
    if answered is not None:
        agents.append({"type": _INFORMANT, "who": answered})
    if recorded is not None and recorded != answered:
        agents.append({"type": _INFORMANT, "who": recorded})
    entities: list[JsonObject | Written] = [
        {"role": "source", "what": _version_of(source, response)}
    ]
    if context.used:
        entities += [{"role": "source", "what": record_reference(one)} for one in context.used]
    entities.append(parts.library)
    now = context.now
    made = f"{parts.html_opening}<p>Made by {parts.html_author} at {now}.</p></div>"
    resource = parts.provenance.copy()
    resource["id"] = identifier
    resource["text"] = {"status": "generated", "div": made}
    resource["target"] = targets
    resource["recorded"] = now
    resource["agent"] = agents
    resource["entity"] = entities
    if context.bundle == TRANSACTION:
        # R4 has no identifier of a Provenance to search by: a server knows it again by its tag.
        tag = {"system": parts.id_system, "code": identifier}
        head = {"resourceType": "Provenance", "id": identifier, "meta": {"tag": [tag]}}
        return {**head, **resource}
    return resource


def _version_of(source: JsonObject, response: Mapping[str, Any]) -> JsonObject:
    """The very version of the response that was read, where it says which one it is."""
    meta = response.get("meta")
    version = legal_id(meta.get("versionId")) if isinstance(meta, dict) else None
    if version is None or "reference" not in source:
        return source
    return {"reference": f"{source['reference']}/_history/{version}"}
