"""Feedback on cards: how it is logged, and what it says about each rule."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from cds.store import schema
from cds.store.chain import identity_of
from cds.store.model import Draft, Feedback, Rate, Rates, Receipt, column_text
from cds.store.writing import WritingMore

NO_REASON = "(none given)"


def log_feedback(transaction: WritingMore, items: Sequence[Feedback]) -> Receipt:
    """Log the items that are not in the log yet."""
    stored = 0
    unknown: dict[str, None] = {}
    for item in items:
        draft = feedback_draft(item)
        if not _shown(transaction.connection, item):
            unknown[item.card] = None
        if transaction.find(draft.identity or "") is None:
            transaction.add(draft)
            stored += 1
    return Receipt(stored, len(items) - stored, tuple(unknown))


def feedback_draft(item: Feedback) -> Draft:
    """The entry a feedback item becomes. The user's and the client's words are encrypted."""
    suggestions = [
        column_text("acceptedSuggestions.id", suggestion) for suggestion in item.suggestions
    ]
    details = {
        "outcomeTimestamp": column_text("outcomeTimestamp", item.outcome_timestamp),
        "acceptedSuggestions": suggestions,
        "reason": None
        if item.reason_code is None
        else column_text("reason.code", item.reason_code),
        "reasonSystem": (
            None if item.reason_system is None else column_text("reason.system", item.reason_system)
        ),
    }
    texts = (item.reason_display or "", item.comment or "")
    return Draft(
        kind="feedback",
        time=item.time,
        client=column_text("client", item.client),
        service=column_text("service", item.service),
        # Without the comment: its hash would outlive its erasure.
        identity=identity_of(
            "feedback", item.client, item.service, item.card, item.outcome, details
        ),
        card=column_text("card", item.card),
        outcome=item.outcome,
        details=details,
        parts=tuple(text.encode("utf-8", "replace") for text in texts) if any(texts) else (),
    )


def _shown(connection: Connection, item: Feedback) -> bool:
    card = schema.cards.c
    query = select(card.sequence).where(
        card.card == item.card, card.client == item.client, card.service == item.service
    )
    return connection.execute(query.limit(1)).first() is not None


def rates_of(connection: Connection) -> Rates:
    """Count, per rule, the cards shown and the latest word on each.

    A client's feedback counts for the cards that were shown to it, and for no other's.
    """
    entry, card = schema.entries.c, schema.cards.c
    last = (
        select(func.max(entry.sequence).label("sequence"))
        .where(entry.card.is_not(None))
        .group_by(entry.client, entry.service, entry.card)
        .subquery()
    )
    said = (
        select(entry.sequence, entry.outcome, entry.details, card.rule)
        .distinct()
        .join_from(schema.entries, last, last.c.sequence == entry.sequence)
        .outerjoin(
            schema.cards,
            (card.card == entry.card)
            & (card.client == entry.client)
            & (card.service == entry.service),
        )
    )
    counts = select(card.rule, func.count().label("shown")).group_by(card.rule)
    shown: dict[str, int] = {row.rule: row.shown for row in connection.execute(counts)}
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    unknown = 0
    for row in connection.execute(said):
        if row.rule is None:
            unknown += 1
            continue
        outcomes[row.rule][row.outcome] += 1
        if row.outcome == "overridden":
            reasons[row.rule][json.loads(row.details)["reason"] or NO_REASON] += 1
    rules = tuple(
        Rate(
            rule,
            shown[rule],
            outcomes[rule]["accepted"],
            outcomes[rule]["overridden"],
            tuple(sorted(reasons[rule].items(), key=lambda pair: (-pair[1], pair[0]))),
        )
        for rule in sorted(shown)
    )
    return Rates(rules, unknown)
