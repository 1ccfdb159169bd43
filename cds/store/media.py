"""A log on media that cannot be written: SQLite would make files beside it, and fail."""

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from cds.errors import StoreError

_SQLITE = "sqlite:///"


def readable(url: str) -> tuple[str, tempfile.TemporaryDirectory[str] | None]:
    """The URL to read from, and the folder of a copy, which is gone when it is cleaned up.

    A log that its service closed in order is read where it lies. One that was not has entries in a
    second file, which SQLite reads only where it may write: both are copied.

    Raises:
        StoreError: it cannot be copied.
    """
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not path.exists() or _writable(path):
        return url, None
    ahead = path.with_name(path.name + "-wal")
    if not ahead.exists() or not ahead.stat().st_size:
        return f"{_SQLITE}file:{quote(str(path.resolve()))}?mode=ro&immutable=1&uri=true", None
    folder = tempfile.TemporaryDirectory(prefix="cramp-cds-log-")
    try:
        for one in (path, ahead):
            shutil.copyfile(one, Path(folder.name) / one.name)
    except OSError as error:
        folder.cleanup()
        raise StoreError("decision log", f"cannot be copied ({error.strerror}).") from None
    return f"{_SQLITE}{folder.name}/{path.name}", folder


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
