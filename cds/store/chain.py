"""The hash chain: which bytes of an entry are hashed, and what makes a call or a feedback the same.

These bytes may never change for entries already written, so they are made here with the standard
library alone, apart from how the service writes JSON on the wire.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from json.encoder import encode_basestring_ascii
from typing import Any

from cds.store.model import Draft, Entry, Head, log_instant

_SCHEMA = "cramp-cds/log-entry/1"
GENESIS = Head(sequence=0, hash="0" * 64)
# `hash` is the result; `content` enters by its hash: an export without it can be checked.
_HASHED = tuple(name.name for name in fields(Entry) if name.name not in {"hash", "content"})


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
# What is hashed of an entry, spelled beforehand: the encoder takes three times as long over it.
_NAMED = ("schema", *_HASHED, "content")
_SPELLING = "{" + ",".join(f'"{name}":%s' for name in sorted(_NAMED)) + "}"


def canonical(value: Any) -> str:
    """One spelling for one JSON value: sorted keys, no spaces, ASCII."""
    return _CANONICAL.encode(value)


def canonical_list(parts: Iterable[object]) -> str:
    """The same of a list, sooner where it is a list of texts."""
    return f"[{','.join(map(_spelled, parts))}]"


def _spelled(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None:
        return "null"
    return str(value) if type(value) is int else canonical(value)


def digest(data: bytes) -> str:
    """SHA-256, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def identity_of(*parts: object) -> str:
    """The hash that stands for one call, feedback or erasure; the log holds each once."""
    return digest(canonical_list(parts).encode())


def hashed_facts(entry: Entry) -> dict[str, Any]:
    """The entry as the JSON object that is hashed: everything but the hash, content by its hash.

    Raises:
        ValueError: `details` is no longer the JSON that was written.
    """
    details = json.loads(entry.details)
    if canonical(details) != entry.details:
        message = "details are not in their canonical spelling"
        raise ValueError(message)
    columns = {name: getattr(entry, name) for name in _HASHED}
    return {**columns, "schema": _SCHEMA, "content": _hashed(entry.content), "details": details}


def _hashed(content: bytes | None) -> str | None:
    return None if content is None else digest(content)


def link(draft: Draft, previous: Head, content: bytes | None) -> Entry:
    """The draft as the entry that follows `previous`. `content` is already encrypted."""
    sequence = previous.sequence + 1
    time = log_instant(draft.time)
    details = canonical(draft.details)
    # In the order of the alphabet, as in the canonical spelling of `hashed_facts`.
    spelled = _SPELLING % (
        _spelled(draft.card),
        _spelled(draft.client),
        _spelled(_hashed(content)),
        details,
        _spelled(draft.hook_instance),
        _spelled(draft.identity),
        _spelled(draft.kind),
        _spelled(draft.level),
        _spelled(draft.outcome),
        _spelled(draft.pack_hash),
        _spelled(draft.pack_id),
        _spelled(draft.pack_version),
        _spelled(previous.hash),
        _spelled(draft.request_hash),
        _spelled(_SCHEMA),
        sequence,
        _spelled(draft.service),
        _spelled(time),
    )
    return Entry(
        sequence=sequence,
        kind=draft.kind,
        time=time,
        client=draft.client,
        service=draft.service,
        hook_instance=draft.hook_instance,
        identity=draft.identity,
        request_hash=draft.request_hash,
        pack_id=draft.pack_id,
        pack_version=draft.pack_version,
        pack_hash=draft.pack_hash,
        level=draft.level,
        card=draft.card,
        outcome=draft.outcome,
        details=details,
        content=content,
        previous=previous.hash,
        hash=digest(spelled.encode()),
    )
