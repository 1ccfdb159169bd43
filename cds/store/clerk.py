"""The process that writes the log for one process of the service, which is its parent.

There the event loop and a thread that writes would fight for one interpreter. What was asked for is
done one after the other; a spool is drained in between, a few entries at a time. It ends when its
parent does, or closes the socket between them: a signal to the whole group is not meant for it.
"""

import gc
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from cds.errors import StoreError
from cds.store.database import WHERE
from cds.store.decisions import DecisionLog, Kept
from cds.store.frames import (
    AllDone,
    Appended,
    Appending,
    ClerkAnswer,
    ClerkBroken,
    ClerkRequest,
    Emptied,
    Emptying,
    Moving,
    Noting,
    Opening,
    Received,
    failure_of,
    framed,
    request_in,
    result_of,
)
from cds.store.model import Decision, Feedback, Receipt, Stored
from cds.store.pace import Pace
from cds.store.spool import Spool

_AT_ONCE = 1 << 18  # bytes read together


class Clerk:
    """What is open, and whoever asks."""

    def __init__(self, asks: socket.socket) -> None:
        """Nothing is opened before it is asked for."""
        self._asks = asks
        # `select` refuses the numbers that sockets have in a process with a thousand callers.
        self._coming = select.poll()
        self._coming.register(asks, select.POLLIN)
        self._received = Received()
        self._requests: list[ClerkRequest] = []
        self._log: DecisionLog | None = None
        self._pace = Pace()

    def serve(self, until: float | None = None) -> bool:
        """Do what is asked for, until this time of the monotonic clock; false at the end of all.

        What waits then is done as well, but nothing that comes later, or a drain would never go on.
        """
        while True:
            self._do_all()
            left = None if until is None else max(0.0, until - time.monotonic())
            if left is not None and not self._coming.poll(left * 1000):
                return True
            data = self._asks.recv(_AT_ONCE)
            if not data:
                return False
            self._requests += [request_in(body) for body in self._received.bodies(data)]
            if left == 0.0:
                self._do_all()
                return True

    def _do_all(self) -> None:
        while self._requests:
            self._say(self._answer(self._requests.pop(0)))

    def _say(self, answer: ClerkAnswer) -> None:
        self._asks.sendall(framed(answer))

    def _answer(self, request: ClerkRequest) -> ClerkAnswer:
        try:
            return self._done(request)
        except StoreError as error:
            return failure_of(request.number, error)
        except MemoryError:
            raise  # nobody knows what was left undone: another begins anew
        except Exception as error:  # noqa: BLE001 - told to whoever asked, who tells of it
            came = traceback.extract_tb(error.__traceback__)
            places = [f"{Path(one.filename).name}:{one.lineno}" for one in came]
            return ClerkBroken(request.number, type(error).__name__, places)

    def _done(self, request: ClerkRequest) -> ClerkAnswer:
        match request:
            case Appending(number, decisions):
                self._pace.asked()
                return Appended(
                    number, [result_of(one) for one in self._open_log.append_many(decisions)]
                )
            case Noting(number, items):
                self._pace.asked()
                self._open_log.feedback(items)
            case Emptying(number, spool):
                return self._emptied(number, Spool(Path(spool)))
            case Opening(number, url, timeout_s):
                self._log = DecisionLog(url, timeout_s=timeout_s)
                settle()
        return AllDone(number)

    @property
    def _open_log(self) -> DecisionLog:
        if self._log is None:
            raise StoreError(WHERE, "has not been opened.")
        return self._log

    def _emptied(self, number: int, spool: Spool) -> Emptied:
        def go_on() -> int:
            until = time.monotonic() + self._pace.rest_s()
            self._say(Moving(number))
            return self._pace.next_batch() if self.serve(until) else 0

        self._pace.begin()
        drained = spool.drain(_Between(self._open_log, self.serve), go_on)
        return Emptied(number, drained.moved, drained.damaged)


class _Between:
    """The log, for a drain: before each commit, what was asked for meanwhile is done."""

    def __init__(self, log: DecisionLog, serve: Callable[[float], bool]) -> None:
        self._log = log
        self._serve = serve

    def append_many(self, decisions: Sequence[Decision]) -> Sequence[Kept]:
        self._serve(0.0)
        return self._log.append_many(decisions)

    def append_late(self, decision: Decision) -> Stored:
        self._serve(0.0)
        return self._log.append_late(decision)

    def feedback(self, items: Sequence[Feedback]) -> Receipt:
        self._serve(0.0)
        return self._log.feedback(items)


def settle() -> None:
    """What is there now stays: the collector need not look at it, nor look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def main() -> None:
    """Serve whoever has the other end of the socket of this number."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[-1])) as asks:
        clerk = Clerk(asks)
        try:
            clerk.serve()
        except ConnectionError:  # gone without a word
            return
