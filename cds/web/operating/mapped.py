"""Files that are mapped into memory, with their room on the disk taken beforehand.

A page that is first written when the disk is full ends the process (SIGBUS), and nothing can be
done about it then.
"""

import logging
import os
from pathlib import Path

from prometheus_client import values

from cds.web.operating.logs import event

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# As the library of the counters names its files, with more bytes than are needed: 80,000 for a
# histogram of 32 routes, 16,000 for a gauge of 100 clients.
COUNTED = {"counter": 131_072, "histogram": 131_072, "gauge_max": 32_768, "gauge_min": 32_768}


def opened(path: Path, size: int) -> int:
    """The file, made where it is not there, of this size at least and without holes.

    Raises:
        OSError: there is no room for it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        there = os.fstat(file).st_size
        while there < size:
            there += os.pwrite(file, bytes(size - there), there)
    except BaseException:
        os.close(file)
        raise
    return file


def take_room() -> None:
    """Before a worker counts anything: room for its counters, or they are its own and unseen."""
    folder = os.environ.get(SHARED_FOLDER)
    if folder is None:
        return
    files = {Path(folder) / f"{kind}_{os.getpid()}.db": size for kind, size in COUNTED.items()}
    try:
        for one, size in files.items():
            os.close(opened(one, size))
    except OSError as error:
        for one in files:
            one.unlink(missing_ok=True)
        del os.environ[SHARED_FOLDER]
        # The library asks for the folder but once, when it is imported.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]  # no annotations
        event("metrics off", {"why": "no room"}, level=logging.ERROR, error=error)
