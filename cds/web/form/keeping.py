"""The session of one browser, from asyncio: made anew for an unknown cookie, never adopted.

The sessions lie in the database of the decision log: while that is away they are not asked for.
What fails here alone, such as under a lock on their table, is no reason to do without the log: they
are asked for again a moment later, and nobody waits for them meanwhile.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from cds.errors import StoreError
from cds.store.sessions import Session, Sessions, SessionsInMemory, StoredSessions, new_cookie
from cds.web.form.posted import cookies_of
from cds.web.operating.lanes import Lane
from cds.web.operating.ledger import Ledger
from cds.web.operating.way import no_answer_yet
from cds.web.routes.endpoint import Call
from cds.web.settings import Config

_PAUSE_S = 2.0  # after a failure
_KEPT_S = 2 * 60 * 60  # after the last change
Header = tuple[bytes, bytes]
T = TypeVar("T")


class BrowserSession(NamedTuple):
    """A browser and its session; `headers` carry the cookie where it is new."""

    cookie: str
    session: Session
    headers: tuple[Header, ...] = ()


class Keeping:
    """One process's way to the sessions."""

    def __init__(
        self, config: Config, clock: Callable[[], datetime], ledger: Ledger | None
    ) -> None:
        """The database is opened by `start`, or when it is first needed."""
        self._config = config
        self._clock = clock
        self._ledger = ledger
        self._limit_s = config.limits.form_store_ms / 1000
        self._lane = Lane("form sessions")
        self._opened: Sessions | None = None
        self._next = float("-inf")  # when it is asked again after a failure
        self._secure = config.public_url.startswith("https://")
        self.name = "__Host-cramp-cds" if self._secure else "cramp-cds"

    def start(self) -> None:
        """Open the database, or begin without it."""
        if self._ledger is None or not self._ledger.way.away:
            with contextlib.suppress(StoreError):
                self._sessions()

    def _sessions(self) -> Sessions:
        if self._opened is None:
            store = self._config.store
            self._opened = (
                StoredSessions(store.url, self._limit_s) if store.enabled else SessionsInMemory()
            )
        return self._opened

    async def _run(self, work: Callable[[Sessions], T]) -> T:
        """Within the limit, or at once where the log is known to be away.

        Raises:
            StoreError: the database is away.
        """
        if self._ledger is None:
            return work(self._sessions())
        if self._ledger.way.away or time.monotonic() < self._next:
            raise no_answer_yet()
        try:
            return await self._lane.run(lambda: work(self._sessions()), self._limit_s)
        except StoreError:
            self._next = time.monotonic() + _PAUSE_S
            raise

    def _now(self) -> int:
        return int(self._clock().timestamp())

    async def visit(self, call: Call) -> BrowserSession:
        """The session of the browser that calls; a new one where it has none.

        Raises:
            StoreError: the database is away.
        """
        found = await self.known(call)
        return found if found is not None else await self.begin({})

    async def known(self, call: Call) -> BrowserSession | None:
        """The session that the cookie names, if this service made it and it has not expired."""
        cookie = cookies_of(call).get(self.name)
        if not cookie:
            return None
        session = await self._run(lambda sessions: sessions.load(cookie, self._now()))
        return BrowserSession(cookie, session) if session is not None else None

    async def begin(self, session: Session, *, same_site: str = "Strict") -> BrowserSession:
        """A new session under a new cookie."""
        cookie = new_cookie()
        await self.change(cookie, lambda _: session)
        return BrowserSession(cookie, session, (self._set_cookie(cookie, same_site),))

    async def change(self, cookie: str, change: Callable[[Session | None], Session | None]) -> Any:
        """Change a session with nobody in between; it lives on from now."""
        now = self._now()
        return await self._run(lambda sessions: sessions.change(cookie, now, now + _KEPT_S, change))

    def _set_cookie(self, cookie: str, same_site: str) -> Header:
        site = f"SameSite={same_site}"
        if self._config.form.frame_ancestors and self._secure:
            site = "SameSite=None; Partitioned"  # inside the EHR's frame no other cookie arrives
        secure = "; Secure" if self._secure else ""
        return b"set-cookie", f"{self.name}={cookie}; Path=/; HttpOnly; {site}{secure}".encode()

    def close(self) -> None:
        """Give the connections back."""
        self._lane.close()
        if self._opened is not None:
            self._opened.close()
