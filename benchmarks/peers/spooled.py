"""Entries that wait in the spool of a service before it starts, and how they are drained."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cds.store.model import Decision
from cds.store.spool import Spool


class Draining(NamedTuple):
    """The 99th percentile at the fixed rate while a spool is drained, and how fast that goes."""

    p99_ms: float
    per_second: float

    def better(self, other: "Draining") -> "Draining":
        """The best of each figure."""
        return Draining(min(self.p99_ms, other.p99_ms), max(self.per_second, other.per_second))


def spooled(log: Path, pack: str, count: int) -> Spool:
    """The spool beside a log of SQLite that is not there yet, with so many decisions in it."""
    for file in log.parent.glob(f"{log.name}*"):
        file.unlink()
    fixed = ("h", pack, "1", "h", None, (), b"r" * 1800, b"d" * 2000)
    spool = Spool(log.with_name(log.name + ".spool"))
    now = datetime.now(UTC)
    spool.put([Decision(now, "c", "s", str(number), *fixed) for number in range(count)])
    return spool
