"""Threads for work that may never end: whoever waits gives up in time, and the next is not held up.

A pool of threads would be filled by work that hangs, and would keep the process from ending.
"""

import asyncio
import contextlib
import logging
import math
import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from cds.errors import StoreError
from cds.web.operating.logs import event

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
# Who is told how work ended: with its result, or with its error.
Ending = Callable[[T | None, Exception | None], None]
MOST_LOST = 8
_MOST = 64  # items in one piece of work: a bound on how long each of them waits for the others
# Callers that shared a turn are answered together, and come together again a moment later: then the
# first of them waits for the others, this long at most. Whoever comes alone waits for nobody.
_COMPANY_S = 0.001
_SOON_S = 0.005


class Lane:
    """One thread after the other: while it is not lost, work is done in the order it comes."""

    def __init__(self, name: str) -> None:
        """The thread is started when it is first needed; it ends with the process."""
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] | None = None
        self._lost: list[threading.Thread] = []
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], T], limit_s: float) -> T:
        """What the work brings, within the limit. Work that is late may still be done.

        Raises:
            StoreError: it was late, or too much that was begun before has not ended.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = self.start(work, limit_s, partial(_settle_one, done))
        try:
            return await done
        except asyncio.CancelledError:
            job.settle(None, None)
            self._give_up(job)
            raise

    def start(self, work: Callable[[], T], limit_s: float, told: "Ending[T]") -> "_Job[T]":
        """Begin the work; `told` is called once, in the loop, with what it brings or an error.

        Raises:
            StoreError: too much that was begun before has not ended.
        """
        waiting = self._queue()
        job = _Job(work, told, self._thread)
        if limit_s < math.inf:
            job.limit = job.loop.call_later(limit_s, self._late, job)
        waiting.put(job.do)
        return job

    def close(self, wait_s: float = 1.0) -> None:
        """Let it end what it has begun, for a while."""
        if self._work is not None and self._thread is not None:
            self._work.put(None)
            self._thread.join(wait_s)
        self._work = self._thread = None

    def _queue(self) -> "queue.SimpleQueue[Callable[[], None] | None]":
        if self._work is None or self._thread is None or not self._thread.is_alive():
            self._lost = [one for one in self._lost if one.is_alive()]
            if len(self._lost) >= MOST_LOST:
                raise StoreError(self._name, "does not answer.", "Try again.")
            work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
            thread = threading.Thread(target=_serve, args=(work,), name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads, or no memory for one
                raise StoreError(self._name, "has no thread to work in.", "Try again.") from None
            self._work, self._thread = work, thread
        return self._work

    def _late(self, job: "_Job[T]") -> None:
        self._give_up(job)
        job.settle(None, StoreError(self._name, "does not answer in time.", "Try again."))

    def _give_up(self, job: "_Job[T]") -> None:
        """The thread ends when what holds it ends; the next work gets another."""
        if job.thread is not self._thread:
            return
        if self._work is not None and self._thread is not None:
            self._work.put(None)
            self._lost.append(self._thread)
        self._work = self._thread = None


class _Job(Generic[T]):
    """A piece of work: begun in the loop, done in a thread, told of in the loop."""

    __slots__ = ("_settled", "_told", "_work", "limit", "loop", "thread")

    def __init__(
        self, work: Callable[[], T], told: "Ending[T]", thread: threading.Thread | None
    ) -> None:
        self._work = work
        self._told = told
        self._settled = False
        self.thread = thread
        self.loop = asyncio.get_running_loop()
        self.limit: asyncio.TimerHandle | None = None

    def do(self) -> None:
        """In the thread."""
        if self._settled:
            return  # nobody waits for it any more, and it was not begun
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            _tell(self, None, error)
        else:
            _tell(self, result, None)

    def settle(self, result: T | None, error: Exception | None) -> None:
        """In the loop: the first time counts."""
        if self._settled:
            return
        self._settled = True
        if self.limit is not None:
            self.limit.cancel()
        self._told(result, error)


def _serve(work: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    while True:
        one = work.get()
        if one is None:
            return
        try:
            one()
        except Exception as error:  # noqa: BLE001 - whoever waits gives up; the next is served
            event("work beside the answers", {"why": "failed"}, level=logging.ERROR, error=error)


def _tell(job: _Job[T], result: T | None, error: Exception | None) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended, and all who waited with it
        job.loop.call_soon_threadsafe(job.settle, result, error)


def _settle_one(waiting: "asyncio.Future[R]", result: R | None, error: Exception | None) -> None:
    if waiting.done():  # its caller has gone; what was done stays
        return
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(result)  # type: ignore[arg-type]  # None only where R is


class Batches(Generic[I, R]):
    """Items that come while others are being worked on wait for the next turn, and share it.

    A turn costs as much as several items do: one of one item, then one of seven, over and over, is
    what callers fall into that are left to themselves.
    """

    def __init__(
        self, lane: Lane, work: Callable[[Sequence[I]], Sequence[R | Exception]], limit_s: float
    ) -> None:
        """`work` gives a result, or an error, for each item; `limit_s` bounds each turn."""
        self._lane = lane
        self._work = work
        self._limit_s = limit_s
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._busy = False  # a turn is under way, or about to begin
        self._before = 0  # items in the turn before, and when that ended, on the loop's clock
        self._ended = 0.0
        # Until so many wait, or until then, the next turn does not begin.
        self._enough: int = 0
        self._late: asyncio.TimerHandle | None = None

    def add(self, item: I) -> "asyncio.Future[R]":
        """The result for this item, to be awaited; StoreError: its turn failed, or was late."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, result))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._next)  # those that are called in this turn of the loop come along
        elif self._late is not None and len(self._waiting) >= self._enough:
            self._begin()
        return result

    def _next(self) -> None:
        """Wait for half of those that may come, or until the time is up; then begin."""
        loop = asyncio.get_running_loop()
        before = self._before if loop.time() - self._ended < _SOON_S else 0
        self._enough = min(_MOST, (before + len(self._waiting)) // 2)
        if len(self._waiting) < self._enough:
            self._late = loop.call_later(_COMPANY_S, self._begin)
        else:
            self._begin()

    def _begin(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            # Whoever has given up is not served: its item goes another way.
            batch = [one for one in batch if not one[1].done()]
            items = [item for item, _ in batch]
            try:
                if items:
                    work = partial(self._work, items)
                    self._lane.start(work, self._limit_s, partial(self._taken, batch))
                    return
            except StoreError as error:
                _fail(batch, error)
        self._busy = False

    def _taken(
        self,
        batch: "Sequence[tuple[I, asyncio.Future[R]]]",
        results: Sequence[R | Exception] | None,
        error: Exception | None,
    ) -> None:
        if results is not None:
            self._before, self._ended = len(batch), asyncio.get_running_loop().time()
            try:
                _settle(batch, results)
            except ValueError as unequal:
                error = unequal
        if error is not None:
            _fail(batch, error)
        if self._waiting:
            self._next()
        else:
            self._busy = False


def _settle(
    batch: "Sequence[tuple[I, asyncio.Future[R]]]", results: Sequence[R | Exception]
) -> None:
    for (_, waiting), result in zip(batch, results, strict=True):
        if isinstance(result, Exception):
            _settle_one(waiting, None, result)
        else:
            _settle_one(waiting, result, None)


def _fail(batch: "Sequence[tuple[I, asyncio.Future[R]]]", error: Exception) -> None:
    for _, waiting in batch:
        _settle_one(waiting, None, _own(error))


def _own(error: Exception) -> Exception:
    """The error for one of several: a traceback is not shared."""
    if isinstance(error, StoreError):
        return StoreError(error.where, error.problem, error.hint)
    return error
