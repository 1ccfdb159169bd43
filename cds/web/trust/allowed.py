"""Whose data it is, and where it may be fetched: compared as a whole, never by a prefix."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cds.errors import RequestError
from cds.web.contract.prefetch import Supply
from cds.web.settings import Client, Config
from cds.web.trust.auth import ANYONE

_REFERENCE = re.compile(
    r"(?:(?P<base>[a-z]+://.+)/)?(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.+)?"
)


def client_of_server(config: Config, client: Client, server: str | None) -> Client | None:
    """The registered client whose FHIR server this is; None when it is nobody's, or not named.

    One vendor may sign for all of its sites with one issuer and one set of keys: then the server
    tells which site it is.
    """
    if server is None:
        return None
    candidates = config.clients if client is ANYONE else _siblings(config, client)
    for one in candidates:
        if one.fhir_base and one.fhir_base.rstrip("/") == server.rstrip("/"):
            return one
    return None


def _siblings(config: Config, client: Client) -> Iterator[Client]:
    """The client itself, and those that the same token is as good for."""
    yield client
    for one in config.clients:
        same = (one.iss, one.tenant) == (client.iss, client.tenant)
        keys = (one.jwks_file, one.key_addresses) == (client.jwks_file, client.key_addresses)
        if one is not client and same and keys:
            yield one


def is_web_address(server: str) -> bool:
    """Whether it could be the base of a FHIR server at all."""
    try:
        parts = urlsplit(server)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def refuse_server() -> RequestError:
    """403: something would have to be read from an address that is not registered."""
    hint = "Register it as fhir_base of this client, or send every prefetch key."
    return RequestError(
        403, "body.fhirServer", "is not a registered address.", hint, code="forbidden"
    )


def own_only(
    patient: str, supplies: Mapping[str, Supply], base: str | None
) -> tuple[dict[str, Supply], tuple[str, ...]]:
    """What is about the patient in context, and under which keys something is about another.

    What is about another is left out, and its key is no longer whole.
    """
    own = dict(supplies)
    foreign: list[str] = []
    for key, supply in supplies.items():
        for one in supply.resources:
            if not is_about(one, patient, base):
                break
        else:
            continue
        foreign.append(key)
        kept = tuple([one for one in supply.resources if is_about(one, patient, base)])
        own[key] = supply._replace(state="partial", resources=kept, why=_FOREIGN)
    return own, tuple(foreign)


_FOREIGN = "of another patient, and not used"


def is_about(resource: Mapping[str, Any], patient: str, base: str | None) -> bool:
    """Whether a resource could be about the patient: nothing in it names another."""
    if resource.get("resourceType") == "Patient":
        return bool(resource.get("id", patient) == patient)
    for name in ("subject", "patient"):
        if name in resource and not _is(resource[name], patient, base):
            return False
    return True


def _is(reference: Any, patient: str, base: str | None) -> bool:  # JSON of the caller
    """Could this reference mean the patient? One without an address (an identifier only) could."""
    if not isinstance(reference, dict):
        return False
    text = reference.get("reference")
    if text is None or text == f"Patient/{patient}":
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
