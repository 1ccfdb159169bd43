"""Files that appear whole or not at all, and the folder in which a run keeps its parts."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from cds import wire
from cds.flows.output_folder import made
from cds.wire import JsonObject

WORK = ".work"
EXPORT = "export"  # what was taken from a server
DECISIONS, FAULTS, ROWS = "decisions", "faults", "rows"
_BLOCK = 1024 * 1024


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file under a temporary name; it is renamed once it is on the disk."""
    # Two may be at the same task, where a machine was thought to be lost: each has its own.
    part = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # on a full disk it would be in the way of the next try
        raise


def write_json(path: Path, value: object) -> None:
    """One JSON value as a whole file."""
    with whole(path) as file:
        file.write(wire.write(value) + b"\n")


def read_json(path: Path) -> JsonObject | None:
    """The JSON object in a file of ours; None if there is no such file."""
    try:
        found: JsonObject = wire.parse_own(path.read_bytes())
    except FileNotFoundError:
        return None
    return found


class Folder:
    """The folder of a run: results, and below `.work` what is not finished yet."""

    def __init__(self, path: Path) -> None:
        """Nothing is made yet."""
        self.path = path
        self.work = path / WORK

    def make(self) -> None:
        """Make the folders that are not there.

        Raises:
            CdsError: one cannot be made.
        """
        made(self.work / "unpacked")

    def part(self, stage: str, number: int, stream: str) -> Path:
        """Where a task of a stage writes one of its streams."""
        return self.work / f"{stage}-{number:06}.{stream}"

    def done(self, stage: str, number: int) -> JsonObject | None:
        """What a task told when it was finished; None if it is not."""
        return read_json(self.part(stage, number, "done"))

    def finish(self, stage: str, number: int, told: JsonObject) -> None:
        """Mark a task as finished: always the last file that it writes."""
        write_json(self.part(stage, number, "done"), told)

    def unpacked(self, number: int) -> Path:
        """Where a packed input lies unpacked."""
        return self.work / "unpacked" / f"{number:06}"

    def clear(self) -> None:
        """Remove what a finished run does not need."""
        shutil.rmtree(self.work, ignore_errors=True)
        for path in self.path.glob("*.tmp"):
            path.unlink(missing_ok=True)


def blocks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, block by block."""
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            yield block
