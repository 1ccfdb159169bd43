"""The Medications of a run, by their id: orders name them, and they are of no patient."""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from cds.flows.bulk.spill import Piece

_CACHE = "PRAGMA cache_size = -8192"  # of 1,024 bytes
_BYTES = ("utf-8", "surrogatepass")


def write_index(target: Path, pieces: Iterable[Piece]) -> None:
    """Write them as one table, whole or not at all; `key` of a piece is its id.

    Raises:
        OSError: the disk is full, or the table cannot be written.
    """
    part = target.with_name(f"{target.name}.{uuid4().hex}.tmp")
    try:
        with _told_as_of_a_file(), closing(sqlite3.connect(part)) as table:
            for setting in ("journal_mode = OFF", "synchronous = FULL"):
                table.execute(f"PRAGMA {setting}")
            table.execute(_CACHE)
            table.execute("CREATE TABLE shared (id BLOB, text BLOB)")
            rows = ((piece.key.encode(*_BYTES), piece.text) for piece in pieces)
            table.executemany("INSERT INTO shared VALUES (?, ?)", rows)
            table.execute("CREATE INDEX by_id ON shared (id)")
            table.commit()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told_as_of_a_file() -> Iterator[None]:
    """Tell what went wrong with a table as what went wrong with its file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        number = errno.ENOSPC if full else errno.EIO
        raise OSError(number, os.strerror(number)) from error


class Index:
    """The table, to look things up in."""

    def __init__(self, path: Path) -> None:
        """Open it; nothing is read yet."""
        # Nobody writes any more: no lock is needed, which storage that machines share may not have.
        self._table = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        self._table.execute(_CACHE)

    def texts(self, wanted: Iterable[str]) -> Iterator[bytes]:
        """What is there under these ids, as it stood; empty where that cannot be read."""
        question = "SELECT text FROM shared WHERE id = ? ORDER BY rowid"
        for one in sorted(wanted):
            for (text,) in self._table.execute(question, (one.encode(*_BYTES),)):
                yield text
