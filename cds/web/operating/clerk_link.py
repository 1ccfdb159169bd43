"""The socket to one clerk, on the event loop: what it was asked, and what it answers."""

import asyncio
import contextlib
from collections.abc import Callable

from cds.errors import StoreError
from cds.store.frames import ClerkAnswer, ClerkRequest, Moving, Received, answer_in, framed


class ClerkLink(asyncio.Protocol):
    """One request waits beside another: each is answered by its number."""

    def __init__(self) -> None:
        """`moving` is called while the clerk says that it drains."""
        self.moving: Callable[[], None] = lambda: None
        self._waiting: dict[int, asyncio.Future[ClerkAnswer]] = {}
        self._transport: asyncio.Transport | None = None
        self._received = Received()
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self.lost = False

    @property
    def well(self) -> bool:
        """Whether it is there, and owes nobody an answer who has gone."""
        return not self.lost and not self.overdue()

    def overdue(self) -> set[int]:
        """The requests that nobody waits for any more, and that are not answered."""
        return {number for number, one in self._waiting.items() if one.cancelled()}

    def next_number(self) -> int:
        """For the next request."""
        self._number += 1
        return self._number

    def ask(self, request: ClerkRequest) -> "asyncio.Future[ClerkAnswer]":
        """What it will answer.

        Raises:
            StoreError: it is gone.
            UnicodeEncodeError: a text of the request holds half a character.
        """
        if self._transport is None or self.lost:
            raise no_writer("has lost its writer.")
        self._transport.write(framed(request))
        waiting: asyncio.Future[ClerkAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[request.number] = waiting
        return waiting

    def abort(self) -> None:
        """Close it at once, from any thread; whoever waits is told."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and all who waited
                self._loop.call_soon_threadsafe(self._transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = transport  # type: ignore[assignment]  # a socket's, which can be written

    def data_received(self, data: bytes) -> None:
        """Hand each answer to whoever waits for it."""
        for body in self._received.bodies(data):
            answer = answer_in(body)
            if isinstance(answer, Moving):
                self.moving()
                continue
            waiting = self._waiting.pop(answer.number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)

    def connection_lost(self, _: Exception | None) -> None:
        """Nobody will answer."""
        self.lost = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(no_writer("has lost its writer."))
        self._waiting.clear()


def no_writer(problem: str, kind: str = "") -> StoreError:
    """A clerk that says nothing."""
    return StoreError("decision log", problem, "Try again.", kind=kind)
