"""What takes long is done beside the event loop, which meanwhile answers everybody else.

One thread: Python runs one at a time, and of several the loop would wait for each.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
THREADS = 1
# Bytes that take about a millisecond to read and decide on: less is done sooner than handed over.
SMALL = 65_536


class Aside:
    """One thread of a process."""

    def __init__(self) -> None:
        """It is started when it is first needed."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")

    async def run(self, size: int, work: Callable[[], T]) -> T:
        """What the work brings; `size`: of how many bytes it is about."""
        if size <= SMALL:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """End it, once it has done what it has begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)
