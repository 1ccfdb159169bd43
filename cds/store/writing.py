"""One write transaction: where an entry gets its place in the chain, its key and its hash."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select

from cds.store import schema, sealing
from cds.store.chain import GENESIS, identity_of, link
from cds.store.database import Database
from cds.store.model import Draft, Entry, Head

_NAMES = tuple(field.name for field in fields(Entry))
_ORDER = (schema.entries, schema.keys, schema.cards)  # a key and a card refer to their entry
# The statements of every append, made once: making one takes longer than running it.
_INSERT = {table: insert(table) for table in _ORDER}
_HEAD = (
    select(schema.entries.c.sequence, schema.entries.c.hash)
    .order_by(schema.entries.c.sequence.desc())
    .limit(1)
)
_FOUND = (
    select(schema.entries, schema.keys.c.key)
    .outerjoin(schema.keys, schema.keys.c.sequence == schema.entries.c.sequence)
    .where(schema.entries.c.identity.in_(bindparam("identities", expanding=True)))
)

# An entry with its key, unless that is erased.
Known = tuple[Entry, bytes | None]


class Writing:
    """The open transaction and the head of the chain within it. No other writer is in.

    Entries are gathered and inserted together: calls that share a commit share its statements, too.
    """

    def __init__(self, connection: Connection) -> None:
        """Read the head only when an entry is added: using a token needs none."""
        self._connection = connection
        self._head: Head | None = None
        self._known: dict[str, Known | None] = {}
        self._rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _ORDER}

    @property
    def connection(self) -> Connection:
        """The connection, for queries that see everything added so far."""
        self.flush()
        return self._connection

    def look_up(self, identities: Iterable[str]) -> None:
        """Ask for all of these at once; `find` then knows each of them."""
        wanted = [one for one in identities if one not in self._known]
        if wanted:
            self._known |= dict.fromkeys(wanted) | _found(self._connection, wanted)

    def find(self, identity: str) -> Known | None:
        """The entry of this identity, with its key unless that is erased."""
        if identity not in self._known:
            self.look_up((identity,))
        return self._known[identity]

    def add(self, draft: Draft) -> Entry:
        """Append the draft; its patient content encrypted under a key of its own."""
        head = self._head or head_of(self._connection)
        content = key = None
        if draft.parts:
            key = sealing.new_key()
            content = sealing.seal(key, draft.parts, head.sequence + 1, draft.kind, draft.identity)
        entry = link(draft, head, content)
        self.insert(schema.entries, {name: getattr(entry, name) for name in _NAMES})
        if key is not None:
            subject = None if draft.subject is None else subject_of(draft.subject)
            row = {"sequence": entry.sequence, "key": key, "subject": subject}
            self.insert(schema.keys, row)
        if draft.identity is not None:
            self._known[draft.identity] = (entry, key)
        self._head = Head(entry.sequence, entry.hash)
        return entry

    def insert(self, table: Table, *rows: dict[str, Any]) -> None:
        """Insert rows, at the latest when the transaction ends."""
        self._rows[table] += rows

    def flush(self) -> None:
        """Insert what is gathered."""
        for table, rows in self._rows.items():
            if rows:
                self._connection.execute(_INSERT[table], rows)
                self._rows[table] = []


@contextmanager
def writing(database: Database) -> Iterator[Writing]:
    """A write transaction on the chain."""
    with database.writing() as connection:
        transaction = Writing(connection)
        yield transaction
        transaction.flush()


def head_of(connection: Connection) -> Head:
    """The last entry of the chain."""
    row = connection.execute(_HEAD).first()
    return GENESIS if row is None else Head(row.sequence, row.hash)


def found(connection: Connection, identity: str) -> Known | None:
    """The entry of this identity, with its key unless that is erased."""
    return _found(connection, [identity]).get(identity)


def _found(connection: Connection, identities: list[str]) -> dict[str, Known]:
    rows = connection.execute(_FOUND, {"identities": identities}).mappings()
    return {row["identity"]: (entry_of(row), row["key"]) for row in rows}


def entry_of(row: RowMapping) -> Entry:
    """A row of the chain as a value."""
    return Entry(**{name: row[name] for name in _NAMES})


def opened(entry: Entry, key: bytes | None) -> tuple[bytes, ...] | None:
    """The patient content of an entry; None when its key is erased or is not its own."""
    if key is None or entry.content is None:
        return None
    return sealing.unseal(key, entry.content, entry.sequence, entry.kind, entry.identity)


def subject_of(subject: str) -> str:
    """The hash a subject is kept and erased by."""
    return identity_of("subject", subject)
