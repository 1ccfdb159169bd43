"""What waited in the spool, on its way into the decision log in the background: nobody's wait.

At the pace of `cds.store.pace`: by the clerk, in between what it is asked for; else by a thread.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable

from cds.errors import StoreError
from cds.store.locked import SpoolError
from cds.store.pace import PACE_S, Pace
from cds.store.spool import Drained, Spool
from cds.web.operating.clerks import Clerks
from cds.web.operating.lanes import Lane, done_within
from cds.web.operating.logs import event
from cds.web.operating.metrics import Metrics
from cds.web.operating.way import TRIAL_S, LogWay, no_answer_yet

HANGS_S = 60.0  # a batch that takes longer: each wait for the log ends after `TRIAL_S`
_LOOK_S = 1.0  # for a look at the spool while nothing goes on yet
ROUNDS = 5  # of draining what came meanwhile


class Draining:
    """One process's part in it; of several that share a spool, one drains at a time.

    `behind`: feedback waits, and what comes now waits behind it, since the latest on a card counts.
    Decisions need no order: to keep them aside for as long as some wait would never end under load.
    """

    def __init__(
        self, spool: Spool | None, way: LogWay, metrics: Metrics, clerks: Clerks | None = None
    ) -> None:
        """`spool`: None where nothing is kept aside; `clerks`: where there are any."""
        self._spool = spool
        self._clerks = clerks
        self._way = way
        self._metrics = metrics
        self._lane, self._looking = Lane("decision log"), Lane("spool")
        self._stopping = threading.Event()
        self._pace = Pace()
        self._alive = 0.0  # until when it is known not to hang
        self._come = 0  # entries that were kept aside so far
        self._failing = False  # whether the disk of the spool was at fault the last time
        self.behind = self._may_wait()

    def asked(self) -> None:
        """A call needs the log."""
        self._pace.asked()

    def note(self) -> None:
        """Another entry is about to be kept aside."""
        self._come += 1
        self.behind = True

    async def look(self) -> None:
        """Drain what waits.

        A disk of the spool that fails is told, and is no reason to do without the log.

        Raises:
            StoreError: the log is away.
        """
        if self._spool is not None:
            try:
                await self._look(self._spool)
                self._failing = False
            except SpoolError as error:
                if not self._failing:
                    event("spool", {"why": "not drained"}, level=logging.ERROR, error=error)
                self._failing = True

    async def _look(self, spool: Spool) -> None:
        for _ in range(ROUNDS):
            come = self._come
            if await self._waits(spool):
                self.behind = True
                await self._drain(spool)
            # Nothing came while it was looked at: from now on feedback goes straight into the log.
            if self._come == come:
                self.behind = await self._waits(spool)
                break

    async def _waits(self, spool: Spool) -> bool:
        try:
            return await self._looking.run(spool.waiting, TRIAL_S)
        except SpoolError:
            raise
        except StoreError as late:
            raise SpoolError("spool", late.problem, "See its disk.") from None

    def _may_wait(self) -> bool:
        try:
            return self._spool is not None and done_within(_LOOK_S, self._spool.waiting, "spool")
        except StoreError:
            return True

    def stop(self) -> None:
        """End with the batch that is under way."""
        self._stopping.set()
        self._lane.close()
        self._looking.close()

    async def _drain(self, spool: Spool) -> None:
        self._pace.begin()
        self._alive = time.monotonic()
        try:
            drained = await self._unless_it_hangs(self._drained(spool))
        except SpoolError:
            raise
        except StoreError as error:
            self._way.trip(error)
            raise
        if drained.moved:
            event("spool drained", {"spooled": drained.moved})
        if drained.damaged:
            fields = {"spooled": drained.damaged, "why": "not as they were written"}
            event("spool lines set aside", fields, level=logging.CRITICAL)
            self._metrics.store("damaged", drained.damaged)

    async def _drained(self, spool: Spool) -> Drained:
        if self._clerks is not None:
            drained = await self._clerks.drain(spool.path, self._moving)
            if drained is not None:
                return drained
        log = self._way.open()
        return await self._lane.run(lambda: spool.drain(log, self._go_on), float("inf"))

    def _moving(self) -> None:
        self._alive = time.monotonic()

    async def _unless_it_hangs(self, work: Awaitable[Drained]) -> Drained:
        """However long it takes in all, as long as batch follows batch."""
        drained = asyncio.ensure_future(work)
        try:
            while not drained.done():
                left = self._alive + HANGS_S - time.monotonic()
                if left < 0:
                    raise no_answer_yet()
                await asyncio.wait((drained,), timeout=left + PACE_S)
            return drained.result()
        finally:
            drained.cancel()

    def _go_on(self) -> int:
        """Rest; then how many entries may come next."""
        rest_s = self._pace.rest_s()
        self._alive = time.monotonic() + rest_s
        return 0 if self._stopping.wait(rest_s) else self._pace.next_batch()
