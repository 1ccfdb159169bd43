"""One write transaction: where an entry gets its place in the chain, its key and its hash."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields

from sqlalchemy import Connection, RowMapping, insert, select

from cds.store import schema, sealing
from cds.store.chain import GENESIS, identity_of, link
from cds.store.database import Database
from cds.store.model import Draft, Entry, Head

_NAMES = tuple(field.name for field in fields(Entry))


class Writing:
    """The open transaction and the head of the chain within it. No other writer is in."""

    def __init__(self, connection: Connection) -> None:
        """Read the head only when an entry is added: using a token needs none."""
        self.connection = connection
        self._head: Head | None = None

    def add(self, draft: Draft) -> Entry:
        """Append the draft; its patient content encrypted under a key of its own."""
        head = self._head or head_of(self.connection)
        content = key = None
        if draft.parts:
            key = sealing.new_key()
            content = sealing.seal(key, draft.parts, head.sequence + 1, draft.kind, draft.identity)
        entry = link(draft, head, content)
        self.connection.execute(insert(schema.entries), asdict(entry))
        if key is not None:
            subject = None if draft.subject is None else subject_of(draft.subject)
            row = {"sequence": entry.sequence, "key": key, "subject": subject}
            self.connection.execute(insert(schema.keys), row)
        self._head = Head(entry.sequence, entry.hash)
        return entry


@contextmanager
def writing(database: Database) -> Iterator[Writing]:
    """A write transaction on the chain."""
    with database.writing() as connection:
        yield Writing(connection)


def head_of(connection: Connection) -> Head:
    """The last entry of the chain."""
    table = schema.entries.c
    query = select(table.sequence, table.hash).order_by(table.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return GENESIS if row is None else Head(row.sequence, row.hash)


def found(connection: Connection, identity: str) -> tuple[Entry, bytes | None] | None:
    """The entry of this identity, with its key unless that is erased."""
    query = (
        select(schema.entries, schema.keys.c.key)
        .outerjoin(schema.keys, schema.keys.c.sequence == schema.entries.c.sequence)
        .where(schema.entries.c.identity == identity)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else (entry_of(row), row["key"])


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
