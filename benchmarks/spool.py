"""The spool beside SQLite in its place: entries a second, size, and what a rotten block costs.

    python benchmarks/spool.py [--rounds 5] [--folder DIR]

Both hold the same sealed entries of 3.8 kB. `at once` share a commit. A rotten block is 512 bytes
of zeros anywhere in the file; counted is how many of 200 entries can be read then.
"""

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.store import decision  # noqa: E402 - the path comes first
from cds.store import lines  # noqa: E402
from cds.store.model import Decision  # noqa: E402
from cds.store.spool import Spool  # noqa: E402

MANY, BLOCK, TRIALS, EACH = 200, 512, 100, 96


class Way(Protocol):
    """One way to keep entries on disk, in a folder of its own."""

    file: Path

    def put(self, items: Sequence[Decision]) -> object:
        """Keep these: durable when it returns."""

    def readable(self, data: bytes) -> int:
        """How many entries can be read from a file like this."""


class Own:
    """The spool as it is."""

    def __init__(self, folder: Path) -> None:
        self._spool = Spool(folder / "spool")
        self.file = self._spool.path
        self.put = self._spool.put

    def readable(self, data: bytes) -> int:
        """See `Way`."""
        key = lines.key_in(self._spool.key)
        read = (lines.item_of_line(line + b"\n", key) for line in data.split(b"\n") if line.strip())
        return sum(item is not None for item in read)


class Table:
    """The same lines as rows of an SQLite table."""

    def __init__(self, folder: Path, journal: str) -> None:
        self.file = folder / "spool.db"
        self._key = lines.key_in(folder / "key")
        self._connection = sqlite3.connect(self.file, isolation_level=None)
        for pragma in (f"journal_mode={journal}", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE waiting (number INTEGER PRIMARY KEY, line BLOB)")

    def put(self, items: Sequence[Decision]) -> None:
        """See `Way`."""
        rows = [(lines.line_of_item(item, self._key, time.time()),) for item in items]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO waiting (line) VALUES (?)", rows)
        self._connection.execute("COMMIT")

    def readable(self, data: bytes) -> int:
        """See `Way`."""
        copy = self.file.with_name("copy.db")
        copy.write_bytes(data)
        found = 0
        connection = sqlite3.connect(copy)
        try:
            for (line,) in connection.execute("SELECT line FROM waiting ORDER BY number"):
                found += isinstance(line, bytes) and lines.item_of_line(line, self._key) is not None
        except sqlite3.Error:  # malformed: what comes after cannot be had
            pass
        finally:
            connection.close()
        return found

    def rest(self) -> None:
        """Bring all into the one file."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def put_many(way: Way, together: int, first: int) -> float:
    """Seconds an entry, so many at once."""
    began = time.perf_counter()
    for start in range(first, first + EACH, together):
        way.put([decision("client", start + number) for number in range(together)])
    return (time.perf_counter() - began) / EACH


def rotten(way: Way) -> list[int]:
    """How many entries are left with one rotten block, in each trial."""
    chance = random.Random(1)  # noqa: S311 - the same places for each
    way.put([decision("client", -1 - number) for number in range(MANY)])
    if isinstance(way, Table):
        way.rest()
    whole = way.file.read_bytes()
    left = []
    for _ in range(TRIALS):
        data = bytearray(whole)
        at = chance.randrange(len(data) // BLOCK) * BLOCK
        data[at : at + BLOCK] = bytes(BLOCK)
        left.append(way.readable(bytes(data)))
    return left


def main() -> None:
    """Measure all in one run, in turn."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    chosen = options.parse_args()
    kinds: dict[str, Callable[[Path], Way]] = {
        "own lines": Own,
        "SQLite, WAL": lambda folder: Table(folder, "WAL"),
        "SQLite, TRUNCATE": lambda folder: Table(folder, "TRUNCATE"),
    }
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folders = {kind: Path(name, str(number)) for number, kind in enumerate(kinds)}
        for folder in folders.values():
            (folder / "rotten").mkdir(parents=True)
        ways = {kind: kinds[kind](folder) for kind, folder in folders.items()}
        best: dict[tuple[str, int], float] = {}
        for turn in range(chosen.rounds):
            for together in (1, 8):
                for kind, way in ways.items():
                    took = put_many(way, together, EACH * (2 * turn + (together > 1)))
                    best[kind, together] = min(took, best.get((kind, together), took))
        for kind, folder in folders.items():
            size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
            left = rotten(kinds[kind](folder / "rotten"))
            print(
                f"{kind:<18}{1 / best[kind, 1]:>6.0f} entries/s alone"
                f"{1 / best[kind, 8]:>7.0f} with 8 at once"
                f"{size / (2 * EACH * chosen.rounds):>7.0f} bytes an entry"
                f"   rotten: {statistics.mean(left):.1f} of {MANY} left, least {min(left)}"
            )


if __name__ == "__main__":
    main()
