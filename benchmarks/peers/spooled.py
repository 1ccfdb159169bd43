"""Entries that wait in the spool of a service, before it starts."""

from datetime import UTC, datetime
from pathlib import Path

from cds.store.model import Decision
from cds.store.spool import Spool


def spooled(log: Path, pack: str, count: int) -> Spool:
    """The spool beside a log of SQLite that is not there yet, with so many decisions in it."""
    for file in log.parent.glob(f"{log.name}*"):
        file.unlink()
    fixed = ("h", pack, "1", "h", None, (), b"r" * 1800, b"d" * 2000)
    spool = Spool(log.with_name(log.name + ".spool"))
    now = datetime.now(UTC)
    spool.put([Decision(now, "c", "s", str(number), *fixed) for number in range(count)])
    return spool
