"""Request bodies of CDS Hooks to try a service out: synthetic, the same for the same input."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cds.core.pack import Pack
from cds.fhir.primitives import instant
from cds.flows.synthetic.people import codeable
from cds.wire import JsonObject

SAMPLED_HOOKS = (
    "patient-view",
    "encounter-start",
    "encounter-discharge",
    "order-select",
    "order-sign",
)
_WITH_ENCOUNTER = ("encounter-start", "encounter-discharge")
_WITH_ORDERS = ("order-select", "order-sign")
_SPACE = uuid.UUID("3e1f6f0a-2f2d-5b6c-8e0b-5d5a1b3c7a90")
# Resource type → the prefetch key that it is sent under.
_KEYS = {
    "Patient": "patient",
    "QuestionnaireResponse": "responses",
    "Condition": "conditions",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "Observation": "labs",
    "Procedure": "procedures",
}
_SEARCHED = ("responses", "conditions", "medications", "labs", "procedures")


def hook_request(
    pack: Pack,
    hook: str,
    resources: Iterable[JsonObject],
    *,
    patient: str = "example",
    user: str = "Practitioner/example",
    instance: str | None = None,
) -> JsonObject:
    """The body of one call, with the resources as its prefetch.

    Raises:
        KeyError: a hook that is not one of `SAMPLED_HOOKS`.
    """
    if hook not in SAMPLED_HOOKS:
        raise KeyError(hook)
    listed = list(resources)
    context: JsonObject = {"userId": user, "patientId": patient}
    if hook in _WITH_ENCOUNTER:
        context["encounterId"] = "encounter-example"
    if hook in _WITH_ORDERS:
        order = draft_order(pack, patient)
        if hook == "order-select":
            context["selections"] = [f"MedicationRequest/{order['id']}"]
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": order}],
        }
    return {
        "hook": hook,
        "hookInstance": instance or str(uuid.uuid5(_SPACE, f"{pack.id}|{hook}|{patient}")),
        "context": context,
        "prefetch": prefetch_of(pack, listed, patient),
    }


def prefetch_of(pack: Pack, resources: Iterable[JsonObject], patient: str) -> JsonObject:
    """The resources under their prefetch keys; a key without any is a search that found nothing."""
    by_key: dict[str, list[JsonObject]] = {key: [] for key in _SEARCHED}
    found: JsonObject = {"resourceType": "Patient", "id": patient, "birthDate": "1958-03-02"}
    for resource in resources:
        key = _KEYS.get(resource.get("resourceType", ""))
        if key == "patient":
            found = resource
        elif key is not None:
            by_key[key].append(resource)
    if not by_key["conditions"]:
        by_key["conditions"] += conditions(pack, patient)
    return {"patient": found, **{key: _searchset(listed) for key, listed in by_key.items()}}


def draft_order(pack: Pack, patient: str) -> JsonObject:
    """A draft of the first medicine that the pack looks for in orders."""
    wanted = pack.cards.orders
    listed: list[Mapping[str, Any]] = list(pack.record.get("medicine", ()))
    listed.sort(key=lambda one: one.get("fact") not in wanted)
    concept: JsonObject = {"text": "a medicine"}
    if listed and listed[0].get("rxnorm"):
        code, name = next(iter(listed[0]["rxnorm"].items()))
        system = pack.record["systems"]["rxnorm"][0]
        concept = {**codeable(system, code, display=name), "text": name}
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-example",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept,
        "subject": {"reference": f"Patient/{patient}"},
    }


def conditions(pack: Pack, patient: str) -> list[JsonObject]:
    """The problem that the form is about, on the problem list."""
    wanted = pack.cards.facts
    made: list[JsonObject] = []
    for one in pack.record.get("condition", ()):
        if one.get("fact") in wanted and one.get("snomed"):
            code, name = next(iter(one["snomed"].items()))
            system = pack.record["systems"]["snomed"][0]
            made.append(
                {
                    "resourceType": "Condition",
                    "id": "condition-example",
                    "code": codeable(system, code, display=name),
                    "subject": {"reference": f"Patient/{patient}"},
                }
            )
    return made


def _searchset(resources: list[JsonObject]) -> JsonObject:
    bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset", "total": len(resources)}
    if resources:
        bundle["entry"] = [
            {"resource": resource, "search": {"mode": "match"}} for resource in resources
        ]
    return bundle


_DATES = ("authored", "authoredOn", "effectiveDateTime", "performedDateTime", "recordedDate")


def moved(resource: JsonObject, by: timedelta) -> JsonObject:
    """The resource with its dates moved: a sample has a fixed time, a call is made now."""
    made = dict(resource)
    for name in _DATES:
        if isinstance(made.get(name), str):
            made[name] = instant(datetime.fromisoformat(made[name]) + by)
    return made
