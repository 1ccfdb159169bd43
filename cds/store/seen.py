"""Tokens used on this host: a small SQLite file that its workers share, also while the log is away.

What is here is forgotten by how long the machine has run, not by the clock of the day: a clock that
jumps ahead and back makes no token good again. `owed` are those that the log has not been told of.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cds.errors import StoreError, system_name

LEAST_KEPT_S = 3600
BUSY_S = 0.05
SWEEP_EVERY = 1000
_TABLE = """CREATE TABLE IF NOT EXISTS seen (
  token TEXT NOT NULL PRIMARY KEY, expires INTEGER NOT NULL, since REAL NOT NULL,
  owed INTEGER NOT NULL) WITHOUT ROWID"""
_Used = tuple[str, int]  # the hash of a token, and until when it would be good


def running_s() -> float:
    """How long the machine has been running, sleep included."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SeenTokens:
    """One worker's connection to the file; used by one thread at a time."""

    def __init__(
        self, path: Path, kept_s: float = LEAST_KEPT_S, clock: Callable[[], float] = running_s
    ) -> None:
        """Open the file; one that is no database any more is replaced.

        Raises:
            StoreError: it can be neither opened nor made.
        """
        self._kept_s = max(kept_s, LEAST_KEPT_S)
        self._clock = clock
        self._used = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(0o600)
            try:
                self._file = self._opened(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                for end in ("", "-wal", "-shm"):
                    path.with_name(path.name + end).unlink(missing_ok=True)
                path.touch(0o600)
                self._file = self._opened(path)
        except (OSError, sqlite3.Error) as error:
            kind = _kind_of(error)
            hint = "Check its disk, and the permissions of its folder."
            raise StoreError(
                "used tokens", f"cannot be opened ({kind}).", hint, kind=kind
            ) from None

    def _opened(self, path: Path) -> sqlite3.Connection:
        file = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            file.execute("PRAGMA journal_mode=WAL")
            # Nothing is waited for: a power cut may forget the last few, and damages nothing.
            file.execute("PRAGMA synchronous=NORMAL")
            file.execute(_TABLE)
            # What is of an earlier run of the machine is kept as if it had come now.
            now = self._clock()
            file.execute("UPDATE seen SET since = ? WHERE since > ?", (now, now))
        except BaseException:
            file.close()
            raise
        return file

    def use(self, tokens: Sequence[tuple[_Used, bool]]) -> list[bool]:
        """Of each, whether it was not used before; with each, whether it is owed to the log.

        Raises:
            StoreError: the file cannot be written; none of them counts as used.
        """
        now = self._clock()
        rows = [(name, expires, now, int(owed)) for (name, expires), owed in tokens]
        try:
            with self._transaction() as cursor:
                new = [
                    cursor.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", row).rowcount
                    for row in rows
                ]
                self._sweep(cursor, len(new))
        except sqlite3.Error as error:
            raise _failed(error) from None
        return [count == 1 for count in new]

    def owe(self, token: _Used) -> None:
        """The log could not be told of this one."""
        try:
            self._file.execute("UPDATE seen SET owed = 1 WHERE token = ?", token[:1])
        except sqlite3.Error as error:
            raise _failed(error) from None

    def owed(self) -> list[_Used]:
        """Those of which the log does not know yet."""
        try:
            return self._file.execute("SELECT token, expires FROM seen WHERE owed").fetchall()
        except sqlite3.Error as error:
            raise _failed(error) from None

    def told(self, tokens: Sequence[_Used]) -> None:
        """The log knows of these."""
        try:
            with self._transaction() as cursor:
                cursor.executemany(
                    "UPDATE seen SET owed = 0 WHERE token = ?", [(name,) for name, _ in tokens]
                )
        except sqlite3.Error as error:
            raise _failed(error) from None

    def close(self) -> None:
        """Give the file back."""
        with contextlib.suppress(sqlite3.Error):
            self._file.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        cursor = self._file.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have done it by itself
                cursor.execute("ROLLBACK")
            raise

    def _sweep(self, cursor: sqlite3.Cursor, count: int) -> None:
        self._used += count
        if self._used >= SWEEP_EVERY:
            self._used = 0
            cursor.execute("DELETE FROM seen WHERE since < ?", (self._clock() - self._kept_s,))


def _failed(error: sqlite3.Error) -> StoreError:
    kind = _kind_of(error)
    return StoreError("used tokens", f"cannot be written ({kind}).", "Check its disk.", kind=kind)


def _kind_of(error: OSError | sqlite3.Error) -> str:
    """The short name that SQLite or the system has for it."""
    if isinstance(error, OSError):
        return system_name(error)
    return str(getattr(error, "sqlite_errorname", type(error).__name__))
