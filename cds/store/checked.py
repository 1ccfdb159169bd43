"""One stretch of the chain: its entries, their links and contents, and the heads signed before."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cds.errors import StoreError
from cds.store.chain import canonical, digest, hashed_facts, identity_of
from cds.store.decisions import DecisionLog
from cds.store.model import Broken, Entry, Head
from cds.store.writing import EntryAndKey, entries_after, found, opened_content

_PAGE = 500
# What a database says of a file that is not as it wrote it.
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR", "XX001", "XX002")
# And SQLite: bytes that are no UTF-8 (an error of Python, without a name), a table that is gone.
DAMAGED_FILE = (*DAMAGED, "OperationalError", "SQLITE_ERROR")


class Stretch(NamedTuple):
    """What was found: the hash that the first entry follows, the last entry, the first fault."""

    joins: str | None
    last: Head | None
    erased: int
    broken: Broken | None = None


def walk(log: DecisionLog, after: int, count: int, signed: Mapping[int, str]) -> Stretch:
    """Check so many sequences after `after`.

    Raises:
        StoreError: the log cannot be read; not for being damaged.
    """
    joins: str | None = None
    last: Head | None = None
    erased = 0
    end = after + count
    while (last.sequence if last else after) < end:
        sequence = last.sequence if last else after
        entries, damage = _page(log, sequence, min(_PAGE, end - sequence))
        for entry, key in entries:
            before = last or Head(after, entry.previous)
            joins = entry.previous if joins is None else joins
            why = _fault(entry, key, before)
            if why is None and signed.get(entry.sequence, entry.hash) != entry.hash:
                why = "is not the entry that the signed head names: the chain was written anew."
            if why is None and entry.content is not None and key is None:
                why = _missing_key(log, entry)
                erased += 1
            if why is not None:
                broken = Broken(min(entry.sequence, before.sequence + 1), why)
                return Stretch(joins, last, erased, broken)
            last = Head(entry.sequence, entry.hash)
        if damage is not None:
            where = (last.sequence if last else after) + 1
            return Stretch(joins, last, erased, Broken(where, damage))
        if not entries:
            break
    return Stretch(joins, last, erased)


def _page(log: DecisionLog, after: int, most: int) -> tuple[list[EntryAndKey], str | None]:
    """The next entries; of a damaged file those before the damage, and what it is."""
    try:
        with log.database.reading() as connection:
            return entries_after(connection, after, most), None
    except StoreError as error:
        named = DAMAGED_FILE if log.database.sqlite else DAMAGED
        kind = next((kind for kind in named if error.kind.startswith(kind)), None)
        if kind is None:
            raise
        if most > 1:
            return _one_by_one(log, after, most)
        return [], f"cannot be read ({kind}): the file of the log is damaged."


def _one_by_one(log: DecisionLog, after: int, most: int) -> tuple[list[EntryAndKey], str | None]:
    good: list[EntryAndKey] = []
    for _ in range(most):
        entries, damage = _page(log, good[-1][0].sequence if good else after, 1)
        if damage is not None or not entries:
            return good, damage
        good += entries
    return good, None


def _fault(entry: Entry, key: bytes | None, last: Head) -> str | None:
    try:
        return _first_fault(entry, key, last)
    except (TypeError, AttributeError):  # a number or bytes where a text was written
        return "holds fields that are no longer as they were written."


def _first_fault(entry: Entry, key: bytes | None, last: Head) -> str | None:
    if entry.sequence != last.sequence + 1:
        return f"is missing: entry {entry.sequence} follows {last.sequence}."
    if entry.previous != last.hash:
        return "does not follow the entry before it."
    try:
        facts = hashed_facts(entry)
    except ValueError:
        return "holds details that are no longer as they were written."
    if digest(canonical(facts).encode()) != entry.hash:
        return "was changed: its hash is not that of its fields."
    if _identity(entry, facts["details"]) != entry.identity:
        return "carries the identity of another entry."
    if entry.content is not None and key is not None and opened_content(entry, key) is None:
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
