"""What a run of several processes costs: time, CPU, the parent's part, the memory of a worker."""

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What a run cost: seconds by the clock, CPU seconds of all its processes, and of the parent.

    `memory`: the peak MB of a worker.
    """

    wall: float
    cpu: float
    parent: float
    memory: float

    def beyond(self, fixed: "Cost") -> "Cost":
        """Without what the smallest run costs as well."""
        return Cost(
            max(self.wall - fixed.wall, 0.01),
            max(self.cpu - fixed.cpu, 0.01),
            max(self.parent - fixed.parent, 0.0),
            self.memory,
        )


def least(costs: list[Cost]) -> Cost:
    """The least of each: whatever else the machine does only adds."""
    return Cost(*(min(one[at] for one in costs) for at in range(len(Cost._fields))))


def at_once(work: Callable[[], object], processes: int) -> Cost:
    """The machine's own ceiling: the same work in so many processes at the same time.

    `cpu`: of one of them; `wall`: until the last has ended.
    """
    start, used = time.perf_counter(), _of_children()
    children = []
    for _ in range(processes):
        child = os.fork()
        if not child:
            work()
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    wall = time.perf_counter() - start
    return Cost(wall, (_of_children() - used) / processes, 0.0, 0.0)


def _of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@contextmanager
def watched(pid: int) -> Iterator[dict[str, float]]:
    """Look at a run and its workers now and then: CPU seconds of the one, memory of the others."""
    peaks: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*"):
                try:
                    stat = (path / "stat").read_text().rpartition(")")[2].split()
                    if path.name == str(pid):
                        peaks["parent"] = (int(stat[11]) + int(stat[12])) / 100
                    elif int(stat[1]) == pid:
                        status = (path / "status").read_text()
                        peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
                        peaks["worker"] = max(peaks.get("worker", 0.0), peak)
                except (OSError, ValueError, IndexError):
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()
