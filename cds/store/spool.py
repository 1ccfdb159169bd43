"""Where entries wait while the decision log is away: a file that is only appended to, and fsynced.

Each line is encrypted for itself, under a key in a file beside, and so carries its own checksum. A
line that does not open is set aside; it never keeps the others from the log. Several workers may
share one spool: whoever drains takes the file away by renaming it.

SQLite in its place was measured (`benchmarks/spool.py`): in WAL mode as fast, larger on disk; but
of 200 entries one rotten block cost 14 on average and all at worst, here two at most.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from cds.errors import RequestError
from cds.store import lines
from cds.store.calls import decision_draft
from cds.store.decisions import Kept
from cds.store.feedback import feedback_draft as drafted_feedback
from cds.store.locked import (
    BusyError,
    failing,
    locked,
    locked_if_there,
    sync_folder,
    write_all,
)
from cds.store.model import Conflict, Decision, Feedback, Receipt, Stored
from cds.store.pace import BATCH

LOCK_S = 0.1


@dataclass(frozen=True, slots=True)
class Spooled:
    """The entry is safe on disk, but not in the chain yet."""


@dataclass(frozen=True, slots=True)
class Drained:
    """How many entries went into the log, and how many lines could not be read."""

    moved: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class SpoolState:
    """Whether entries wait, since when (seconds since 1970), and whether lines were set aside."""

    waiting: bool
    oldest: float | None
    damaged: bool


class Intake(Protocol):
    """What a spool is drained into: a log, by the calls that it takes. Each is one commit."""

    def append_many(self, decisions: Sequence[Decision]) -> Sequence[Kept]:
        """As `DecisionLog` does."""

    def append_late(self, decision: Decision) -> Stored:
        """As `DecisionLog` does."""

    def feedback(self, items: Sequence[Feedback]) -> Receipt:
        """As `DecisionLog` does."""


class Spool:
    """The waiting entries in `path`; those on their way into the log in `path` + `.draining`.

    What cannot be read stays in `path` + `.damaged`, and nothing here reads it again.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is made before something has to wait."""
        self.path = path
        self.draining = path.with_name(path.name + ".draining")
        self.damaged = path.with_name(path.name + ".damaged")
        self.key = path.with_name(path.name + ".key")

    def put(self, items: Sequence[Decision | Feedback]) -> list[Spooled | RequestError]:
        """Keep these, but none that the log would refuse: durable when it returns.

        Raises:
            SpoolError: the spool cannot be written; nothing of these items is in it.
        """
        refused = [_refusal(one) for one in items]
        good = [one for one, no in zip(items, refused, strict=True) if no is None]
        if good:
            with failing("cannot be written"):
                self._append(good)
        return [no or Spooled() for no in refused]

    def state(self) -> SpoolState:
        """What is here; it asks the disk, and so may take long.

        Raises:
            SpoolError: the disk does not say.
        """
        with failing("cannot be read"):
            return SpoolState(self.waiting(), self.oldest(), self.damaged.exists())

    def waiting(self) -> bool:
        """Whether anything is here that is not in the chain.

        Raises:
            SpoolError: the disk does not say.
        """
        return self.size() > 0

    def size(self) -> int:
        """Bytes of what is here and may not be in the chain."""
        with failing("cannot be read"):
            return _size(self.draining) + _size(self.path)

    def oldest(self) -> float | None:
        """Since when the first of those that wait does so, in seconds since 1970."""
        for file in (self.draining, self.path):
            try:
                with file.open("rb") as opened:
                    first = opened.readline()
                if first:
                    return lines.written_at(first) or file.stat().st_mtime
            except OSError:
                continue
        return None

    def drain(self, log: Intake, go_on: Callable[[], int] = lambda: BATCH) -> Drained:
        """Move what waits into the log, oldest first, a batch at a time.

        `go_on` says after each batch how many entries the next may have; none ends it. Safe to
        interrupt and to run in several workers: what is in the log already is skipped.

        Raises:
            StoreError: the log is still away; what waits stays here.
            SpoolError: or the disk of the spool fails.
        """
        with failing("cannot be read"):
            try:
                with locked_if_there(self.draining, 0) as file:
                    if file is None and not self._take():
                        return Drained()
                with locked_if_there(self.draining, 0) as file:
                    return Drained() if file is None else self._replay(file, log, go_on)
            except BusyError:
                return Drained()  # another worker is at it

    def _append(self, items: Sequence[Decision | Feedback]) -> None:
        with locked(self.path, LOCK_S) as file:
            key = lines.key_in(self.key)
            data = b"".join(lines.line_of_item(item, key, time.time()) for item in items)
            start = os.fstat(file).st_size
            if start and os.pread(file, 1, start - 1) != b"\n":
                # A line that was torn: ended here, it harms nobody, and is counted when it is read.
                data = b"\n" + data
            try:
                write_all(file, data, start)
            except OSError:
                os.ftruncate(file, start)
                raise

    def _take(self) -> bool:
        """Take the waiting lines away, for whoever comes first; false when there are none."""
        with locked_if_there(self.path, LOCK_S) as file:
            if file is None or not os.fstat(file).st_size:
                return False
            if not self.draining.exists():
                self.path.rename(self.draining)
                sync_folder(self.path.parent)
            return True

    def _replay(self, file: int, log: Intake, go_on: Callable[[], int]) -> Drained:
        with locked(self.path, LOCK_S):
            key = lines.key_in(self.key)
        moved, bad = 0, list[bytes]()
        waiting, most = _lines(file), BATCH
        while batch := list(islice(waiting, most)):
            read = [(line, lines.item_of_line(line, key)) for line in batch]
            bad += [line for line, item in read if item is None]
            good = [item for _, item in read if item is not None]
            _settle(log, good)
            moved += len(good)
            most = go_on()
            if not most:
                return Drained(moved)  # the next time it begins anew: bad lines are counted then
        self._set_aside(bad, key)
        self._forget()
        return Drained(moved, len(bad))

    def _set_aside(self, bad: Sequence[bytes], key: bytes) -> None:
        if not bad:
            return
        with locked(self.damaged, LOCK_S) as file:
            text = b"".join((lines.comment(key), *bad))
            with failing("cannot set aside what is damaged"):
                write_all(file, text, os.fstat(file).st_size)

    def _forget(self) -> None:
        """All of it is in the log: remove the file, and the key once nothing else needs it."""
        with locked(self.path, LOCK_S) as file:
            self.draining.unlink()
            if not os.fstat(file).st_size:
                lines.erase_key(self.key)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _lines(file: int) -> Iterator[bytes]:
    with os.fdopen(os.dup(file), "rb") as opened:
        for line in opened:
            if line.strip():
                yield line if line.endswith(b"\n") else line + b"\n"


def _refusal(item: Decision | Feedback) -> RequestError | None:
    try:
        if isinstance(item, Feedback):
            drafted_feedback(item)
        else:
            decision_draft(item)
    except RequestError as error:
        return error
    return None


def _settle(log: Intake, items: Sequence[Decision | Feedback]) -> None:
    """Write these, in their order: decisions that stand together with one commit."""
    run: list[Decision] = []
    for item in items:
        if isinstance(item, Feedback):
            _decided(log, run)
            run = []
            log.feedback((item,))
        else:
            run.append(item)
    _decided(log, run)


def _decided(log: Intake, decisions: Sequence[Decision]) -> None:
    if not decisions:
        return
    for decision, kept in zip(decisions, log.append_many(decisions), strict=True):
        same = isinstance(kept, Stored) and kept.response == decision.response
        # Logged before, and erased since.
        erased = isinstance(kept, Conflict) and kept.why == "erased"
        if not same and not erased and not isinstance(kept, RequestError):
            # The call was answered otherwise once the log was back: both answers count.
            log.append_late(decision)
