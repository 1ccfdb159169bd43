"""What goes on beside the answers: a log that is away is tried, one that is there is kept in order.

Each by itself: a trial waits for no disk that hangs elsewhere, and draining may take long.
"""

import contextlib
from asyncio import sleep
from collections.abc import Awaitable, Callable, Coroutine

from cds.errors import StoreError
from cds.web.operating.checkpoints import Checkpoints
from cds.web.operating.draining import Draining
from cds.web.operating.metrics import Metrics
from cds.web.operating.used import Used
from cds.web.operating.waiting import Waiting
from cds.web.operating.way import TRIAL_S, LogWay

_LOOK_S = 1.0  # for a look at the spool
_EVERY_S = 1.0


class Tending:
    """One process's part in it."""

    def __init__(
        self,
        way: LogWay,
        waiting: Waiting,
        draining: Draining,
        used: Used,
        checkpoints: Checkpoints,
        *,
        metrics: Metrics,
    ) -> None:
        """Nothing goes on before it is asked for."""
        self._way = way
        self._waiting = waiting
        self._draining = draining
        self._used = used
        self._checkpoints = checkpoints
        self._metrics = metrics

    def background(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """What goes on until it is cancelled."""
        return [self._watch_forever, self._drain_forever, self._tidy_forever]

    async def look(self) -> None:
        """All of it once.

        Raises:
            StoreError: the log is away.
        """
        await self._watch()
        await self._tidy()
        await self._draining.look()
        await self._waiting.look(_LOOK_S)

    async def _watch_forever(self) -> None:
        while True:
            with contextlib.suppress(StoreError):
                await self._watch()
            await sleep(_EVERY_S)

    async def _drain_forever(self) -> None:
        await self._while_there(self._draining.look)

    async def _tidy_forever(self) -> None:
        await self._while_there(self._tidy)

    async def _while_there(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            if not self._way.away:
                with contextlib.suppress(StoreError):
                    await work()
            await sleep(_EVERY_S)

    async def _watch(self) -> None:
        """Look at what waits; try a log that is away."""
        await self._waiting.look(_LOOK_S)
        age_s = self._waiting.age_s()
        if age_s is not None:
            self._metrics.spool_age(age_s)
        if self._way.away:
            await self._way.try_it()

    async def _tidy(self) -> None:
        """Tell the log of used tokens; bring SQLite's own log into its file."""
        await self._used.tell(TRIAL_S)
        await self._checkpoints.look()
