"""Whether the file of an SQLite log is still the one that lies in its place.

SQLite goes on with a file that was moved, deleted or replaced by a copy: what it acknowledges then
is in no log that anybody will open.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from cds.errors import StoreError, system_name

FileId = tuple[int, int]  # device and inode


def file_at(path: Path) -> FileId | None:
    """What tells the file in this place from any other; None when there is none.

    Raises:
        StoreError: the disk does not say.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - with every commit, and half the time of Path's
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"its file cannot be looked at ({error.strerror})."
        kind = system_name(error)
        raise StoreError("decision log", problem, "See its disk.", kind=kind) from None
    return found.st_dev, found.st_ino


def check_place(file: FileId | None, path: Path | None) -> None:
    """Hold that the file that was written lies in this place; None: nobody could tell which it was.

    Raises:
        StoreError: it was moved, deleted or replaced: what it took is not in the log.
    """
    if path is not None and (file is None or file != file_at(path)):
        problem = "is no longer the file that was opened."
        raise StoreError("decision log", problem, "Put it back into its place.", kind="moved")


def keep_to(engine: Engine, path: Path) -> None:
    """Hand out no connection to another file than the one in this place, and make none there."""

    @event.listens_for(engine, "do_connect")
    def there(*_: object) -> None:
        if file_at(path) is None:
            hint = "See `store.url` of the configuration."
            raise StoreError("decision log", "does not exist.", hint, kind="moved")

    @event.listens_for(engine, "connect")
    def opened(_connection: object, record: Any) -> None:
        record.info["file"] = file_at(path)

    @event.listens_for(engine, "checkout")
    def handed_out(_connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != file_at(path):
            raise DisconnectionError  # another is opened in its stead
