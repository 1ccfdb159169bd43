"""How long one request may still wait for the decision log: all its calls share one limit."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """So many seconds, of which each wait takes its part."""

    __slots__ = ("left",)

    def __init__(self, seconds: float) -> None:
        """Begin with all of it."""
        self.left = seconds

    async def wait(self, awaited: Awaitable[T]) -> T:
        """What is awaited, if it comes in time.

        Raises:
            TimeoutError: it does not. Nobody waits for it any more; it may happen all the same.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self.left):
                return await awaited
        finally:
            self.left = max(0.0, self.left - (clock() - began))
