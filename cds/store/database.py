"""The two databases, made alike: durable commits, one writer at a time, errors without values.

SQLite: WAL, synchronous=FULL, `BEGIN IMMEDIATE`. PostgreSQL: synchronous_commit, an advisory lock.
"""

import random
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from cds.errors import StoreError
from cds.store.same_file import FileId, check_place, keep_to

WHERE = "decision log"
# Any number will do, as long as every writer of one database takes the same: "cds" in ASCII.
LOCK = 0x636473
DRIVERS = ("sqlite", "postgresql+psycopg")
# How long an SQLite writer sleeps between two looks at the lock; a commit takes about as long.
_STEP_S = (0.0005, 0.002)
# 32 MiB of write-ahead log, after which whoever commits brings it into the file of the database.
# The service does it sooner, in the background; SQLite's own 4 MiB come sooner under load.
CHECKPOINT_PAGES = 8000


class Database:
    """One engine. `reading()` sees a consistent state; `writing()` is alone, in every process."""

    def __init__(self, url: str, *, timeout_s: float = 5.0, durable: bool = True) -> None:
        """Connect lazily. `timeout_s` bounds every wait: for connection, lock and statement.

        `durable`: what was written outlives a power cut. Otherwise the last of it may be lost with
        the power, but is never torn; others that write the same database are as durable as before.
        """
        self._timeout_s = timeout_s
        self._appenders: deque[tuple[Any, FileId | None]] = deque()
        self.url = _parsed(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (
            _sqlite(self.url, timeout_s, durable=durable)
            if self.sqlite
            else _postgres(self.url, timeout_s, durable=durable)
        )
        if self.file is not None and "immutable" not in self.url.query:
            keep_to(self.engine, self.file)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    def there(self) -> bool:
        """Whether the file of an SQLite database is there; one that is read only was found so."""
        return self.file is None or "immutable" in self.url.query or self.file.exists()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries."""
        with self._translated("cannot be read"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer overlaps; durable once the block is left."""
        with self._alone() as connection, connection.begin():
            self._lock(connection)
            yield connection

    @contextmanager
    def appending(self) -> Iterator[Any]:
        """The same as a cursor of the driver, for what is written with every call.

        SQLAlchemy's way into a transaction and out of it takes as long as several entries do.
        """
        with self._translated("cannot be written"):
            raw, file = self._appender() if self.sqlite else (self.engine.raw_connection(), None)
            try:
                cursor = raw.cursor()
                if self.sqlite:
                    _begin_immediately(cursor, self._timeout_s)
                else:
                    cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
                yield cursor
                raw.commit()
                if self.sqlite:
                    check_place(file, self.file)
            except BaseException:
                _undo(raw)
                raise
            if self.sqlite:
                self._appenders.append((raw, file))
            else:
                raw.close()

    def _appender(self) -> tuple[Any, FileId | None]:
        """A connection of SQLite's for one transaction at a time, kept open for the next; its file.

        The pool's would be asked at each turn how long it waits, and be rolled back twice.
        """
        try:
            return self._appenders.pop()
        except IndexError:
            pooled = self.engine.raw_connection()
            file = pooled.info.get("file")
            pooled.detach()
            made: Any = pooled.dbapi_connection
            made.execute("PRAGMA busy_timeout=0")  # in WAL only BEGIN IMMEDIATE waits, by itself
            return made, file

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """The same, with nothing left of it."""
        with self._alone() as connection:
            trial = connection.begin()
            try:
                self._lock(connection)
                yield connection
            finally:
                trial.rollback()

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._translated("cannot be written"), self.engine.connect() as plain:
            yield plain.execution_options(writes=True)

    def _translated(self, problem: str) -> AbstractContextManager[None]:
        # Statements on the driver's own connection fail with its own errors.
        return named_errors(problem, self.engine.dialect.loaded_dbapi.Error)

    def _lock(self, connection: Connection) -> None:
        if not self.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})

    def close(self) -> None:
        """Give every connection back."""
        while self._appenders:
            self._appenders.pop()[0].close()
        self.engine.dispose()


