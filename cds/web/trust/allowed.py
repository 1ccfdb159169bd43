"""Whose data it is, and where it may be fetched: compared as a whole, never by a prefix."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cds.errors import RequestError
from cds.web.contract.prefetch import PATIENT, Supply
from cds.web.settings import Client, Config
from cds.web.trust.auth import ANYONE

_REFERENCE = re.compile(
    r"(?:(?P<base>[a-z]+://.+)/)?(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.+)?"
)


def allowed(config: Config, client: Client, server: str | None) -> Client | None:
    """The registered client whose FHIR server this is; None when no server was named.

    Raises:
        RequestError: 403, the address is not the one registered for this client.
    """
    if server is None:
        return None
    candidates = config.clients if client is ANYONE else (client,)
    for one in candidates:
        if one.fhir_base and one.fhir_base.rstrip("/") == server.rstrip("/"):
            return one
    hint = "Register it as fhir_base of this client."
    raise RequestError(
        403, "body.fhirServer", "Is not a registered address.", hint, code="forbidden"
    )


def check_patient(patient: str, supplies: Mapping[str, Supply], base: str | None) -> None:
    """Refuse what belongs to another patient than the one in context.

    Raises:
        RequestError: 422, with the key and the place.
    """
    usual = {"reference": f"Patient/{patient}"}
    for supply in supplies.values():
        for index, resource in enumerate(supply.resources):
            if supply.key == PATIENT and resource.get("resourceType") == "Patient":
                if resource.get("id", patient) != patient:
                    raise _foreign(supply, index, "id")
                continue
            for name in ("subject", "patient"):
                named = resource.get(name, usual)
                if named != usual and not _is(named, patient, base):
                    raise _foreign(supply, index, name)


def _is(reference: Any, patient: str, base: str | None) -> bool:  # JSON of the caller
    """Could this reference mean the patient? One without an address (an identifier only) could."""
    if not isinstance(reference, dict):
        return False
    text = reference.get("reference")
    if text is None:
        return True
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is None or found["type"] != "Patient" or found["id"] != patient:
        return False
    return base is None or found["base"] is None or _same(found["base"], base)


def patient_of(reference: Any) -> str | None:  # JSON of the caller
    """The id of the patient whom a Reference names."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    return found["id"] if found is not None and found["type"] == "Patient" else None


def _same(left: str, right: str) -> bool:
    one, other = urlsplit(left.rstrip("/")), urlsplit(right.rstrip("/"))
    return (one.scheme, one.netloc.lower(), one.path) == (
        other.scheme,
        other.netloc.lower(),
        other.path,
    )


def _foreign(supply: Supply, index: int, name: str) -> RequestError:
    where = f"body.prefetch.{supply.key}[{index}].{name}"
    text = "Is not the patient of this context."
    return RequestError(422, where, text, "Send only this patient's data.", code="business-rule")
