"""Files that several workers write: one at a time, and nobody waits long for another."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cds.errors import StoreError, system_name

_STEP_S = 0.002


class SpoolError(StoreError):
    """What waits cannot be read or written; the log itself may be well."""


class BusyError(SpoolError):
    """Another worker holds the file."""


@contextmanager
def locked(path: Path, wait_s: float) -> Iterator[int]:
    """The open file, no other worker's while the block lasts.

    It is made where it is not there, for its owner alone.

    Raises:
        SpoolError: it cannot be opened.
        BusyError: another worker holds it for longer than `wait_s`.
    """
    with _locked(path, wait_s, make=True) as file:
        if file is None:
            raise SpoolError("spool", "cannot be opened.")
        yield file


@contextmanager
def locked_if_there(path: Path, wait_s: float) -> Iterator[int | None]:
    """The same of a file that is there; None when it is not."""
    with _locked(path, wait_s, make=False) as file:
        yield file


@contextmanager
def _locked(path: Path, wait_s: float, *, make: bool) -> Iterator[int | None]:
    end = time.monotonic() + wait_s
    while True:
        file = _opened(path, make=make)
        if file is None:
            yield None
            return
        try:
            _lock(file, path, end)
            if _is(file, path):  # it may have been renamed while it was waited for
                yield file
                return
        finally:
            os.close(file)


def _opened(path: Path, *, make: bool) -> int | None:
    new = make and not path.exists()
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600)
        if new:
            sync_folder(path.parent)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not make:
            return None
        raise disk_error("cannot be opened", error) from None
    return file


def _lock(file: int, path: Path, end: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                problem = f"{path.name} is held by another worker."
                raise BusyError("spool", problem, "Try again.") from None
            time.sleep(_STEP_S)
        else:
            return


def _is(file: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(file)
    return (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)


@contextmanager
def failing(problem: str) -> Iterator[None]:
    """Whatever a disk answers to what is done with the spool, as an error that says so.

    Raises:
        SpoolError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(problem, error) from None


def disk_error(problem: str, error: OSError) -> SpoolError:
    """What the disk of the spool answered, and what to do."""
    hint = "See its disk, and the rights on its folder."
    return SpoolError("spool", f"{problem} ({error.strerror}).", hint, kind=system_name(error))


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable: a file whose name is lost is lost."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_all(file: int, data: bytes, offset: int) -> None:
    """Write and fsync.

    Raises:
        OSError: not all of it was written.
    """
    view = memoryview(data)
    while view:
        count = os.pwrite(file, view, offset)
        view, offset = view[count:], offset + count
    os.fsync(file)