def _undo(raw: Any) -> None:
    """Leave nothing of a transaction; a connection that cannot even do that is used no more."""
    try:
        raw.rollback()
        raw.close()
    except Exception:  # noqa: BLE001 - the error that led here is the one to tell
        with suppress(Exception):  # a connection of the pool is invalidated, our own is closed
            getattr(raw, "invalidate", raw.close)()


@contextmanager
def named_errors(problem: str, driver: type[Exception] = sqlite3.Error) -> Iterator[None]:
    """Turn the database's errors into one that names their kind, never a value or the URL.

    `driver`: the errors of the driver itself.
    """
    try:
        yield
    except (SQLAlchemyError, driver, UnicodeDecodeError) as error:
        # `from None`: PostgreSQL puts values of the row into its messages, a traceback prints them.
        kind = _kind_of(error)
        raise StoreError(WHERE, f"{problem} ({kind}).", _hint(kind), kind=kind) from None


def _kind_of(error: Exception) -> str:
    """The database's own short name for an error, such as SQLITE_FULL or 57P01."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, UnicodeDecodeError):
        # In a message of SQLite's: names of tables that are no text any more.
        return "SQLITE_CORRUPT"
    if isinstance(origin, sqlite3.Error):  # Python's own, such as a closed database, have no name
        return str(getattr(origin, "sqlite_errorname", type(origin).__name__))
    # psycopg is not imported for a name: an SQLite site need not have it.
    return str(getattr(origin, "sqlstate", None) or type(origin or error).__name__)


def _hint(kind: str) -> str:
    match kind:
        case "SQLITE_FULL" | "53100":
            return "The disk is full: make room, nothing that was acknowledged is lost."
        case "SQLITE_BUSY" | "55P03":
            return "Another writer holds the log: try again."
        case "SQLITE_READONLY" | "42501":
            return "The account of the service may not write it: see its rights."
        case "SQLITE_CORRUPT" | "SQLITE_NOTADB":
            return "The file of the log is damaged: keep it, and restore its last good copy."
    return "See that the database runs, is reachable and is the one of the configuration."


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.drivername not in DRIVERS:
        # The URL may hold a password: it is not repeated.
        problem = "is not the URL of a database that the decision log knows."
        raise StoreError("store.url", problem, "Use sqlite:////path or postgresql+psycopg://…")
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreError("store.url", "names no file.", "A decision log must outlive the process.")
    return parsed


def _sqlite(url: URL, timeout_s: float, *, durable: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=32,
        pool_timeout=timeout_s,
        connect_args={"timeout": timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        for pragma in (
            # NORMAL loses acknowledged entries at a power cut.
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE deletes past the trigger
            "secure_delete=ON",  # an erased key is overwritten, not only unlinked
            "trusted_schema=OFF",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        if connection.get_execution_options().get("writes", False):
            _begin_writing(cursor, timeout_s)
        else:
            cursor.execute("BEGIN")

    return engine


def _begin_writing(cursor: Any, timeout_s: float) -> None:
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        _begin_immediately(cursor, timeout_s)
    finally:
        cursor.execute(f"PRAGMA busy_timeout={int(timeout_s * 1000)}")


def _begin_immediately(cursor: Any, timeout_s: float) -> None:
    """Wait for the other writers, in short steps: SQLite itself would sleep up to 100 ms each.

    With several workers, whoever waits long would wait ever longer.
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(random.uniform(*_STEP_S))  # noqa: S311 - no secret
        else:
            return


def _postgres(url: URL, timeout_s: float, *, durable: bool) -> Engine:
    from cds.store.bounded import connecting  # noqa: PLC0415 - an SQLite site need not have psycopg

    milliseconds = max(1, int(timeout_s * 1000))
    settings = {
        "synchronous_commit": "on" if durable else "off",
        "lock_timeout": milliseconds,
        "statement_timeout": milliseconds,
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,  # a connection that died with the server is replaced, not handed out
        pool_size=4,
        max_overflow=8,
        pool_timeout=timeout_s,
        connect_args={"options": options, "connect_timeout": max(2, int(timeout_s))},
    )
    event.listen(engine, "do_connect", connecting(timeout_s))
    return engine
