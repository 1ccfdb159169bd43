"""Tokens are good once: among the workers of this host always, among hosts through the log.

The file of the host is asked first. A token that is used while the log is away is owed to it, and
told as soon as it is back.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from cds.errors import StoreError
from cds.store.seen import SeenTokens
from cds.store.tokens import token_name
from cds.web.operating.lanes import Batches, Lane
from cds.web.operating.logs import event
from cds.web.operating.patience import Patience

_AGAIN_S = 5.0
_KEPT_S = 3600.0  # a used token is remembered as long as the machine runs, not as its clock says
_Token = tuple[str, int]
UseMany = Callable[[Sequence[_Token], int], list[bool]]


class OnceInMemory:
    """Which tokens were used, for one process: where there is no store, or the store is gone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._clock = clock
        self._used: dict[tuple[str, str], float] = {}
        self._swept = 0

    async def __call__(self, client: str, jti: str, expires: datetime, _: Patience) -> bool:
        """True the first time."""
        del expires
        return self.use(client, jti)

    def use(self, client: str, jti: str) -> bool:
        """True the first time. Forgotten after `_KEPT_S`, however the clock of the day is set."""
        now = self._clock()
        if len(self._used) > 2 * self._swept + 1000:
            self._used = {key: then for key, then in self._used.items() if now - then < _KEPT_S}
            self._swept = len(self._used)
        if (client, jti) in self._used:
            return False
        self._used[client, jti] = now
        return True


class Used:
    """The tokens that were used."""

    def __init__(
        self,
        beside: Path,
        clock: Callable[[], datetime],
        in_log: UseMany | None,
        limit_s: float,
        *,
        kept_s: float,
    ) -> None:
        """The file lies beside `beside`. `in_log`: the log of several hosts, if it is one.

        `kept_s`: how long a token counts as used, at least.
        """
        self._kept_s = kept_s
        self._limit_s = limit_s
        self._tried = float("-inf")
        self._not_before = float("-inf")  # on the clock of the machine: after it did not answer
        self._path = beside.with_name(beside.name.removesuffix(".spool") + ".tokens")
        self._clock = clock
        self._in_log = in_log
        self._seen: SeenTokens | None = None
        self._memory = OnceInMemory()
        self._here = Lane("used tokens")
        self._there = Lane("decision log")
        self._notes: Batches[tuple[_Token, bool], bool] = Batches(self._here, self._note, limit_s)
        self._uses: Batches[_Token, bool] = Batches(self._there, self._use, limit_s)

    async def once(
        self, client: str, jti: str, expires: datetime, patience: Patience, *, away: bool
    ) -> bool:
        """True the first time.

        Raises:
            StoreError: new on this host, and the log of several hosts could not be asked.
        """
        if not self._memory.use(client, jti):
            return False
        token = _token(client, jti, expires)
        try:
            if not await self._noted(token, patience, owed=away and self._in_log is not None):
                return False
        except StoreError as error:
            # This worker's own memory is left: an emergency must get through.
            event("used tokens", {"why": "not kept"}, level=logging.ERROR, error=error)
        if self._in_log is None or away:
            return True
        try:
            return await patience.wait(self._uses.add(token))
        except TimeoutError:
            raise StoreError("decision log", "does not answer in time.", kind="late") from None

    async def _noted(self, token: _Token, patience: Patience, *, owed: bool) -> bool:
        """Whether it is new on this host.

        A disk that hangs is asked again after a while; who finds that out has half of its patience
        left, for the log, which may be well.

        Raises:
            StoreError: it cannot be kept.
        """
        if time.monotonic() < self._not_before:
            raise _not_stored()
        half = Patience(patience.left / 2)
        before = half.left
        try:
            return await half.wait(self._notes.add((token, owed)))
        except TimeoutError:
            self._not_before = time.monotonic() + _AGAIN_S
            raise _not_stored() from None
        finally:
            patience.left -= before - half.left

    async def owe(self, client: str, jti: str, expires: datetime) -> None:
        """Note that the log could not be asked about this one."""
        seen, token = self._seen, _token(client, jti, expires)
        if seen is not None:
            with contextlib.suppress(StoreError):
                await self._here.run(lambda: seen.owe(token), self._limit_s)

    async def tell(self, limit_s: float) -> None:
        """Tell the log what it has not been told of.

        Raises:
            StoreError: it is away.
        """
        seen = self._seen
        if self._in_log is None or seen is None:
            return
        owed = await self._here.run(seen.owed, limit_s)
        if owed:
            await self._there.run(lambda: self._use(owed), limit_s)
            await self._here.run(lambda: seen.told(owed), limit_s)

    def close(self) -> None:
        """Give the file back."""
        self._here.close()
        self._there.close()
        if self._seen is not None:
            self._seen.close()

    def _note(self, items: Sequence[tuple[_Token, bool]]) -> list[bool]:
        if self._seen is None:
            if time.monotonic() - self._tried < _AGAIN_S:
                raise _not_stored()
            self._tried = time.monotonic()
            self._seen = SeenTokens(self._path, self._kept_s)
        try:
            return self._seen.use(items)
        except StoreError as error:
            # After most errors SQLite is better begun anew; not where another only holds the file.
            if not error.kind.startswith("SQLITE_BUSY"):
                self._seen.close()
                self._seen = None
            raise

    def _use(self, tokens: Sequence[_Token]) -> list[bool]:
        if self._in_log is None:
            return []
        return self._in_log(tokens, int(self._clock().timestamp()))


def _not_stored() -> StoreError:
    return StoreError("used tokens", "cannot be stored.", "It will be retried shortly.")


def _token(client: str, jti: str, expires: datetime) -> _Token:
    return token_name(client, jti), int(expires.timestamp())
