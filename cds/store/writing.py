"""One write transaction: where an entry gets its place in the chain, its key and its hash."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, Table

from cds.store import schema, sealing
from cds.store.chain import GENESIS, identity_of, link
from cds.store.database import Database
from cds.store.model import Draft, Entry, Head

_NAMES = tuple(field.name for field in fields(Entry))
_COLUMNS_OF = attrgetter(*_NAMES)
_ORDER = (schema.entries, schema.keys, schema.cards)  # a key and a card refer to their entry
_COLUMNS = {table: tuple(column.name for column in table.columns) for table in _ORDER}
_HEAD = "SELECT sequence, hash FROM log_entry ORDER BY sequence DESC LIMIT 1"
_COLUMNS_READ = ", ".join(f"e.{name}" for name in _NAMES)
_ENTRIES = (
    f"SELECT {_COLUMNS_READ}, k.key FROM log_entry e"  # noqa: S608
    " LEFT JOIN log_key k ON k.sequence = e.sequence"
)
_FOUND = f"{_ENTRIES} WHERE e.identity IN"
# At once with the head: each statement lets go of the interpreter, and waits to have it again.
_HEAD_AND_FOUND = (
    f"SELECT h.sequence, h.hash, {_COLUMNS_READ},"  # noqa: S608
    " (SELECT k.key FROM log_key k WHERE k.sequence = e.sequence)"
    f" FROM ({_HEAD}) h LEFT JOIN log_entry e ON e.identity IN"
)

# Rows in one statement of SQLite's: each statement lets go of the interpreter, and a thread that
# wants it back while another computes waits for it longer than a row takes.
TOGETHER = 16

# An entry with its key, unless that is erased.
EntryAndKey = tuple[Entry, bytes | None]


class Driver:
    """Statements on the driver's own connection.

    A log is a few statements, over and over: SQLAlchemy's way to each takes twenty times as long.
    """

    def __init__(self, cursor: Any, *, sqlite: bool) -> None:
        self._cursor = cursor
        self._mark = "?" if sqlite else "%s"
        self._together = TOGETHER if sqlite else 1

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query without values finds."""
        self._cursor.execute(statement)
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def rows_in(self, statement: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """What a query that ends in `IN` finds for these values."""
        marks = ", ".join([self._mark] * len(values))
        self._cursor.execute(f"{statement} ({marks})", tuple(values))
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def insert(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each with the values of all columns."""
        if self._together == 1:  # psycopg sends them one after the other, and waits once
            self._cursor.executemany(_insert(table, self._mark), rows)
            return
        for start in range(0, len(rows), self._together):
            some = rows[start : start + self._together]
            statement = _insert(table, self._mark, len(some))
            self._cursor.execute(statement, tuple(chain.from_iterable(some)))


@cache
def _insert(table: Table, mark: str, count: int = 1) -> str:
    columns = _COLUMNS[table]
    marks = f"({', '.join([mark] * len(columns))})"
    values = ", ".join([marks] * count)
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {values}"  # noqa: S608


class Writing:
    """The open transaction and the head of the chain within it. No other writer is in.

    Entries are gathered and inserted together: calls that share a commit share its statements, too.
    """

    def __init__(self, driver: Driver) -> None:
        """Read the head only when an entry is added."""
        self._driver = driver
        self._head: Head | None = None
        self._known: dict[str, EntryAndKey | None] = {}
        self._rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in _ORDER}

    def look_up(self, identities: Iterable[str]) -> None:
        """Ask for all of these at once, and for the head; `find` then knows each of them."""
        wanted = [one for one in identities if one not in self._known]
        if not wanted:
            return
        self._known |= dict.fromkeys(wanted)
        rows = self._driver.rows_in(_HEAD_AND_FOUND, wanted)
        if self._head is None:
            self._head = Head(*rows[0][:2]) if rows else GENESIS
        for _, _, *columns, key in rows:
            if columns[0] is not None:
                entry = Entry(*columns)
                self._known[entry.identity or ""] = (entry, key)

    def find(self, identity: str) -> EntryAndKey | None:
        """The entry of this identity, with its key unless that is erased."""
        if identity not in self._known:
            self.look_up((identity,))
        return self._known[identity]

    def add(self, draft: Draft) -> Entry:
        """Append the draft; its patient content encrypted under a key of its own."""
        head = self._head or _head(self._driver)
        content = key = None
        if draft.parts:
            key = sealing.new_key()
            content = sealing.seal(key, draft.parts, head.sequence + 1, draft.kind, draft.identity)
        entry = link(draft, head, content)
        self.insert(schema.entries, _COLUMNS_OF(entry))
        if key is not None:
            subject = None if draft.subject is None else subject_of(draft.subject)
            self.insert(schema.keys, (entry.sequence, key, subject))
        if draft.identity is not None:
            self._known[draft.identity] = (entry, key)
        self._head = Head(entry.sequence, entry.hash)
        return entry

    def insert(self, table: Table, *rows: tuple[Any, ...]) -> None:
        """Insert rows, in the order of their columns, at the latest when the transaction ends."""
        self._rows[table] += rows

    def flush(self) -> None:
        """Insert what is gathered."""
        for table, rows in self._rows.items():
            if rows:
                self._driver.insert(table, rows)
                self._rows[table] = []


class WritingMore(Writing):
    """The same, for those who have more to ask than what every call does."""

    def __init__(self, connection: Connection) -> None:
        """Within SQLAlchemy's transaction."""
        super().__init__(_driver_of(connection))
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection, for queries that see everything added so far."""
        self.flush()
        return self._connection


@contextmanager
def appending(database: Database) -> Iterator[Writing]:
    """A write transaction on the chain."""
    with database.appending() as cursor:
        transaction = Writing(Driver(cursor, sqlite=database.sqlite))
        yield transaction
        transaction.flush()


@contextmanager
def writing(database: Database) -> Iterator[WritingMore]:
    """A write transaction on the chain, and on what stands beside it."""
    with database.writing() as connection:
        transaction = WritingMore(connection)
        yield transaction
        transaction.flush()


def _driver_of(connection: Connection) -> Driver:
    return Driver(connection.connection.cursor(), sqlite=connection.dialect.name == "sqlite")


def head_of(connection: Connection) -> Head:
    """The last entry of the chain."""
    return _head(_driver_of(connection))


def found(connection: Connection, identity: str) -> EntryAndKey | None:
    """The entry of this identity, with its key unless that is erased."""
    return _found(_driver_of(connection), [identity]).get(identity)


def entries_after(connection: Connection, after: int, most: int) -> list[EntryAndKey]:
    """So many entries after a sequence, in order, each with its key."""
    rows = _driver_of(connection).rows(
        f"{_ENTRIES} WHERE e.sequence > {int(after)} ORDER BY e.sequence LIMIT {int(most)}"
    )
    return [(Entry(*columns), key) for *columns, key in rows]


def _head(driver: Driver) -> Head:
    rows = driver.rows(_HEAD)
    return Head(*rows[0]) if rows else GENESIS


def _found(driver: Driver, identities: list[str]) -> dict[str, EntryAndKey]:
    found: dict[str, EntryAndKey] = {}
    for *columns, key in driver.rows_in(_FOUND, identities):
        entry = Entry(*columns)
        found[entry.identity or ""] = (entry, key)
    return found


def entry_of(row: RowMapping) -> Entry:
    """A row of the chain as a value."""
    return Entry(**{name: row[name] for name in _NAMES})


def opened_content(entry: Entry, key: bytes | None) -> tuple[bytes, ...] | None:
    """The patient content of an entry; None when its key is erased or is not its own."""
    if key is None or entry.content is None:
        return None
    return sealing.unseal(key, entry.content, entry.sequence, entry.kind, entry.identity)


def subject_of(subject: str) -> str:
    """The hash a subject is kept and erased by."""
    return identity_of("subject", subject)
