"""The hash chain: which bytes of an entry are hashed, and what makes a call or a feedback the same.

These bytes may never change for entries already written, so they are made here with the standard
library alone, apart from how the service writes JSON on the wire.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cds.store.model import Draft, Entry, Head, log_instant

_SCHEMA = "cramp-cds/log-entry/1"
GENESIS = Head(sequence=0, hash="0" * 64)
# `hash` is the result; `content` enters by its hash: an export without it can be checked.
_HASHED = tuple(name.name for name in fields(Entry) if name.name not in {"hash", "content"})


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(value: Any) -> str:
    """One spelling for one JSON value: sorted keys, no spaces, ASCII."""
    return _CANONICAL.encode(value)


def digest(data: bytes) -> str:
    """SHA-256, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def identity_of(*parts: object) -> str:
    """The hash that stands for one call, feedback or erasure; the log holds each once."""
    return digest(canonical(parts).encode())


def hashed_facts(entry: Entry) -> dict[str, Any]:
    """The entry as the JSON object that is hashed: everything but the hash, content by its hash.

    Raises:
        ValueError: `details` is no longer the JSON that was written.
    """
    details = json.loads(entry.details)
    if canonical(details) != entry.details:
        message = "details are not in their canonical spelling"
        raise ValueError(message)
    return _facts({name: getattr(entry, name) for name in _HASHED}, details, entry.content)


def _facts(columns: Mapping[str, Any], details: object, content: bytes | None) -> dict[str, Any]:
    hashed = None if content is None else digest(content)
    return {**columns, "schema": _SCHEMA, "content": hashed, "details": details}


def link(draft: Draft, previous: Head, content: bytes | None) -> Entry:
    """The draft as the entry that follows `previous`. `content` is already encrypted."""
    columns: dict[str, Any] = {
        "sequence": previous.sequence + 1,
        "kind": draft.kind,
        "time": log_instant(draft.time),
        "client": draft.client,
        "service": draft.service,
        "hook_instance": draft.hook_instance,
        "identity": draft.identity,
        "request_hash": draft.request_hash,
        "pack_id": draft.pack_id,
        "pack_version": draft.pack_version,
        "pack_hash": draft.pack_hash,
        "level": draft.level,
        "card": draft.card,
        "outcome": draft.outcome,
        "details": canonical(draft.details),
        "previous": previous.hash,
    }
    made = digest(canonical(_facts(columns, draft.details, content)).encode())
    return Entry(**columns, content=content, hash=made)
