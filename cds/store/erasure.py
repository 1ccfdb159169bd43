"""Erasing patient content: its key is deleted, and the chain says so."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select

from cds.store import schema
from cds.store.chain import identity_of
from cds.store.model import Draft
from cds.store.writing import WritingMore, subject_of


def erase(
    transaction: WritingMore,
    time: datetime,
    why: str,
    sequences: Sequence[int],
    subject: str | None,
) -> tuple[int, ...]:
    """Delete the keys of these entries, or of this subject's; one entry of the chain for each."""
    key = schema.keys.c
    chosen: ColumnElement[bool] = key.sequence.in_(sequences)
    if subject is not None:
        chosen = or_(chosen, key.subject == subject_of(subject))
    rows = transaction.connection.execute(select(key.sequence).where(chosen).order_by(key.sequence))
    erased = tuple(row.sequence for row in rows)
    for sequence in erased:
        details = {"sequence": sequence, "why": why}
        identity = identity_of("erasure", sequence)
        transaction.add(Draft(kind="erasure", time=time, details=details, identity=identity))
    transaction.connection.execute(delete(schema.keys).where(chosen))
    return erased
