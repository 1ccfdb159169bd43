"""Threads for work that may never end: whoever waits gives up in time, and the next is not held up.

A pool of threads would be filled by work that hangs, and would keep the process from ending.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import queue
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from cds.errors import StoreError
from cds.web.operating.logs import event

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
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
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._queue().put(lambda: _do(work, loop, done))
        thread = self._thread
        try:
            async with asyncio.timeout(limit_s):
                return await done
        except (TimeoutError, asyncio.CancelledError) as error:
            if thread is self._thread:
                self._give_up()
            if isinstance(error, asyncio.CancelledError):
                raise
            late = "does not answer in time."
            raise StoreError(self._name, late, "Try again.", kind="late") from None

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
                raise StoreError(self._name, "does not answer.", "Try again.", kind="late")
            work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
            thread = threading.Thread(target=_serve, args=(work,), name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads, or no memory for one
                raise StoreError(self._name, "has no thread to work in.", "Try again.") from None
            self._work, self._thread = work, thread
        return self._work

    def _give_up(self) -> None:
        """The thread ends when what holds it ends; the next work gets another."""
        if self._work is not None and self._thread is not None:
            self._work.put(None)
            self._lost.append(self._thread)
        self._work = self._thread = None


def done_within(seconds: float, work: Callable[[], T], name: str) -> T:
    """What the work brings, where nothing else goes on yet, or any more: at a start, at an end.

    Raises:
        StoreError: it was late. It goes on by itself, and keeps nothing from ending.
    """
    done: concurrent.futures.Future[T] = concurrent.futures.Future()

    def worked() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(error)

    try:
        threading.Thread(target=worked, name=name, daemon=True).start()
    except RuntimeError:  # as in a lane
        raise StoreError(name, "has no thread to work in.", "Try again.") from None
    try:
        return done.result(seconds)
    except concurrent.futures.TimeoutError:
        raise StoreError(name, "does not answer in time.", "Try again.", kind="late") from None


def _serve(work: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    while True:
        one = work.get()
        if one is None:
            return
        try:
            one()
        except Exception as error:  # noqa: BLE001 - whoever waits gives up; the next is served
            event("work beside the answers", {"why": "failed"}, level=logging.ERROR, error=error)


def _do(work: Callable[[], T], loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]") -> None:
    if done.cancelled():
        return  # nobody waits for it any more, and it was not begun
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        _tell(loop, done, None, error)
    else:
        _tell(loop, done, result, None)


def _tell(
    loop: asyncio.AbstractEventLoop,
    done: "asyncio.Future[T]",
    result: T | None,
    error: Exception | None,
) -> None:
    def settle() -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where T is

    with contextlib.suppress(RuntimeError):  # the loop has ended, and all who waited with it
        loop.call_soon_threadsafe(settle)


class Batches(Generic[I, R]):
    """Items that come while others are being worked on wait for the next turn, and share it.

    A turn costs as much as several items do: one of one item, then one of seven, over and over, is
    what callers fall into that are left to themselves.
    """

    def __init__(
        self,
        lane: Lane,
        work: Callable[[Sequence[I]], Sequence[R | Exception]],
        limit_s: float,
        instead: Callable[[Sequence[I]], Awaitable[Sequence[R | Exception] | None]] | None = None,
    ) -> None:
        """`work` gives a result, or an error, for each item; `limit_s` bounds each turn.

        `instead`: whoever takes a turn in place of the lane; None while it cannot.
        """
        self._lane = lane
        self._work = work
        self._limit_s = limit_s
        self._instead = instead
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._turn: asyncio.Task[None] | None = None
        self._before = 0  # items in the turn before, and when that ended, on the loop's clock
        self._ended = 0.0
        self._enough: tuple[int, asyncio.Future[None]] | None = None  # to begin with so many

    async def add(self, item: I) -> R:
        """The result for this item.

        Raises:
            StoreError: the turn that it was in failed, or was late.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, result))
        if self._enough is not None and len(self._waiting) >= self._enough[0]:
            _begin(self._enough[1])
        if self._turn is None or self._turn.done():
            self._turn = loop.create_task(self._turns())
        return await result

    async def _company(self) -> None:
        """Wait for half of those that may come, or until the time is up."""
        loop = asyncio.get_running_loop()
        before = self._before if loop.time() - self._ended < _SOON_S else 0
        wanted = min(_MOST, (before + len(self._waiting)) // 2)
        if len(self._waiting) >= wanted:
            return
        begin: asyncio.Future[None] = loop.create_future()
        self._enough = (wanted, begin)
        late = loop.call_later(_COMPANY_S, _begin, begin)
        try:
            await begin
        finally:
            late.cancel()
            self._enough = None

    async def _turns(self) -> None:
        batch: list[tuple[I, asyncio.Future[R]]] = []
        try:
            while self._waiting:
                await self._company()
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._taken(batch)
        except BaseException:
            _fail([*batch, *self._waiting], StoreError("service", "is ending."))
            self._waiting = []
            raise

    async def _taken(self, batch: "Sequence[tuple[I, asyncio.Future[R]]]") -> None:
        # Whoever has given up is not served: its item goes another way.
        batch = [one for one in batch if not one[1].done()]
        items = [item for item, _ in batch]
        if not items:
            return
        try:
            results = None if self._instead is None else await self._instead(items)
            if results is None:
                results = await self._lane.run(partial(self._work, items), self._limit_s)
            self._before, self._ended = len(items), asyncio.get_running_loop().time()
            _settle(batch, results)
        except Exception as error:  # noqa: BLE001 - raised again by each that waits for it
            _fail(batch, error)


def _begin(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)


def _settle(
    batch: "Sequence[tuple[I, asyncio.Future[R]]]", results: Sequence[R | Exception]
) -> None:
    for (_, waiting), result in zip(batch, results, strict=True):
        if waiting.done():  # its caller has gone; what was done stays
            continue
        if isinstance(result, Exception):
            waiting.set_exception(result)
        else:
            waiting.set_result(result)


def _fail(batch: "Sequence[tuple[I, asyncio.Future[R]]]", error: Exception) -> None:
    for _, waiting in batch:
        if not waiting.done():
            waiting.set_exception(_own(error))


def _own(error: Exception) -> Exception:
    """The error for one of several: a traceback is not shared."""
    if isinstance(error, StoreError):
        return StoreError(error.where, error.problem, error.hint, kind=error.kind)
    return error
