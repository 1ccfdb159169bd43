"""Answered calls in the chain: how one is written, found again, and told from another request."""

import json
from collections.abc import Sequence
from dataclasses import replace

from cds.errors import StoreError
from cds.store import schema
from cds.store.chain import identity_of
from cds.store.database import WHERE
from cds.store.model import Conflict, Decision, Draft, Entry, Stored, column_text, log_instant
from cds.store.writing import Writing, opened_content


class DamagedEntryError(StoreError):
    """An earlier entry of the same call is no longer as it was written; the others are."""


def decision_draft(decision: Decision) -> Draft:
    """The entry a decision becomes."""
    return Draft(
        kind="decision",
        time=decision.time,
        client=column_text("client", decision.client),
        service=column_text("service", decision.service),
        hook_instance=column_text("hookInstance", decision.hook_instance),
        identity=identity(decision.client, decision.service, decision.hook_instance),
        request_hash=decision.request_hash,
        pack_id=decision.pack_id,
        pack_version=decision.pack_version,
        pack_hash=decision.pack_hash,
        level=decision.level,
        details={
            "rules": list(decision.rules),
            "cards": {card: list(rules) for card, rules in decision.cards.items()},
            "status": decision.status,
        },
        parts=(decision.response, decision.document),
        subject=decision.subject,
    )


def late_draft(decision: Decision) -> Draft:
    """The entry of a decision that was really given, beside the one that holds its hookInstance."""
    draft = decision_draft(decision)
    return replace(
        draft,
        kind="decision-late",
        hook_instance=None,
        # By time, not by answer: the hash of an answer would outlive its erasure.
        identity=identity_of("decision-late", draft.identity, log_instant(decision.time)),
        details={**draft.details, "hookInstance": decision.hook_instance},
    )


def identity(client: str, service: str, hook_instance: str) -> str:
    """The hash that stands for one call."""
    return identity_of("decision", client, service, hook_instance)


def append_all(
    transaction: Writing, drafts: Sequence[tuple[Decision, Draft]]
) -> list[Stored | Conflict | DamagedEntryError]:
    """Write several decisions; those whose calls are in the chain already are found at once."""
    transaction.look_up({draft.identity for _, draft in drafts if draft.identity is not None})
    return [_appended(transaction, decision, draft) for decision, draft in drafts]


def _appended(
    transaction: Writing, decision: Decision, draft: Draft
) -> Stored | Conflict | DamagedEntryError:
    try:
        return append(transaction, decision, draft)
    except DamagedEntryError as error:
        return error


def append(transaction: Writing, decision: Decision, draft: Draft) -> Stored | Conflict:
    """Write a decision, unless its call is in the chain already."""
    earlier = transaction.find(draft.identity or "")
    if earlier is not None:
        return again(*earlier, decision.request_hash)
    entry = transaction.add(draft)
    service = column_text("service", decision.service)
    rows = [
        (
            entry.sequence,
            column_text("card", card),
            column_text("rule", rule),
            decision.client,
            service,
        )
        for card, rules in decision.cards.items()
        for rule in dict.fromkeys(rules)
    ]
    transaction.insert(schema.cards, *rows)
    return stored(entry, decision.status, decision.response, decision.document)


def again(entry: Entry, key: bytes | None, request_hash: str) -> Stored | Conflict:
    """The answer of an earlier entry, when the request is the same and its content still opens."""
    if entry.request_hash != request_hash:
        return Conflict(entry.sequence, "other-request")
    if key is None:
        return Conflict(entry.sequence, "erased")
    parts = opened_content(entry, key)
    if parts is None:
        problem = f"entry {entry.sequence} cannot be opened with its key."
        raise DamagedEntryError(WHERE, problem, "Run `log verify`.")
    response, document = parts
    status = int(json.loads(entry.details)["status"])
    return stored(entry, status, response, document, repeated=True)


def stored(
    entry: Entry,
    status: int = 0,
    response: bytes = b"",
    document: bytes = b"",
    *,
    repeated: bool = False,
) -> Stored:
    """An entry that is safely written; without its content, unless that is given."""
    return Stored(entry.sequence, entry.hash, entry.time, status, response, document, repeated)


def append_late(transaction: Writing, draft: Draft) -> Stored:
    """Write a late decision, once."""
    earlier = transaction.find(draft.identity or "")
    return stored(transaction.add(draft) if earlier is None else earlier[0])
