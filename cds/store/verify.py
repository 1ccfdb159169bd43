"""Walk the chain from first to last, and name the first entry that is not as it was written."""

import json
from collections.abc import Mapping
from typing import Any

from cds.store.chain import GENESIS, hash_of, identity_of
from cds.store.decisions import DecisionLog
from cds.store.model import Broken, Entry, Head, Verified
from cds.store.writing import found, opened


def verify(log: DecisionLog, heads: Mapping[int, str] | None = None) -> Verified | Broken:
    """Check every link, every content that has a key, and every head signed before.

    `heads` are the hashes that signed heads give, by sequence: a chain that was cut, or written
    anew from some entry on, is whole in itself and found only by them. Memory is constant.
    """
    last, erased = GENESIS, 0
    signed = dict(heads or {})
    for entry, key in log.entries():
        why = _fault(entry, key, last)
        if why is None and signed.pop(entry.sequence, entry.hash) != entry.hash:
            why = "is not the entry that the signed head names: the chain was written anew."
        if why is None and entry.content is not None and key is None:
            why = _missing_key(log, entry)
            erased += 1
        if why is not None:
            return Broken(min(entry.sequence, last.sequence + 1), why)
        last = Head(entry.sequence, entry.hash)
    missing = max((sequence for sequence in signed if sequence > last.sequence), default=None)
    if missing is not None:
        return Broken(last.sequence + 1, f"is missing: a signed head reaches to {missing}.")
    return Verified(last, erased)


def _fault(entry: Entry, key: bytes | None, last: Head) -> str | None:
    if entry.sequence != last.sequence + 1:
        return f"is missing: entry {entry.sequence} follows {last.sequence}."
    if entry.previous != last.hash:
        return "does not follow the entry before it."
    try:
        hashed, details = hash_of(entry), json.loads(entry.details)
    except ValueError:
        return "holds details that are no longer as they were written."
    if hashed != entry.hash:
        return "was changed: its hash is not that of its fields."
    if _identity(entry, details) != entry.identity:
        return "carries the identity of another entry."
    if entry.content is not None and key is not None and opened(entry, key) is None:
        return "has a key that does not open its content."
    return None


def _identity(entry: Entry, details: Mapping[str, Any]) -> str | None:
    if entry.kind == "decision":
        return identity_of("decision", entry.client, entry.service, entry.hook_instance)
    if entry.kind == "erasure":
        return identity_of("erasure", details.get("sequence"))
    return entry.identity


def _missing_key(log: DecisionLog, entry: Entry) -> str | None:
    with log.database.reading() as connection:
        if found(connection, identity_of("erasure", entry.sequence)) is not None:
            return None
    return "has lost its key, and no erasure is on record."
