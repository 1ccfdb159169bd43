"""The decision log as the service needs it: from asyncio, and with a plan for when it is away.

`on_failure = spool` answers and keeps the record in a file beside; `refuse` answers 503. In either
case an emergency is shown.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import make_url

from cds.errors import RequestError, StoreError, UsageError
from cds.store.decisions import DecisionLog
from cds.store.model import Conflict, Decision, Feedback, Receipt, Stored
from cds.store.spool import Spool, Spooled
from cds.web.operating.logs import event
from cds.web.settings import StoreSettings
from cds.web.trust.auth import OnceInMemory

RETRY_OPEN_S = 5.0
DRAIN_EVERY_S = 10.0
# A full disk lets small trials pass, so a refused write counts as well; but not for ever, or an
# instance that gets no requests because of it would never be tried again.
REFUSED_FOR_S = 30.0
SPOOL_NAME = "decisions.spool"
THREADS = 16
MOST = 64  # decisions in one commit: a bound on how long each of them waits for the others
T = TypeVar("T")
Kept = Stored | Conflict | Spooled
_Waiting = tuple[Decision, "asyncio.Future[Kept]"]


class Ledger:
    """One process's way to the log."""

    def __init__(
        self, settings: StoreSettings, clock: Callable[[], datetime], failed: Callable[[], None]
    ) -> None:
        """`failed` is called for each write that did not reach the log."""
        self._settings = settings
        self._clock = clock
        self._failed = failed
        self._spool = Spool(spool_path(settings)) if settings.on_failure == "spool" else None
        self._once = OnceInMemory(clock)
        self._log: DecisionLog | None = None
        self._tried = float("-inf")
        self._refused = float("-inf")  # when a write was last refused, with none accepted since
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ledger")
        # Decisions that come while others are being written wait for the next commit, and share it.
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    def open(self) -> DecisionLog:
        """Open the log, and make its tables where there are none.

        Raises:
            StoreError: it cannot be opened (it is tried again when it is next needed).
        """
        with self._opening:
            if self._log is not None:
                return self._log
            if time.monotonic() - self._tried < RETRY_OPEN_S:
                raise StoreError("decision log", "is unavailable.", "It will be retried shortly.")
            self._tried = time.monotonic()
            _make_folder(self._settings.url)
            self._log = DecisionLog(self._settings.url, create=True)
            return self._log

    async def _in_thread(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def close(self) -> None:
        """Give the connections back."""
        self._threads.shutdown()
        if self._log is not None:
            self._log.close()

    async def answered(
        self, client: str, service: str, hook_instance: str, request_hash: str
    ) -> Stored | Conflict | None:
        """What this call was answered with before; None also while the log is away.

        Whether it may be answered then is asked by `append`, which knows if it is an emergency.
        """

        def look() -> Stored | Conflict | None:
            return self._opened().answered(client, service, hook_instance, request_hash)

        try:
            return await self._in_thread(look)
        except StoreError as error:
            self._note(error)
            return None

    async def append(self, decision: Decision, *, must_answer: bool) -> Stored | Conflict | Spooled:
        """Log a decision; when this returns, the record is on disk, in the log or in the spool.

        `must_answer`: an emergency, which is shown even when it can be kept nowhere.

        Raises:
            StoreError: the decision must not be answered.
        """
        try:
            kept = await self._written(decision)
        except StoreError as error:
            self._refused = time.monotonic()
            self._note(error)
            if not must_answer:
                raise
            event("emergency answered without a record", level=logging.CRITICAL)
            return Spooled()
        self._refused = float("-inf")
        if isinstance(kept, Spooled):
            self._failed()
        return kept

    async def feedback(self, items: Sequence[Feedback]) -> Receipt | Spooled:
        """Log feedback, or keep it aside.

        Raises:
            StoreError: it could be kept nowhere.
        """

        def keep() -> Receipt | Spooled:
            if self._spool is None:
                return self._opened().feedback(items)
            log = self._try_open()
            if log is not None:
                return self._spool.feedback(log, tuple(items))
            self._spool.put(*items)
            return Spooled()

        return await self._in_thread(keep)

    async def use_once(self, client: str, jti: str, expires: datetime) -> bool:
        """True the first time that any worker sees this token.

        While the log is away this process remembers for itself: an emergency must get through.
        """

        def use() -> bool:
            now = int(self._clock().timestamp())
            return self._opened().use_once(client, jti, expires=int(expires.timestamp()), now=now)

        try:
            return await self._in_thread(use)
        except StoreError as error:
            self._note(error)
            return await self._once(client, jti, expires)

    async def ready(self) -> str:
        """Empty when all is well; else what is not, in a word or two."""

        def check() -> str:
            if time.monotonic() - self._refused < REFUSED_FOR_S:
                return "log away"
            self._opened().ready()
            return "spool not empty" if self._spool is not None and self._spool.waiting() else ""

        try:
            return await self._in_thread(check)
        except StoreError:
            return "log away"

    async def drain_forever(self) -> None:
        """Move what waits in the spool into the log as soon as the log is back."""
        while self._spool is not None:
            await asyncio.sleep(DRAIN_EVERY_S)
            try:
                moved = await self._in_thread(self._drain)
            except StoreError:
                continue
            if moved:
                event("spool drained", {"spooled": moved})

    def _drain(self) -> int:
        if self._spool is None or not self._spool.waiting():
            return 0
        return self._spool.drain(self._opened())

    async def _written(self, decision: Decision) -> Kept:
        """What became of the decision, once the commit that it shares with others is durable."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[Kept] = loop.create_future()
        self._waiting.append((decision, kept))
        if self._writer is None:
            self._writer = loop.create_task(self._write())
        return await kept

    async def _write(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                decisions = [decision for decision, _ in batch]
                _settle(batch, await self._in_thread(self._keep, decisions))
        except Exception as error:  # noqa: BLE001 - raised again by each that waits for it
            _fail(batch, error)
        finally:
            self._writer = None
            if self._waiting:
                self._writer = asyncio.get_running_loop().create_task(self._write())

    def _keep(self, decisions: Sequence[Decision]) -> Sequence[Kept | RequestError]:
        if self._spool is None:
            return self._opened().append_many(decisions)
        log = self._try_open()
        if log is not None:
            return self._spool.append_many(log, decisions)
        return self._spool.put_decisions(decisions)

    def _opened(self) -> DecisionLog:
        return self._log if self._log is not None else self.open()

    def _try_open(self) -> DecisionLog | None:
        try:
            return self._opened()
        except StoreError as error:
            self._note(error)
            return None

    def _note(self, error: StoreError) -> None:
        self._failed()
        event("decision log", {"why": "not reached"}, level=logging.ERROR, error=error)


def _settle(batch: Sequence[_Waiting], settled: Sequence[Kept | RequestError]) -> None:
    for (_, kept), result in zip(batch, settled, strict=True):
        if kept.done():  # its caller has gone; the record stays
            continue
        if isinstance(result, RequestError):
            kept.set_exception(result)
        else:
            kept.set_result(result)


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for _, kept in batch:
        if not kept.done():
            # A traceback is not shared among several.
            kept.set_exception(copy(error) if isinstance(error, StoreError) else error)


def spool_path(settings: StoreSettings) -> Path:
    """Where entries wait: as configured, else beside an SQLite log, else in the working folder.

    Raises:
        UsageError: the URL of the log is none.
    """
    if settings.spool:
        return Path(settings.spool)
    try:
        url = make_url(settings.url)
    except Exception as error:  # SQLAlchemy has one class per fault of a URL
        raise UsageError(
            "[store] url", "is not a database URL.", "Such as sqlite:////var/lib/…"
        ) from error
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.spool")
    return Path(SPOOL_NAME)


def _make_folder(url: str) -> None:
    """The folder of an SQLite log, for its owner alone, where there is none."""
    path = make_url(url)
    if path.get_backend_name() == "sqlite" and path.database:
        try:
            Path(path.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            problem = f"Its folder cannot be made: {error.strerror}."
            raise StoreError("decision log", problem) from error
