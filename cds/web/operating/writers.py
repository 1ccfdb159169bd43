"""Whoever writes the log for one process of the service: its clerk where there is one, or a thread.

An event loop and a thread that writes fight for one interpreter: with a clerk, calls that come
while others are written hardly wait for it. Without one (a library, or a system that gives no more
processes) everything is as durable, and slower.
"""

from asyncio import sleep
from collections.abc import Callable, Coroutine, Sequence

from cds.store.decisions import Kept
from cds.store.model import Decision, Feedback
from cds.web.operating.clerks import Clerks
from cds.web.operating.lanes import Batches, Lane
from cds.web.operating.way import LogWay

_EVERY_S = 1.0


class Writers:
    """The one or the other, as the clerk comes and goes."""

    def __init__(self, way: LogWay, clerks: Clerks | None) -> None:
        """`clerks`: None where all is written by a thread."""
        self._way = way
        self._clerks = clerks
        self._lane = Lane("decision log")
        instead = None if clerks is None else clerks.append
        self.appends: Batches[Decision, Kept] = Batches(
            self._lane, self._append_many, way.limit_s, instead
        )

    async def feedback(self, items: Sequence[Feedback]) -> None:
        """Log these.

        Raises:
            StoreError: none of them was acknowledged.
        """
        if self._clerks is None or not await self._clerks.feedback(items):
            await self._lane.run(
                lambda: self._way.open(patient=False).feedback(items), self._way.limit_s
            )

    def background(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """What goes on until it is cancelled."""
        return [] if self._clerks is None else [self._look_forever]

    async def look(self) -> None:
        """See to the clerk."""
        if self._clerks is not None:
            await self._clerks.look()

    async def _look_forever(self) -> None:
        while True:
            await self.look()
            await sleep(_EVERY_S)

    def close(self) -> None:
        """End with what is under way."""
        if self._clerks is not None:
            self._clerks.close()
        self._lane.close()

    def _append_many(self, decisions: Sequence[Decision]) -> Sequence[Kept]:
        return self._way.open(patient=False).append_many(decisions)
