"""What one call of a service asks, in shape: what is not is refused with its place."""

import hashlib
from typing import NamedTuple

from cds import wire
from cds.errors import RequestError
from cds.web.contract.prefetch import Supply, supplied
from cds.web.contract.services import HookService
from cds.web.contract.shapes import CONTEXTS, HookRequest, PatientContext, fhir_id, shaped
from cds.web.routes.gates import body_json
from cds.web.service import Service
from cds.web.settings import Client
from cds.web.trust.allowed import is_web_address


class Asked(NamedTuple):
    """One request, in shape. The hash leaves out the token; `size` is in bytes.

    `value` is the JSON that all of it was taken from.
    """

    entry: HookService
    client: Client
    request: HookRequest
    context: PatientContext
    hash: str
    given: dict[str, Supply]
    size: int
    value: wire.JsonObject


def in_shape(service: Service, entry: HookService, client: Client, body: bytes) -> Asked:
    """The request in this body.

    Raises:
        Unreadable: it is no JSON.
        RequestError: it is not what this service is asked with.
    """
    value = body_json(service, body)
    request = shaped(HookRequest, value, "body")
    if request.hook != entry.hook:
        raise RequestError(
            400, "body.hook", f"is not {entry.hook}, which this service answers.", code="value"
        )
    if request.fhir_authorization is not None and request.fhir_server is None:
        hint = "Send fhirServer with it."
        raise RequestError(400, "body.fhirServer", "is missing.", hint, code="required")
    if request.fhir_server is not None and not is_web_address(request.fhir_server):
        text = "is not an http or https address."
        raise RequestError(400, "body.fhirServer", text, code="value")
    context = shaped(CONTEXTS[entry.hook], request.context, "body.context")
    fhir_id(context.patient_id, "body.context.patientId")
    fhir_id(context.encounter_id, "body.context.encounterId")
    digest = ""
    if service.ledger is not None:
        without = {key: part for key, part in value.items() if key != "fhirAuthorization"}
        digest = hashlib.sha256(wire.write(without, sort_keys=True)).hexdigest()
    return Asked(
        entry, client, request, context, digest, supplied(request.prefetch), len(body), value
    )
