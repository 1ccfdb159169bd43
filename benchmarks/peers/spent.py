"""What a server has spent so far, with all the processes that it started, as `/proc` says."""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of those below it, ended ones included."""
    parts = _family(pid)
    # utime, stime, and the same of the children that were waited for
    return sum(int(one) for fields in parts.values() for one in fields[11:15]) / _TICKS


def resident_mib(pid: int) -> float:
    """Resident memory of a process and of those below it; what two share counts twice."""
    pages = sum(int(fields[21]) for fields in _family(pid).values())
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> dict[int, list[str]]:
    """The process and those below it, each with the fields of its `stat` from the state on."""
    fields: dict[int, list[str]] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                said = (entry / "stat").read_text().rpartition(")")[2].split()
                fields[int(entry.name)] = said
                children[int(said[1])].append(int(entry.name))
    family: dict[int, list[str]] = {}
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        family[one] = fields[one]
        waiting += children[one]
    return family
