"""SQLite's write-ahead log: a file that has one, what is in it into that file, and away."""

import os
import time

from cds.errors import StoreError, system_name
from cds.store.database import WHERE, Database, named_errors

CLEAR_S = 5.0
_STEP_S = 0.002


def create_file(database: Database) -> None:
    """Make the SQLite file, for its owner alone, in WAL mode. PostgreSQL: nothing to make."""
    file = database.file
    if file is None:
        return
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        problem = f"cannot be made ({error.strerror})."
        hint = "See that its folder exists and may be written."
        raise StoreError(WHERE, problem, hint, kind=system_name(error)) from None
    with named_errors("cannot be opened"):
        raw = database.engine.raw_connection()
        try:
            # WAL stays with the file; it cannot be set inside a transaction.
            raw.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            raw.close()


def checkpoint(database: Database, how: str = "PASSIVE") -> bool:
    """Bring SQLite's write-ahead log into its file; false when others were in the way."""
    with named_errors("cannot be written"):
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA wal_checkpoint({how})")
            found = cursor.fetchone()
        finally:
            raw.close()
    return found is not None and not found[0]


def clear(database: Database) -> None:
    """Truncate SQLite's write-ahead log, which still holds pages as they were.

    Another that is about it makes SQLite give up at once, so it is tried again.

    Raises:
        StoreError: somebody reads old pages for too long.
    """
    end = time.monotonic() + CLEAR_S
    while not checkpoint(database, "TRUNCATE"):
        if time.monotonic() > end:
            problem = "was erased, but its old pages are still being read by another."
            hint = "They are cleared once all that use the log have been stopped."
            raise StoreError(WHERE, problem, hint)
        time.sleep(_STEP_S)
