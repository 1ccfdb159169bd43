"""The public keys of the registered clients: read from a file, or fetched from the registered URL.

The key decides the algorithm, never the token. A URL in a token is never fetched. Fetching is
bounded: one attempt per client in 60 seconds, whatever is asked for; only while no key is held is
it tried after 1, 2, 4 … 60 seconds. A set is kept 5 minutes to 24 hours as its sender says, renewed
in the background, and keeps working for 24 hours when its place cannot be reached or gives no set.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import jwt

from cds import wire
from cds.errors import StoreError, Unreadable, UsageError
from cds.web.operating.lanes import Lane
from cds.web.operating.logs import event
from cds.web.settings import Client, Config
from cds.web.trust.jwks import ANY, is_key_set, keys_in, usable_keys
from cds.web.trust.outbound import OutboundError, Resolve, get, http_client, resolve

REFETCH_S = 60.0
FIRST_RETRY_S = 1.0
_LOOK_EVERY_S = 1.0
LEAST_AGE_S, DEFAULT_AGE_S, MOST_AGE_S = 300.0, 3600.0, 86_400.0
FILE_CHECK_S = 5.0
_FILE_S = 0.2  # to look at a key file: longer only where its disk hangs
_TIMEOUT_S = 2.0
MOST_BYTES = 262_144


@dataclass(slots=True)
class _Held:
    """What is known of one client's keys, and since when (monotonic seconds).

    `sets`: the keys of each of its addresses; of one that is away they are kept for a day.
    """

    keys: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    sets: dict[str, "_Set"] = field(default_factory=dict)
    fetched: float = float("-inf")
    tried: float = float("-inf")
    age: float = DEFAULT_AGE_S
    stamp: int = 0
    pause: float = 0.0  # until the next attempt, while no key is held
    task: asyncio.Task[None] | None = None

    def usable(self, now: float) -> bool:
        """Whether there are keys that may still be believed."""
        return bool(self.keys) and now - self.fetched <= MOST_AGE_S


class _Set(NamedTuple):
    """The keys of one address, when they came, and how long they may be kept."""

    keys: Mapping[str, jwt.PyJWK]
    fetched: float
    age: float


_Counted = Callable[..., None]


class Keys:
    """Finds the key of a client by its `kid`."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float],
        resolve: Resolve = resolve,
        counted: _Counted = lambda *_, **__: None,
    ) -> None:
        """Read the key files now, so that a missing one is told at start.

        `counted(client, held, failed=…)` is told of each fetch.

        Raises:
            UsageError: a key file that cannot be read or holds no usable key.
        """
        self._counted = counted
        self._config = config
        self._clock = clock
        self._held = {client.name: _Held() for client in config.clients}
        self._http: dict[str, httpx.AsyncClient] = {}
        self._resolve = resolve
        self._files = Lane("key file")
        for client in config.clients:
            if client.jwks_file:
                self._read_file(client, self._held[client.name])
                if not self._held[client.name].keys:
                    hint = "Give a JWK Set with public keys of the configured algorithms."
                    raise UsageError(client.jwks_file, "holds no usable key.", hint)

    async def find(self, client: Client, kid: str) -> jwt.PyJWK | None:
        """The key, or None.

        Looks again, at most once a minute, when `kid` is not among the known.
        """
        held = self._held[client.name]
        if client.jwks_file:
            await self._reread(client, held)
            return held.keys.get(kid) or held.keys.get(ANY)
        now = self._clock()
        key = held.keys.get(kid) if held.usable(now) else None
        if key is None:
            await self._fetched(client, held)
            return held.keys.get(kid) if held.usable(self._clock()) else None
        if now - held.fetched > held.age:
            self._start(client, held)  # nobody waits for a key that is held
        return key

    async def renewed(self, client: Client, key: jwt.PyJWK) -> jwt.PyJWK | None:
        """What goes by the name of this key now, if its place has been asked since; else None.

        For a key that did not sign what names it: another may have come under the same name. The
        place is asked as seldom as for a name that is not known.
        """
        if client.jwks_file or not client.jwks_url:
            return None
        held = self._held[client.name]
        await self._fetched(client, held)
        found = held.keys.get(key.key_id or "") if held.usable(self._clock()) else None
        return None if found is key else found

    def missing(self) -> list[str]:
        """The clients of whom no usable key is held: nothing that they send can be believed."""
        now = self._clock()
        return [client.name for client, held in self._fetchable() if not held.usable(now)]

    async def refresh(self) -> None:
        """Fetch what is due, and wait for it."""
        now = self._clock()
        await asyncio.gather(
            *(
                self._fetched(client, held)
                for client, held in self._fetchable()
                if not held.usable(now) or now - held.fetched > held.age
            )
        )

    async def refresh_forever(self) -> None:
        """Fetch what is due, before anybody asks for it."""
        while True:
            await self.refresh()
            await asyncio.sleep(_LOOK_EVERY_S)

    def reload(self) -> None:
        """Take up what has changed, at the next look: files anew, and what is fetched as well."""
        for held in self._held.values():
            held.tried = float("-inf")
            held.stamp = 0
            held.age = 0.0

    def _fetchable(self) -> list[tuple[Client, _Held]]:
        return [
            (client, self._held[client.name])
            for client in self._config.clients
            if client.jwks_url and not client.jwks_file
        ]

    async def close(self) -> None:
        """Close the connections."""
        self._files.close()
        for http in self._http.values():
            await http.aclose()

    async def _reread(self, client: Client, held: _Held) -> None:
        now = self._clock()
        if now - held.tried < FILE_CHECK_S:
            return
        held.tried = now
        try:
            await self._files.run(lambda: self._read_if_changed(client, held), _FILE_S)
        except (OSError, UsageError, StoreError) as error:
            # What is held stays good: a file that is being replaced is no revocation.
            why = {"client": client.name, "why": "file not read"}
            event("keys not fetched", why, level=logging.WARNING, error=error)

    def _read_if_changed(self, client: Client, held: _Held) -> None:
        if Path(client.jwks_file).stat().st_mtime_ns != held.stamp:
            self._read_file(client, held)

    def _read_file(self, client: Client, held: _Held) -> None:
        path = Path(client.jwks_file)
        try:
            stamp = path.stat().st_mtime_ns  # before what it stamps, which may change meanwhile
            held.keys = keys_in(path.read_bytes(), self._config.auth.algorithms)
            held.stamp = stamp  # of what was read: whatever could not be is tried again
        except OSError as error:
            raise UsageError(client.jwks_file, f"cannot be read: {error.strerror}.") from error
        except Unreadable as error:
            problem = f"is neither a JWK Set nor PEM: it {error.problem}"
            raise UsageError(client.jwks_file, problem) from error
        held.fetched = held.tried = self._clock()

    async def _fetched(self, client: Client, held: _Held) -> None:
        """Wait for the fetch that is under way, or is due."""
        task = self._start(client, held)
        if task is not None:
            # Whoever gives up must not end it for the others.
            await asyncio.wait((task,))

    def _start(self, client: Client, held: _Held) -> asyncio.Task[None] | None:
        if held.task is not None and not held.task.done():
            return held.task
        now = self._clock()
        if now - held.tried < (REFETCH_S if held.usable(now) else held.pause):
            return None
        before, held.tried = held.tried, now
        held.task = asyncio.get_running_loop().create_task(self._fetch(client, held, before))
        return held.task

    async def _fetch(self, client: Client, held: _Held, before: float) -> None:
        places = client.key_addresses
        try:
            faults = await asyncio.gather(*(self._fetch_set(client, held, one) for one in places))
        except asyncio.CancelledError:
            held.tried = before  # it was not the place's fault
            raise
        why = next((one for one in faults if one), "")
        if why and all(faults):
            self._failed(client, held, why)
            return
        now = self._clock()
        sets = [one for one in held.sets.values() if now - one.fetched <= MOST_AGE_S]
        found = {kid: key for one in sets for kid, key in one.keys.items()}
        self._take(client, held, found, min(one.age for one in sets))
        if why:
            event("keys not fetched", {"client": client.name, "why": why}, level=logging.WARNING)

    async def _fetch_set(self, client: Client, held: _Held, url: str) -> str:
        """Fetch the keys of one of its places; why that failed, or nothing."""
        pool = f"{client.name} {url}"
        http = self._http.get(pool)
        if http is None:
            http = self._http[pool] = http_client(url, client, self._config, self._resolve)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                accept = {"accept": "application/jwk-set+json, application/json"}
                headers, body = await get(http, url, accept, MOST_BYTES)
            said = wire.read(body)
            if not is_key_set(said):  # such as a page that says "maintenance", under status 200
                return "no key set"
            found = usable_keys(said, self._config.auth.algorithms)
        except OutboundError as error:
            return error.why
        except TimeoutError:
            return "not answered in time"
        except Unreadable:
            return "not JSON"
        except Exception as error:  # noqa: BLE001 - nobody waits for it, and it must not end unseen
            event("key fetch failed", {"client": client.name}, level=logging.ERROR, error=error)
            return "failed"
        held.sets[url] = _Set(found, self._clock(), _age(headers.get("cache-control", "")))
        return ""

    def _take(
        self, client: Client, held: _Held, found: Mapping[str, jwt.PyJWK], age: float
    ) -> None:
        held.keys, held.fetched, held.age = found, held.tried, age
        if not found:
            self._failed(client, held, "no usable key in it")
            return
        held.pause = 0.0
        self._counted(client.name, len(found), failed=False)

    def _failed(self, client: Client, held: _Held, why: str) -> None:
        """Keys that are held stay good until they are a day old."""
        if not held.usable(self._clock()):
            held.pause = min(max(FIRST_RETRY_S, 2 * held.pause), REFETCH_S)
        event("keys not fetched", {"client": client.name, "why": why}, level=logging.WARNING)
        self._counted(client.name, len(held.keys), failed=True)


def _age(cache_control: str) -> float:
    found = re.search(r"max-age=(\d{1,9})", cache_control)
    return min(max(float(found[1]), LEAST_AGE_S), MOST_AGE_S) if found else DEFAULT_AGE_S
