"""What a process of the service owes to its system: its parent, its signals, its open files."""

import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait

_FILES = 8192
_LOOK_S = 1.0
SPARE_FILES = 200  # for everything that is no connection of a caller


def end_with_parent() -> None:
    """End this worker in order as soon as the process that started it has gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    started = os.getppid()

    def watch() -> None:
        try:
            wait([parent.sentinel])
        except Exception:  # noqa: BLE001 - it cannot be watched so: then by looking
            while os.getppid() == started:
                time.sleep(_LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def open_files() -> int:
    """Allow as many open files as may be; how many connections that leaves room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    least = _FILES if soft == resource.RLIM_INFINITY else soft
    return max(50, min(_FILES, least) - SPARE_FILES)


def on_hangup(work: Callable[[], None] | None) -> None:
    """What SIGHUP does; None: nothing."""
    if work is None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGHUP, lambda *_: work())
