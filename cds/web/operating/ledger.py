"""The decision log as the service needs it: from asyncio, within a time, and with a plan B.

All calls for one request share its patience. While the log is away, records wait in the spool
(`on_failure = spool`), or there are none (`refuse`). An emergency is shown in either case.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from cds.errors import RequestError, StoreError
from cds.store.calls import DamagedEntryError
from cds.store.decisions import DecisionLog, Kept
from cds.store.model import Conflict, Decision, Feedback, Stored
from cds.store.spool import Spool, Spooled
from cds.web.operating.checkpoints import Checkpoints
from cds.web.operating.clerks import Clerks
from cds.web.operating.draining import Draining
from cds.web.operating.lanes import Batches, Lane, done_within
from cds.web.operating.logs import event
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.operating.places import shared_log, spool_path
from cds.web.operating.tending import Tending
from cds.web.operating.used import Used
from cds.web.operating.waiting import Waiting
from cds.web.operating.way import LogWay, no_answer_yet
from cds.web.operating.writers import Writers
from cds.web.settings import StoreSettings

READY_S, _SPOOL_S = 0.8, 0.2  # whoever asks often waits no longer than a second, for both
# A full disk lets small trials pass, so a refused write counts as well; but not for ever, or an
# instance that gets no requests because of it would never be tried again.
REFUSED_FOR_S = 10.0
CLOSE_S = 4.0  # for all that is given back at an end; platforms kill after ten seconds
FEEDBACK_AT_ONCE = 50  # items, each of which takes about half a millisecond
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """The decision is an emergency that could be kept nowhere: it is shown, and says so."""


class Times(NamedTuple):
    """Seconds: the most that one call of the log may take; the least that used tokens are kept."""

    limit_s: float = 0.12
    kept_s: float = 0.0


_TIMES = Times()


class Ledger:
    """One process's way to the log."""

    def __init__(
        self,
        settings: StoreSettings,
        clock: Callable[[], datetime],
        metrics: Metrics,
        times: Times = _TIMES,
        clerks: Clerks | None = None,
    ) -> None:
        """Nothing is opened before `start`. `clerks`: where a process of its own writes the log."""
        self._metrics = metrics
        self._limit_s = times.limit_s
        path = spool_path(settings)
        self._spool = Spool(path) if settings.on_failure == "spool" else None
        self.way = LogWay(settings.url, times.limit_s, lambda: metrics.store("failed"))
        self._refused = float("-inf")  # when a write was last refused, with none accepted since
        self._writers, self._reading = Writers(self.way, clerks), Lane("decision log")
        self._waiting = Waiting(self._spool)
        self._draining = Draining(self._spool, self.way, metrics, clerks)
        self._checkpoints = Checkpoints(self.way)
        self._aside = Lane("spool")
        self._appends = self._writers.appends
        self._puts: Batches[Decision | Feedback, Spooled] = Batches(
            self._aside, self._put, times.limit_s
        )
        shared = self._use_many if shared_log(settings) else None
        self._used = Used(path, clock, shared, times.limit_s, kept_s=times.kept_s)
        self._tending = Tending(
            self.way, self._waiting, self._draining, self._used, self._checkpoints, metrics=metrics
        )

    def start(self) -> None:
        """Open the log, or begin without it."""
        self.way.start()

    def open(self) -> DecisionLog:
        """The log itself.

        Raises:
            StoreError: it cannot be opened.
        """
        return self.way.open()

    def close(self) -> None:
        """Give the connections back; what is being drained ends with its batch.

        Whatever hangs is left behind after a while: what was acknowledged is on disk already.
        """
        try:
            done_within(CLOSE_S, self._close, "decision log")
        except StoreError as late:
            event("decision log", {"why": "not closed"}, level=logging.ERROR, error=late)

    def _close(self) -> None:
        # The log first: what hangs beside it is no reason to leave it open.
        self._draining.stop()
        for one in (self._writers, self._reading, self._checkpoints, self.way):
            one.close()
        for other in (self._aside, self._waiting, self._used):
            other.close()

    async def answered(
        self, call: tuple[str, str, str, str], patience: Patience
    ) -> Stored | Conflict | None:
        """What this call was answered with before; None also while the log is away.

        `call`: client, service, hookInstance, hash of the request. Whether it may be answered then
        is asked by `append`, which knows if it is an emergency.
        """
        if self.way.away:
            return None
        work = self._reading.run(
            lambda: self.way.open(patient=False).answered(*call), self._limit_s
        )
        try:
            return await self._asked(work, patience)
        except StoreError:
            return None

    async def documents(self, of: tuple[str, Sequence[str]], patience: Patience) -> list[bytes]:
        """The newest documents on a subject, of these services; StoreError while it is away."""
        if self.way.away:
            raise no_answer_yet()
        look = self._reading.run(lambda: self.way.open(patient=False).documents(*of), self._limit_s)
        return await self._asked(look, patience)

    async def append(
        self, decision: Decision, *, must_answer: bool, patience: Patience
    ) -> Stored | Conflict | Spooled | NotRecorded:
        """Log a decision; when this returns, the record is on disk, in the log or in the spool.

        `must_answer`: an emergency, which is shown even when it can be kept nowhere.

        Raises:
            StoreError: the decision must not be answered.
        """
        try:
            return await self._recorded(decision, patience)
        except RequestError:
            raise
        except Exception as error:  # also a fault of ours: an emergency is shown all the same
            if isinstance(error, StoreError):
                self._refused = time.monotonic()
            if not must_answer:
                raise
            self._metrics.store("lost")
            event("emergency answered without a record", level=logging.CRITICAL, error=error)
            return NotRecorded()

    async def _recorded(
        self, decision: Decision, patience: Patience
    ) -> Stored | Conflict | Spooled:
        self._draining.asked()
        self._checkpoints.asked()
        if not self.way.away:
            try:
                kept = await self._asked(self._appends.add(decision), patience)
            except StoreError:
                if self._spool is None:
                    raise
            else:
                self._refused = float("-inf")
                return _kept(kept)
        return await self._kept_aside(decision)

    async def feedback(self, items: Sequence[Feedback]) -> None:
        """Log feedback, or keep it aside, in pieces: nobody waits long for one of them.

        Raises:
            StoreError: some of it could be kept nowhere. To send all of it again is safe.
        """
        self._draining.asked()
        for start in range(0, len(items), FEEDBACK_AT_ONCE):
            await self._feedback(items[start : start + FEEDBACK_AT_ONCE])

    async def _feedback(self, items: Sequence[Feedback]) -> None:
        if not self.way.away and not self._draining.behind:
            try:
                await self._into_log(items)
            except StoreError:
                if self._spool is None:
                    raise
            else:
                return
        try:
            for item in items:
                await self._kept_aside(item)
        except StoreError:
            # Rather out of its order than nowhere: what waits before it cannot be got at either.
            if self.way.away:
                raise
            await self._into_log(items)

    async def _into_log(self, items: Sequence[Feedback]) -> None:
        await self._asked(self._writers.feedback(items), Patience(self._limit_s))

    async def use_once(self, client: str, jti: str, expires: datetime, patience: Patience) -> bool:
        """True the first time that any worker sees this token.

        While the log is away the workers of this host remember for themselves, and tell the log
        when it is back: an emergency must get through.
        """
        try:
            return await self._used.once(client, jti, expires, patience, away=self.way.away)
        except StoreError as error:
            self.way.trip(error)
            await self._used.owe(client, jti, expires)
            return True  # new on this host

    async def ready(self) -> str:
        """Empty when all is well; else what is not, in a word or two."""
        there = await self._waiting.look(_SPOOL_S)
        if time.monotonic() - self._refused < REFUSED_FOR_S:
            return "log away"
        try:
            await self.way.try_it(READY_S)
        except StoreError as error:
            self.way.trip(error)
            return "log away"
        return "spool not empty" if there is not None and there.waiting else ""

    def spool_state(self) -> str:
        """Since when entries wait, whether lines were set aside, or that nobody knows; else empty.

        As it was when `ready`, or what goes on in the background, looked last.
        """
        return self._waiting.said()

    def background(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """What goes on beside the answers, until it is cancelled."""
        return [*self._tending.background(), *self._writers.background()]

    async def look(self) -> None:
        """All of that once.

        Raises:
            StoreError: the log is away.
        """
        await self._writers.look()
        await self._tending.look()

    async def _asked(self, work: Awaitable[T], patience: Patience) -> T:
        """What the log says, or the breaker opens."""
        try:
            return await patience.wait(work)
        except DamagedEntryError as error:
            event("decision log", {"why": "entry damaged"}, level=logging.ERROR, error=error)
            raise
        except TimeoutError:
            self.way.trip(no_answer_yet())
            raise no_answer_yet() from None
        except StoreError as error:
            self.way.trip(error)
            raise

    async def _kept_aside(self, item: Decision | Feedback) -> Spooled:
        if self._spool is None:
            raise no_answer_yet()
        self._draining.note()
        kept = await self._puts.add(item)
        self._metrics.store("spooled")
        return kept

    def _put(self, items: Sequence[Decision | Feedback]) -> Sequence[Spooled | RequestError]:
        return [] if self._spool is None else self._spool.put(items)

    def _use_many(self, tokens: Sequence[tuple[str, int]], now: int) -> list[bool]:
        return self.way.open(patient=False).use_many(tokens, now=now)


def _kept(result: Kept) -> Stored | Conflict:
    """What is no refusal; those were raised before."""
    if isinstance(result, Exception):
        raise result
    return result
