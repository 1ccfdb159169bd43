"""Files that appear whole or not at all, and the folder in which a run keeps its parts.

Results are on the disk before they get their name. Of parts, a mark says how they must look: to
wait for the disk with each would take a fifth of the time of a run. A process that is killed leaves
what it has written; after a loss of power, the parts that do not look as marked are made again.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4
from zlib import crc32

from cds import wire
from cds.errors import UsageError
from cds.flows.output_folder import made
from cds.wire import JsonObject

WORK, _LOCK = ".work", "lock"
EXPORT = "export"  # what was taken from a server
DECISIONS, FAULTS, ROWS = "decisions", "faults", "rows"
MARKS = "marks"  # of a finished task: how its files look, by name
_BLOCK = 1024 * 1024


class Marked:
    """A file that is being written, with the length and the checksum of what is in it."""

    def __init__(self, file: BinaryIO) -> None:
        """Nothing is written yet."""
        self._file = file
        self._length = self._sum = 0

    def write(self, data: bytes) -> None:
        """Write some more."""
        self._length += self._file.write(data)
        self._sum = crc32(data, self._sum)

    @property
    def mark(self) -> list[int]:
        """How the file looks."""
        return [self._length, self._sum]


@contextmanager
def write_whole(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Write a file under a temporary name; it is renamed once it is written, `durable` on disk."""
    # Two may be at the same task, where a machine was thought to be lost: each has its own.
    part = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
    try:
        with part.open("wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # on a full disk it would be in the way of the next try
        raise


@contextmanager
def marked(path: Path) -> Iterator[Marked]:
    """Write a part of a run: nobody waits for the disk, its mark tells whether it came there."""
    with write_whole(path, durable=False) as file:
        yield Marked(file)


def _mark_of(path: Path) -> list[int] | None:
    length = found = 0
    try:
        for block in blocks_of(path):
            length, found = length + len(block), crc32(block, found)
    except FileNotFoundError:
        return None
    return [length, found]


def write_json(path: Path, value: object, *, durable: bool = True) -> None:
    """One JSON value as a whole file."""
    with write_whole(path, durable=durable) as file:
        file.write(wire.write(value) + b"\n")


def read_own_json(path: Path) -> JsonObject | None:
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

    def begin_anew(self) -> None:
        """Remove what a run has left that cannot be gone on with."""
        for path in self.work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != _LOCK:
                path.unlink()
        self.make()

    def part(self, stage: str, number: int, stream: str) -> Path:
        """Where a task of a stage writes one of its streams."""
        return self.work / f"{stage}-{number:06}.{stream}"

    def done(self, stage: str, number: int) -> JsonObject | None:
        """What a task told when it was finished; None if it is not."""
        try:
            return read_own_json(self.part(stage, number, "done"))
        except ValueError:  # torn by a loss of power: so may be what it is about
            return None

    def still_done(self, stage: str, number: int) -> JsonObject | None:
        """What a task of an earlier run told; None if it is to be done again.

        So it is if a file of it is not as it was written: then it is not done any more.
        """
        told = self.done(stage, number)
        for name, mark in (told or {}).get(MARKS, {}).items():
            if _mark_of(self.work / name) != mark:
                self.part(stage, number, "done").unlink()
                return None
        return told

    def finish(
        self,
        stage: str,
        number: int,
        told: JsonObject,
        marks: Mapping[str, list[int]] | None = None,
    ) -> None:
        """Mark a task as finished: always the last file that it writes.

        `marks`: how its files look, where nobody has waited for the disk.
        """
        more = {MARKS: dict(marks)} if marks else {}
        write_json(self.part(stage, number, "done"), told | more, durable=not marks)

    def unpacked(self, number: int) -> Path:
        """Where a packed input lies unpacked."""
        return self.work / "unpacked" / f"{number:06}"

    def clear(self) -> None:
        """Remove what a finished run does not need."""
        shutil.rmtree(self.work, ignore_errors=True)
        for path in self.path.glob("*.tmp"):
            path.unlink(missing_ok=True)


@contextmanager
def run_locked(folder: Folder) -> Iterator[None]:
    """Hold the folder of a run: two runs in one would undo each other's parts.

    Raises:
        UsageError: another process holds it.
    """
    folder.make()
    handle = os.open(folder.work / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        problem = f"another run is writing to {folder.path}."
        raise UsageError("--output", problem, "Wait until it ends.") from error
    try:
        yield
    finally:
        os.close(handle)


def blocks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, block by block."""
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            yield block
