"""Who is calling: a signed token of a registered client, or nobody. A refusal never says why.

Checklist S-4 to S-10 and threats 1 to 7. Nothing in the token is believed before its signature
holds, except which registered key to try; `exp - iat` is bounded, and a `jti` is good for one call.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import jwt

from cds.web.operating.patience import Patience
from cds.web.refusals import UnauthorizedError
from cds.web.settings import Client, Config
from cds.web.trust import claims
from cds.web.trust.claims import SKEW_S
from cds.web.trust.keys import Keys
from cds.web.trust.throttle import Throttle

VERIFIERS = 2  # threads; a signature takes a millisecond
NARROW = 2  # signatures at a time for a peer with many failures behind it
FAILED_PER_MINUTE = 60

UseOnce = Callable[[str, str, datetime, Patience], Awaitable[bool]]

ANYONE = Client(name="anonymous")


class Claimed(NamedTuple):
    """What a token says of itself: in shape, of its time and of a known key; not proven yet."""

    client: Client
    token: str
    key: jwt.PyJWK
    jti: str
    expires: datetime


class Door:
    """Tells which client sent a request.

    In three steps, so that nobody pays for a token that cannot be good: `look` at what it says,
    `prove` its signature, `admit` it once.
    """

    def __init__(
        self,
        config: Config,
        keys: Keys,
        use_once: UseOnce,
        clock: Callable[[], datetime],
        failures: Throttle | None = None,
    ) -> None:
        """`use_once(client, jti, expires, patience)` is true the first time, in any worker."""
        self._config = config
        self._keys = keys
        self._use_once = use_once
        self._clock = clock
        self._failures = failures or Throttle(FAILED_PER_MINUTE, time.monotonic)
        self._gates: dict[str, _Gate] = {}
        self._threads = ThreadPoolExecutor(VERIFIERS, thread_name_prefix="signatures")

    def close(self) -> None:
        """End its threads."""
        self._threads.shutdown(wait=False)

    def asks(self, authorization: str | None, *, needed: bool) -> bool:
        """Whether there is a token to look at, or must be one.

        `needed` false: no header is no fault, but a bad one is.
        """
        return self._config.auth.required and (needed or authorization is not None)

    async def look(self, authorization: str | None, url: str, peer: str) -> Claimed:
        """What the token claims, if it can be good for this very `url`.

        Raises:
            UnauthorizedError: anything else.
        """
        try:
            return await self._claimed(authorization, url)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, OSError):
            self._failures.wait(peer)
            raise UnauthorizedError("malformed") from None
        except UnauthorizedError:
            self._failures.wait(peer)
            raise

    async def prove(self, claimed: Claimed, peer: str) -> None:
        """Check the signature, in a thread.

        A peer with many failures behind it has two checked at a time; it is never refused for
        them, since a hospital may stand behind the same address.

        Raises:
            UnauthorizedError: it does not hold.
        """
        if await self._signed(claimed.token, claimed.key, peer):
            return
        other = await self._keys.renewed(claimed.client, claimed.key)
        if other is None or not await self._signed(claimed.token, other, peer):
            self._failures.wait(peer)
            raise UnauthorizedError("signature")

    async def _signed(self, token: str, key: jwt.PyJWK, peer: str) -> bool:
        async with self._turn(peer):
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._threads, signature_holds, token, key)
            except RuntimeError:  # the system gives no more threads: rather here than not at all
                return signature_holds(token, key)

    async def admit(self, claimed: Claimed, peer: str, patience: Patience) -> Client:
        """The client, if this token was not used before.

        Raises:
            UnauthorizedError: it was.
        """
        used = self._use_once(claimed.client.name, claimed.jti, claimed.expires, patience)
        if not await used:
            self._failures.wait(peer)
            raise UnauthorizedError("replay")
        return claimed.client

    @asynccontextmanager
    async def _turn(self, peer: str) -> AsyncIterator[None]:
        if peer not in self._gates and not self._failures.empty(peer):
            yield
            return
        gate = self._gates.setdefault(peer, _Gate())
        gate.inside += 1
        try:
            async with gate.turns:
                yield
        finally:
            gate.inside -= 1
            if not gate.inside:
                self._gates.pop(peer, None)

    async def _claimed(self, authorization: str | None, url: str) -> Claimed:
        spoken = claims.read_header(authorization)
        client = claims.client_of(self._config, spoken)
        now = self._clock().timestamp()
        found = claims.token_faults(spoken, client, claims.longest(self._config, client), url, now)
        for reason in found:
            raise UnauthorizedError(reason)
        key = await self._keys.find(client, spoken.kid)
        if key is None:
            away = client.name in self._keys.missing()
            raise UnauthorizedError("keys-not-fetched" if away else "key-not-found")
        if spoken.header.get("alg") != key.algorithm_name:
            raise UnauthorizedError("algorithm")
        expires = datetime.fromtimestamp(spoken.claims["exp"], UTC) + timedelta(seconds=SKEW_S)
        return Claimed(client, spoken.token, key, spoken.claims["jti"], expires)


@dataclass(slots=True)
class _Gate:
    """Where the signatures of one peer wait for their turn."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(NARROW))
    inside: int = 0


def signature_holds(token: str, key: jwt.PyJWK) -> bool:
    """Whether the key signed the token. Its times were checked against the clock handed in."""
    try:
        jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError):
        return False
    return True
