"""How much memory is left, and the end in order when there is none.

Some libraries end the whole process where memory cannot be had (those written in Rust abort). So
what is large is refused beforehand, while there is room for everybody else, and a service that
could hardly answer anything does not start.
"""

import contextlib
import ctypes
import logging
import resource
import signal
from pathlib import Path

from cds.errors import RequestError, UsageError
from cds.web.operating.logs import event

MIB = 2**20
LEAST = 64 * MIB  # after the start: threads, and small requests side by side
SPARE = 32 * MIB  # what a large request leaves to the others
_TIMES = 12  # the memory that a body takes once it is read, at most, by its length
M_ARENA_MAX = -8  # mallopt(3): else 64 MiB of addresses for each thread
_GROUPS = Path("/sys/fs/cgroup")
_gone: list[bool] = []  # whether it ran out, for the exit code


def room() -> int | None:
    """Bytes that this process may still take, by the limits of its system; None without one."""
    limits = [one for one in (_of_addresses(), of_group(_group())) if one is not None]
    return max(0, min(limits)) if limits else None


def reserve_nothing() -> None:
    """Before any thread: let none reserve addresses for itself, where they are counted."""
    if _of_addresses() is not None:
        with contextlib.suppress(OSError, AttributeError):  # not the C library of GNU
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def check_start() -> None:
    """Refuse to serve where requests would end the process.

    Raises:
        UsageError: less is left than a service needs.
    """
    left = room()
    if left is not None and left < LEAST:
        problem = f"{left // MIB} MiB are left after the start; at least {LEAST // MIB} are needed."
        hint = "Raise the limit: ulimit -v, MemoryMax of systemd, or that of the container."
        raise UsageError("memory", problem, hint)


def check_room(size: int) -> None:
    """Refuse a body of this many bytes while there is too little memory to read it.

    Raises:
        RequestError: 503.
    """
    left = room()
    if left is not None and left < SPARE + _TIMES * size:
        event("request refused", {"why": "too little memory", "bytes": size}, level=logging.ERROR)
        text = "There is too little memory for a request of this size."
        raise RequestError(503, "body", text, "Send less, or try again.", code="transient")


def ran_out(error: BaseException) -> None:
    """End in order. Nobody knows what was left undone: the platform starts another in its place."""
    if not _gone:
        _gone.append(True)
        event("out of memory", level=logging.CRITICAL, error=error)
        signal.raise_signal(signal.SIGTERM)


def check_end() -> None:
    """Let an end for want of memory count as a failure, or nothing would start it anew.

    Raises:
        MemoryError: it was one.
    """
    if _gone:
        raise MemoryError


def of_group(folder: Path) -> int | None:
    """What the control group of this folder (version 2) has left; None where it has no limit.

    Cached files count as free: the system gives them back first.
    """
    try:
        most = (folder / "memory.max").read_text().strip()
        taken = int((folder / "memory.current").read_text())
        listed = (folder / "memory.stat").read_text().split()
    except (OSError, ValueError):
        return None
    cached = listed[listed.index("inactive_file") + 1] if "inactive_file" in listed else "0"
    return int(most) - taken + int(cached) if most.isdigit() else None


def _group() -> Path:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                return _GROUPS / line[4:]
    return _GROUPS


def _of_addresses() -> int | None:
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):  # not on Linux
        return None
    return soft - pages * resource.getpagesize()
