"""What waited in the spool, on its way into the decision log in the background: nobody's wait.

A few entries at a time, with a rest after each: decisions that are made meanwhile go straight into
the log between them. While calls come it takes so few that the one in twenty that meets them waits
hardly longer than for another call, and rests forty times as long as the work was, up to 0.3 s:
measured beside 200 appends a second, the slowest in a hundred are none of its doing, and two
thousand entries take about a minute. While none come it takes more, and rests three times as long.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from cds.errors import StoreError
from cds.store.locked import SpoolError
from cds.store.spool import BATCH, Drained, Spool
from cds.web.operating.lanes import Lane, done_within
from cds.web.operating.logs import event
from cds.web.operating.metrics import Metrics
from cds.web.operating.way import TRIAL_S, LogWay, no_answer_yet

# After a batch: so long at least, and so many times as long as it took.
PACE_S, REST = 0.02, 3.0
FEW, REST_BESIDE, MOST_S = 2, 40.0, 0.3  # entries in a batch, and its rest, while calls come
BESIDE_S = 1.0  # since the last call of the log, while calls are said to come
HANGS_S = 60.0  # a batch that takes longer: each wait for the log ends after `TRIAL_S`
LOOK_S = 1.0  # for a look at the spool while nothing goes on yet
ROUNDS = 5  # of draining what came meanwhile


class Draining:
    """One process's part in it; of several that share a spool, one drains at a time.

    `behind`: feedback waits, and what comes now waits behind it, since the latest on a card counts.
    Decisions need no order: to keep them aside for as long as some wait would never end under load.
    """

    def __init__(self, spool: Spool | None, way: LogWay, metrics: Metrics) -> None:
        """`spool`: None where nothing is kept aside."""
        self._spool = spool
        self._way = way
        self._metrics = metrics
        self._lane, self._looking = Lane("decision log"), Lane("spool")
        self._stopping = threading.Event()
        self._rested = 0.0  # when the last rest ended
        self._alive = 0.0  # until when it is known not to hang
        self._come = 0  # entries that were kept aside so far
        self._asked = float("-inf")  # when a call last needed the log
        self._failing = False  # whether the disk of the spool was at fault the last time
        self.behind = self._may_wait()

    def asked(self) -> None:
        """A call needs the log."""
        self._asked = time.monotonic()

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
            return self._spool is not None and done_within(LOOK_S, self._spool.waiting, "spool")
        except StoreError:
            return True

    def stop(self) -> None:
        """End with the batch that is under way."""
        self._stopping.set()
        self._lane.close()
        self._looking.close()

    async def _drain(self, spool: Spool) -> None:
        log = self._way.open()
        self._rested = self._alive = time.monotonic()
        try:
            drained = await self._unless_it_hangs(lambda: spool.drain(log, self._go_on))
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

    async def _unless_it_hangs(self, work: Callable[[], Drained]) -> Drained:
        """However long it takes in all, as long as batch follows batch."""
        drained = asyncio.ensure_future(self._lane.run(work, float("inf")))
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
        now = time.monotonic()
        rest = _rest(now - self._rested, beside=self._beside(now))
        self._alive = now + rest
        ended = self._stopping.wait(rest)
        self._rested = time.monotonic()
        if ended:
            return 0
        return FEW if self._beside(self._rested) else BATCH

    def _beside(self, now: float) -> bool:
        return now - self._asked < BESIDE_S


def _rest(took: float, *, beside: bool) -> float:
    """How long to rest after a batch that took so long; `beside`: while calls come."""
    if beside:
        return max(PACE_S, min(REST_BESIDE * took, max(MOST_S, REST * took)))
    return max(PACE_S, REST * took)
