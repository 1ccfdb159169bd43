"""Where entries wait while the decision log is away: a file that is only appended to, and fsynced.

Several workers may share one spool. It holds patient content in the clear until it is drained, so
it is readable by its owner alone and belongs on a disk as protected as that of the log.
"""

import base64
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cds.errors import RequestError, StoreError
from cds.store.calls import drafted
from cds.store.chain import canonical
from cds.store.decisions import DecisionLog
from cds.store.feedback import drafted as drafted_feedback
from cds.store.model import Conflict, Decision, Feedback, Receipt, Stored

# While the log is known to be away, nobody waits for its timeout; it is tried again after this.
PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Spooled:
    """The entry is safe on disk, but not in the chain yet."""


class Spool:
    """The waiting entries in `path`; those on their way into the log in `path` + `.draining`."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds; only differences matter."""
        self.path = path
        self.draining = path.with_name(path.name + ".draining")
        self._clock = clock
        self._away_until = float("-inf")

    def append(self, log: DecisionLog, decision: Decision) -> Stored | Conflict | Spooled:
        """Log a decision, after those that wait; or keep it here while the log is away.

        Raises:
            RequestError: the decision can be stored nowhere.
            StoreError: neither the log nor the spool can be written: refuse the request.
        """
        (kept,) = self.append_many(log, [decision])
        if isinstance(kept, RequestError):
            raise kept
        return kept

    def append_many(
        self, log: DecisionLog, decisions: Sequence[Decision]
    ) -> list[Stored | Conflict | Spooled | RequestError]:
        """Log several decisions with one commit, or keep all of them here.

        Raises:
            StoreError: neither the log nor the spool can be written: refuse the requests.
        """
        if self._reachable(log):
            try:
                return [*log.append_many(decisions)]
            except StoreError:
                self._away_until = self._clock() + PAUSE_S
        return self.put_decisions(decisions)

    def put_decisions(
        self, decisions: Sequence[Decision]
    ) -> list[Stored | Conflict | Spooled | RequestError]:
        """Keep decisions here, but none that the log would refuse: it would wait for ever.

        Raises:
            StoreError: the spool cannot be written.
        """
        refused = [_refusal(one) for one in decisions]
        good = [one for one, no in zip(decisions, refused, strict=True) if no is None]
        if good:
            self.put(*good)
        return [no or Spooled() for no in refused]

    def feedback(self, log: DecisionLog, items: tuple[Feedback, ...]) -> Receipt | Spooled:
        """Log feedback, or keep it here while the log is away. Raises as `append`."""
        for item in items:
            drafted_feedback(item)
        if self._reachable(log):
            try:
                return log.feedback(items)
            except StoreError:
                self._away_until = self._clock() + PAUSE_S
        self.put(*items)
        return Spooled()

    def waiting(self) -> bool:
        """Whether anything is here that is not in the chain."""
        return any(file.exists() and file.stat().st_size for file in (self.draining, self.path))

    def put(self, *items: Decision | Feedback) -> None:
        """Append to the spool; durable when it returns.

        Raises:
            StoreError: it cannot be written; nothing of these items is in it.
        """
        lines = b"".join(canonical(_written(item)).encode() + b"\n" for item in items)
        with _locked(self.path) as file:
            start = _whole_lines(file)
            try:
                _write_all(file, lines, start)
            except OSError as error:
                os.ftruncate(file, start)
                problem = f"cannot be written ({error.strerror})."
                raise StoreError("spool", problem, "the request was refused.") from None

    def drain(self, log: DecisionLog) -> int:
        """Move what waits into the log, oldest first; returns how many entries.

        Safe to interrupt and to run in several workers: what is in the log already is skipped.

        Raises:
            StoreError: the log is still away; what waits stays here.
        """
        with _locked(self.draining):
            moved = _replay(self.draining, log)  # what an earlier drain was interrupted at
            if self._take():
                moved += _replay(self.draining, log)
        return moved

    def _reachable(self, log: DecisionLog) -> bool:
        """Whether the log takes entries, once those that wait are in it: their order is kept."""
        if self._clock() < self._away_until:
            return False
        if self.waiting():
            try:
                self.drain(log)
            except StoreError:
                self._away_until = self._clock() + PAUSE_S
                return False
        return True

    def _take(self) -> bool:
        """Move the waiting lines into the (now empty) draining file, whose lock is held."""
        with _locked(self.path) as file:
            size = _whole_lines(file)
            if size:
                data = os.pread(file, size, 0)
                target = os.open(self.draining, os.O_RDWR | os.O_CLOEXEC)
                try:
                    _write_all(target, data, 0)
                except OSError as error:
                    os.ftruncate(target, 0)
                    raise StoreError("spool", f"cannot be moved ({error.strerror}).") from None
                finally:
                    os.close(target)
                os.ftruncate(file, 0)
                os.fsync(file)
            return size > 0


def _refusal(decision: Decision) -> RequestError | None:
    try:
        drafted(decision)
    except RequestError as error:
        return error
    return None


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, made if it is not there, and no other worker's while the block lasts."""
    new = not path.exists()
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError("spool", f"cannot be opened ({error.strerror}).") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if new:
            _sync_folder(path.parent)
        yield file
    finally:
        os.close(file)


def _sync_folder(path: Path) -> None:
    # A file whose name is not on disk is lost with the power, whatever its content.
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        count = os.pwrite(file, view, offset)
        view, offset = view[count:], offset + count
    os.fsync(file)


def _whole_lines(file: int) -> int:
    """The length without a torn last line: a crash before its fsync, so never acknowledged."""
    size = os.fstat(file).st_size
    data = os.pread(file, size, 0) if size and os.pread(file, 1, size - 1) != b"\n" else None
    if data is not None:
        size = data.rfind(b"\n") + 1
        os.ftruncate(file, size)
    return size


def _replay(path: Path, log: DecisionLog) -> int:
    count = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                break  # torn while it was moved: it still stands in the file it came from
            try:
                item = _read(json.loads(line))
            except (ValueError, KeyError, TypeError):
                where = f"{path.name}:{number}"
                raise StoreError(
                    where, "is not an entry of the spool.", "Fix it by hand."
                ) from None
            _settle(log, item)
            count += 1
    os.truncate(path, 0)
    return count


def _settle(log: DecisionLog, item: Decision | Feedback) -> None:
    if isinstance(item, Feedback):
        log.feedback((item,))
        return
    kept = log.append(item)
    same = isinstance(kept, Stored) and kept.response == item.response
    erased = isinstance(kept, Conflict) and kept.why == "erased"  # logged before, and erased since
    if not same and not erased:
        # The call was answered otherwise once the log was back: both answers were given and count.
        log.append_late(item)


def _written(item: Decision | Feedback) -> dict[str, Any]:
    fields = asdict(item)
    fields["time"] = item.time.isoformat()
    for name, value in fields.items():
        if isinstance(value, bytes):
            fields[name] = base64.b64encode(value).decode()
    return {"kind": type(item).__name__, **fields}


def _read(fields: dict[str, Any]) -> Decision | Feedback:
    kind = fields.pop("kind")
    fields["time"] = datetime.fromisoformat(fields["time"])
    if kind == Feedback.__name__:
        fields["suggestions"] = tuple(fields["suggestions"])
        return Feedback(**fields)
    fields["rules"] = tuple(fields["rules"])
    fields["cards"] = {card: tuple(rules) for card, rules in fields["cards"].items()}
    for name in ("response", "document"):
        fields[name] = base64.b64decode(fields[name], validate=True)
    return Decision(**fields)
