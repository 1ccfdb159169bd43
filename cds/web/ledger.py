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
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import make_url

from cds.errors import StoreError, UsageError
from cds.store.decisions import DecisionLog
from cds.store.model import Conflict, Decision, Feedback, Receipt, Stored
from cds.store.spool import Spool, Spooled
from cds.web.auth import OnceInMemory
from cds.web.logs import event
from cds.web.settings import StoreSettings

RETRY_OPEN_S = 5.0
DRAIN_EVERY_S = 10.0
# A full disk lets small trials pass, so a refused write counts as well; but not for ever, or an
# instance that gets no requests because of it would never be tried again.
REFUSED_FOR_S = 30.0
SPOOL_NAME = "decisions.spool"
THREADS = 16
T = TypeVar("T")


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
        # Threads that write at the same time share one commit: the more of them, the fewer fsyncs.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ledger")

    def open(self) -> DecisionLog:
        """Open the log, and make its tables where there are none.

        Raises:
            StoreError: it cannot be opened (it is tried again when it is next needed).
        """
        with self._opening:
            if self._log is not None:
                return self._log
            if time.monotonic() - self._tried < RETRY_OPEN_S:
                raise StoreError("decision log", "Is away.", "It is tried again in a moment.")
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
            kept = await self._in_thread(self._keep, decision)
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

    def _keep(self, decision: Decision) -> Stored | Conflict | Spooled:
        if self._spool is None:
            return self._opened().append(decision)
        log = self._try_open()
        if log is not None:
            return self._spool.append(log, decision)
        self._spool.put(decision)
        return Spooled()

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
            "[store] url", "Is no database URL.", "Such as sqlite:////var/lib/…"
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
