"""One clerk after the other: the process that writes the log for this one (`cds.store.clerk`).

A clerk is asked from the event loop, without a thread. It is there once it has opened the log;
until then, and where no process can be had, a thread does its work. One that does not answer in
time is ended if it stays silent, and another is begun. What it may still write is no harm: to
append the same decision again is always safe.
"""

import asyncio
import contextlib
import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cds.errors import StoreError
from cds.store import frames
from cds.store.decisions import Kept
from cds.store.frames import ClerkAnswer
from cds.store.model import Decision, Feedback
from cds.store.spool import Drained
from cds.web.operating.clerk_link import ClerkLink, no_writer
from cds.web.operating.lanes import MOST_LOST
from cds.web.operating.logs import event

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from cds.store.clerk import main; main()"
)
_COMES_S = 30.0  # to load what it needs and to open the log, on a busy machine
_STEP_S = 0.05  # between two looks whether it is there
_AGAIN_S, _SELDOM_S = 1.0, 60.0  # until another is begun; ever longer where none comes to be


class Clerks:
    """The clerk of this process, if it has one, and those that it gave up."""

    def __init__(self, url: str, limit_s: float) -> None:
        """The log at `url`; `limit_s` bounds each request, and each wait of the clerk's."""
        self._url = url
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None
        self._near: socket.socket | None = None
        self._link: ClerkLink | None = None
        self._opening: asyncio.Future[ClerkAnswer] | None = None
        self._opened = False
        self._silent: set[int] = set()  # requests that were overdue at the last look
        self._lost: list[subprocess.Popen[bytes]] = []
        self._begun = float("-inf")  # when it was started, or asked to open the log
        self._pause_s = _AGAIN_S
        self._told = ""

    @property
    def there(self) -> bool:
        """Whether the clerk can be asked now."""
        return self._opened and self._link is not None and self._link.well

    @property
    def coming(self) -> bool:
        """Whether it may be there soon."""
        failed = self._opening is not None and self._opening.done()
        begun = self._process is not None and not self._opened
        return begun and not failed and time.monotonic() - self._begun < _COMES_S

    def begin(self) -> None:
        """Start the process; it loads what it needs while this one does something else."""
        self._begun = time.monotonic()
        try:
            self._start()
        except OSError as error:  # no more processes, files or memory
            self._tell("not started", error)

    def _start(self) -> None:
        near, far = socket.socketpair()
        nowhere = subprocess.DEVNULL
        with far:
            command = [sys.executable, "-c", _BOOT, json.dumps(sys.path), str(far.fileno())]
            try:
                self._process = subprocess.Popen(
                    command, pass_fds=(far.fileno(),), stdin=nowhere, stdout=nowhere, stderr=nowhere
                )
            except OSError:
                near.close()
                raise
        self._near = near

    async def look(self) -> None:
        """About once a second: end a clerk that hangs, begin another, let it open the log."""
        self._lost = [one for one in self._lost if one.poll() is None]
        trouble = self._trouble()
        if trouble:
            self._tell(trouble)
            self.give_up()
        rested = time.monotonic() - self._begun > self._pause_s
        if self._process is None and rested and len(self._lost) < MOST_LOST:
            self._pause_s = min(2 * self._pause_s, _SELDOM_S)
            self.begin()
        if self._near is not None and not self._opened:
            await self._open(self._near)

    def _trouble(self) -> str:
        """Why the clerk is of no use any more; empty while it may be."""
        link = self._link
        ended = self._process is not None and self._process.poll() is not None
        if ended or (link is not None and link.lost):
            return "has ended"
        if link is None:
            return ""
        waits = self._opening is not None and not self._opening.done()
        if waits and time.monotonic() - self._begun > _COMES_S:
            return "does not open the log"
        before, self._silent = self._silent, link.overdue()
        return "does not answer" if before & self._silent else ""

    async def _open(self, near: socket.socket) -> None:
        """Let it open the log, or do so again: the log may have been away."""
        if self._link is None:
            loop = asyncio.get_running_loop()
            _, self._link = await loop.create_unix_connection(ClerkLink, sock=near)
        if self._opening is None or self._opening.done():
            request = frames.Opening(self._link.next_number(), self._url, self._limit_s)
            self._begun = time.monotonic()
            with contextlib.suppress(StoreError):
                self._opening = self._link.ask(request)
                self._opening.add_done_callback(self._answered)

    def _answered(self, opening: "asyncio.Future[ClerkAnswer]") -> None:
        if opening.cancelled() or opening.exception() is not None or opening is not self._opening:
            return
        if isinstance(opening.result(), frames.AllDone):
            self._opened, self._pause_s, self._told = True, _AGAIN_S, ""
        elif isinstance(opening.result(), frames.ClerkBroken):  # a log that is away is told anyhow
            self._tell("does not open the log")

    async def append(self, decisions: Sequence[Decision]) -> list[Kept] | None:
        """What became of each of these; None where there is no clerk to be asked.

        Raises:
            StoreError: nothing was acknowledged.
        """
        if not self.there or self._link is None:
            return None
        request = frames.Appending(self._link.next_number(), list(decisions))
        answer = await self._asked(self._link, request)
        if not isinstance(answer, frames.Appended):
            return None
        return [frames.as_kept(*one) for one in zip(answer.results, decisions, strict=True)]

    async def feedback(self, items: Sequence[Feedback]) -> bool:
        """Log these; false where there is no clerk to be asked.

        Raises:
            StoreError: none of them was acknowledged.
        """
        if not self.there or self._link is None:
            return False
        request = frames.Noting(self._link.next_number(), list(items))
        return await self._asked(self._link, request) is not None

    async def _asked(self, link: ClerkLink, request: frames.ClerkRequest) -> ClerkAnswer | None:
        """What it answers; None where it cannot be asked so: a text holds half a character."""
        try:
            waiting = link.ask(request)
        except UnicodeEncodeError:
            return None
        try:
            async with asyncio.timeout(self._limit_s):
                return _good(await waiting)
        except TimeoutError:
            raise no_writer("does not answer in time.", kind="late") from None

    async def drain(self, spool: Path, moving: Callable[[], None]) -> Drained | None:
        """Drain a spool, however long it takes; None where there is no clerk to be asked.

        `moving` is called for each batch. A clerk that could not even be ended was held by a disk,
        which may be that of the spool: then it is a thread's turn.

        Raises:
            StoreError: the log is away, or the clerk is.
        """
        while self.coming:  # noqa: ASYNC110 - it comes, or its time is over
            await asyncio.sleep(_STEP_S)
        if not self.there or self._link is None or self._lost:
            return None
        self._link.moving = moving
        request = frames.Emptying(self._link.next_number(), str(spool))
        answer = _good(await self._link.ask(request))
        return Drained(answer.moved, answer.damaged) if isinstance(answer, frames.Emptied) else None

    def give_up(self) -> None:
        """End the clerk now; one that a disk holds ends when that lets go of it."""
        if self._process is not None:
            self._process.kill()
            self._lost.append(self._process)
        if self._link is not None:
            self._link.abort()
        elif self._near is not None:
            self._near.close()
        self._process = self._near = self._link = self._opening = None
        self._opened, self._silent = False, set()

    def close(self, wait_s: float = 1.0) -> None:
        """Let it end what it has begun, for a while."""
        if self._near is not None and self._process is not None:
            with contextlib.suppress(OSError):
                self._near.shutdown(socket.SHUT_WR)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
        self.give_up()
        for one in self._lost:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(_STEP_S)

    def _tell(self, why: str, error: Exception | None = None) -> None:
        """Once, until a clerk has been there again."""
        if self._told != why:
            self._told = why
            event("log writer", {"why": why}, level=logging.WARNING, error=error)


def _good(answer: ClerkAnswer) -> ClerkAnswer:
    """The answer; an error is raised here, and a fault of ours told: its places are the clerk's."""
    try:
        return frames.good(answer)
    except frames.ClerkError as error:
        event("log writer", {"why": ", ".join(error.args)}, level=logging.ERROR)
        raise
