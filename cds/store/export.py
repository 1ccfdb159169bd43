"""The log as others read it: NDJSON that is checked without the database, FHIR R4 AuditEvents."""

import base64
from collections.abc import Iterator
from typing import Any

from cds.errors import StoreError
from cds.store.chain import canonical, hashed_facts
from cds.store.decisions import DecisionLog
from cds.store.model import Entry
from cds.store.writing import opened_content

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBSERVER = "cramp-cds"


def ndjson(log: DecisionLog, *, content: bool = False) -> Iterator[bytes]:
    """One line per entry: `entry` is what is hashed (in canonical JSON), `hash` its hash.

    `content` adds the decrypted patient content, where it is not erased.
    """
    for entry, key in log.entries():
        line: dict[str, Any] = {"entry": _facts(entry), "hash": entry.hash}
        if content:
            line["content"] = _clear(entry, key)
        yield canonical(line).encode() + b"\n"


def audit_events(log: DecisionLog) -> Iterator[bytes]:
    """One FHIR R4 AuditEvent per entry; no patient content, no patient reference."""
    for entry, _ in log.entries():
        yield canonical(audit_event(entry)).encode() + b"\n"


def audit_event(entry: Entry) -> dict[str, Any]:
    """One entry as an AuditEvent. Its hash travels along, so that the EHR's copy is an anchor."""
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"cramp-cds-{entry.sequence}",
        **_kind(entry),
        "recorded": entry.time,
        "outcome": "0",
        "agent": [_agent(entry)],
        "source": {"site": OBSERVER, "observer": {"display": OBSERVER}},
        "entity": [_entity(entry)],
    }
    return event


def _kind(entry: Entry) -> dict[str, Any]:
    if entry.kind == "erasure":
        return {
            "type": _coding(LIFECYCLE, "destroy", "Destroy/Delete Record Lifecycle Event"),
            "action": "D",
        }
    if entry.kind.startswith("note:"):
        return {
            "type": _coding(DICOM, "110100", "Application Activity"),
            "subtype": [{"display": entry.kind.removeprefix("note:")}],
            "action": "E",
        }
    return {
        "type": _coding(EVENT, "rest", "RESTful Operation"),
        "subtype": [_coding(INTERACTION, "operation", "operation"), {"display": entry.kind}],
        "action": "C" if entry.kind == "feedback" else "E",
    }


def _agent(entry: Entry) -> dict[str, Any]:
    if entry.client is None:
        return {"who": {"display": OBSERVER}, "requestor": False}
    return {"who": {"identifier": {"value": entry.client}}, "requestor": True}


def _entity(entry: Entry) -> dict[str, Any]:
    details = _facts(entry)["details"]
    named = {
        "sequence": str(entry.sequence),
        "hash": f"sha256:{entry.hash}",
        "previous": f"sha256:{entry.previous}",
        "service": entry.service,
        "request": entry.request_hash,
        "pack": _pack(entry),
        "level": entry.level,
        "rules": " ".join(details.get("rules", ())),
        "card": entry.card,
        "outcome": entry.outcome,
        "reason": details.get("reason"),
        "erased": str(details["sequence"]) if entry.kind == "erasure" else None,
    }
    identifier = entry.hook_instance or details.get("hookInstance") or entry.hash
    return {
        "what": {"identifier": {"value": identifier}},
        "type": _coding(ENTITY, "4", "Other"),
        "detail": [{"type": name, "valueString": value} for name, value in named.items() if value],
    }


def _facts(entry: Entry) -> dict[str, Any]:
    try:
        return hashed_facts(entry)
    except ValueError:
        where = f"entry {entry.sequence}"
        raise StoreError(where, "is not as it was written.", "Run `log verify`.") from None


def _pack(entry: Entry) -> str | None:
    if entry.pack_id is None:
        return None
    return f"{entry.pack_id}|{entry.pack_version} {entry.pack_hash}"


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}


def _clear(entry: Entry, key: bytes | None) -> list[str] | None:
    parts = opened_content(entry, key)
    return None if parts is None else [_text(part) for part in parts]


def _text(part: bytes) -> str:
    try:
        return part.decode()
    except UnicodeDecodeError:
        return base64.b64encode(part).decode()
