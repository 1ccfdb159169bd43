"""What takes long is done beside the event loop, which meanwhile answers everybody else.

One thread: Python runs one at a time, and of several the loop would wait for each. Each step that
cannot be interrupted is kept short as well: no collection of garbage while much is held, and what
was read is let go piece by piece.
"""

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cds.errors import RequestError
from cds.web.operating.memory import check_room

T = TypeVar("T")
THREADS = 1
# Bytes that take about a millisecond to read and decide on: less is done sooner than handed over.
SMALL = 65_536
# Objects made and not freed since, after which garbage is looked for; the second of them while big
# work is done: the collector would walk over all that was read, which is no garbage.
COLLECT_AFTER, COLLECT_LATER = 100_000, 2_000_000
# Before each job: of several that wait, the parser would hold all others for as long as for all.
_PAUSE_S = 0.01
CALM_S = 1.0
PIECE = 100  # elements of a list that are let go at once
DEPTH = 4  # where long lists are looked for: body, prefetch, a key, its entries


class Aside:
    """One thread of a process."""

    def __init__(self) -> None:
        """It is started when it is first needed."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")
        self._under_way = 0
        self._ended = 0  # jobs, so far

    async def run(self, size: int, work: Callable[[], T]) -> T:
        """What the work brings; `size`: of how many bytes it is about.

        Raises:
            RequestError: 503, there is too little memory for so much, or no thread to be had.
        """
        if size <= SMALL:
            return work()
        self._under_way += 1
        if self._under_way == 1:
            gc.set_threshold(COLLECT_LATER)
        loop = asyncio.get_running_loop()
        try:
            return await self._begun(size, work)
        finally:
            self._under_way -= 1
            self._ended += 1
            # What was read is held until the call is answered, and that may take more than one job.
            loop.call_later(CALM_S, self._calm, self._ended)

    def _begun(self, size: int, work: Callable[[], T]) -> asyncio.Future[T]:
        try:
            loop = asyncio.get_running_loop()
            return loop.run_in_executor(self._threads, _with_room, size, work)
        except RuntimeError:
            text = "cannot be read now: there is no thread to be had."
            again = "Try again in a moment."
            raise RequestError(503, "body", text, again, code="transient") from None

    def _calm(self, ended: int) -> None:
        """Look for garbage again, if nothing has been done since that many jobs had ended."""
        if not self._under_way and ended == self._ended:
            gc.set_threshold(COLLECT_AFTER)

    def let_go(self, value: object) -> None:
        """Free JSON that was read, and that nobody needs any more, without holding anybody up."""
        with contextlib.suppress(RuntimeError):  # it is ending, or there is no thread to be had
            self._threads.submit(take_apart, value)

    def close(self) -> None:
        """End it, once it has done what it has begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _with_room(size: int, work: Callable[[], T]) -> T:
    time.sleep(_PAUSE_S)
    check_room(size)
    return work()


def take_apart(value: object, depth: int = DEPTH) -> None:
    """Empty the long lists of a JSON value, a piece at a time."""
    if isinstance(value, list):
        if len(value) > PIECE:
            while value:
                del value[-PIECE:]
        parts = value
    else:
        parts = list(value.values()) if isinstance(value, dict) else []
    for one in parts if depth else ():
        take_apart(one, depth - 1)
