"""Fetches from the EHR what the prefetch lacks: from its registered address only, within a budget.

The access token is held for the request and goes nowhere else. What is slow, broken, huge or
elsewhere leaves its key as it was; the answer then says what was not available.
"""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from cds import wire
from cds.core.model import NOTHING
from cds.errors import Unreadable
from cds.web.contract.prefetch import KNOWN, TYPES, Arrival, Supply, supply_of
from cds.web.contract.shapes import FhirAuthorization
from cds.web.settings import Client, Config
from cds.web.trust.outbound import OutboundError, Resolve, get, http_client, resolve

MOST_PAGES = 10
BARE_FHIR_JSON = "application/fhir+json"


class Ehr:
    """Reads from the FHIR servers of the registered clients."""

    def __init__(
        self, config: Config, resolve: Resolve = resolve, budget_ms: int | None = None
    ) -> None:
        """Connections are made when they are first needed, one pool per client."""
        self._config = config
        self._budget_s = (budget_ms or config.limits.ehr_budget_ms) / 1000
        self._resolve = resolve
        self._http: dict[str, httpx.AsyncClient] = {}

    async def close(self) -> None:
        """Close the connections."""
        for http in self._http.values():
            await http.aclose()

    async def fetch(
        self,
        client: Client,
        authorization: FhirAuthorization | None,
        wanted: Sequence[Supply],
        queries: Mapping[str, str],
        plain: Mapping[str, str] = NOTHING,
    ) -> list[Supply]:
        """The wanted keys, each as far as it could be had before the budget ended.

        `plain`: what is asked instead where the server does not understand the query.
        """
        deadline = asyncio.get_running_loop().time() + self._budget_s
        headers = {"accept": BARE_FHIR_JSON}
        if authorization is not None:
            headers["authorization"] = f"Bearer {authorization.access_token}"
        return await asyncio.gather(
            *(
                self._one(client, headers, supply, (queries, plain), deadline)
                if authorization is None or in_scope(authorization.scope, TYPES[supply.key][0])
                else _outside(supply)
                for supply in wanted
            )
        )

    async def _one(
        self,
        client: Client,
        headers: dict[str, str],
        supply: Supply,
        asked: tuple[Mapping[str, str], Mapping[str, str]],
        deadline: float,
    ) -> Supply:
        """Page by page; pages that came in time are kept, and the rest is said to be missing."""
        base = client.fhir_base.rstrip("/")
        http = self._client(client)
        had = supply if supply.state == "partial" else None
        queries, plain = asked
        url = supply.next if had else f"{base}/{queries[supply.key]}"
        simpler = plain.get(supply.key)
        pages = 0
        try:
            async with asyncio.timeout_at(deadline):
                while url is not None:
                    if not _within(url, base) or pages == MOST_PAGES:
                        return _kept(had, _none(supply, "more pages than are read, or elsewhere"))
                    page = await self._page(http, url, headers, supply.key)
                    pages += 1
                    if page.state not in KNOWN and simpler and had is None:
                        url, simpler = f"{base}/{simpler}", None
                        continue
                    if page.state not in KNOWN:
                        return _kept(had, page)
                    url = page.next
                    had = _joined(had, page)
        except TimeoutError:
            return _kept(had, _none(supply, "not answered in time"))
        except OutboundError as error:
            return _kept(had, _none(supply, _words(error)))
        return had or supply

    async def _page(
        self, http: httpx.AsyncClient, url: str, headers: dict[str, str], key: str
    ) -> Supply:
        most = self._config.limits.body_bytes
        try:
            _, body = await get(http, url, headers, most)
        except OutboundError as error:
            if error.status not in _NOT_UNDERSTOOD:
                raise
            return _refused(key, error)
        try:
            value = wire.read(body, max_bytes=most)
        except Unreadable:
            return Supply(key, "wrong", fetched=True, why="not JSON")
        if value is None:
            return Supply(key, "wrong", fetched=True, why="not the resource that was asked for")
        return supply_of(key, value, fetched=True)

    def _client(self, client: Client) -> httpx.AsyncClient:
        http = self._http.get(client.name)
        if http is None:
            http = http_client(client.fhir_base, client, self._config, self._resolve)
            self._http[client.name] = http
        return http


async def _outside(supply: Supply) -> Supply:
    return Supply(
        supply.key, supply.state, supply.resources, supply.next, why="not in the token's scope"
    )


def _joined(had: Supply | None, page: Supply) -> Supply:
    """What was had and the page after it; whole only when no page is left."""
    resources = (*(had.resources if had else ()), *page.resources)
    partial = page.next is not None or page.state == "partial"
    state: Arrival = "partial" if partial else "given" if resources else "empty"
    return Supply(page.key, state, resources, page.next, fetched=True, why=page.why)


def _kept(had: Supply | None, page: Supply) -> Supply:
    """What came before it stopped: a part, or nothing."""
    if had is None:
        return page if page.state == "unsupported" else page._replace(state="failed", fetched=True)
    return Supply(page.key, "partial", had.resources, had.next, fetched=True, why=page.why)


def _none(supply: Supply, why: str) -> Supply:
    return Supply(supply.key, "failed", fetched=True, why=why)


# What a server answers to a query that it does not know: asked in a simpler way, it may answer.
_NOT_UNDERSTOOD = frozenset((400, 404, 405, 406, 410, 412, 422, 501))
# And to a type that it does not have.
_NO_SUCH_TYPE = frozenset((404, 405, 410, 501))


def _refused(key: str, error: OutboundError) -> Supply:
    """A refusal as a supply: the EHR has no such query, or it failed."""
    try:
        said = supply_of(key, wire.read(error.body), fetched=True)
    except Unreadable:
        said = Supply(key, "failed")
    if error.status in _NO_SUCH_TYPE or said.state == "unsupported":
        return Supply(key, "unsupported", fetched=True, why="not offered by this EHR")
    return Supply(key, "failed", fetched=True, why=_words(error))


def _words(error: OutboundError) -> str:
    """What became of a query, for the reader of a card."""
    if error.status in _NOT_ALLOWED:
        return f"not allowed, {error.status}"
    if error.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return f"server error, {error.status}"
    return f"refused, {error.status}" if error.status else _WHYS.get(error.why, "not reached")


# The words of `OutboundError`, as a clinician reads them.
_WHYS = {
    "not-reached": "not reached",
    "not-understood": "an answer that cannot be read",
    "too-long": "more than is read",
}
_NOT_ALLOWED = frozenset((401, 403))


def _within(url: str, base: str) -> bool:
    """Does the address lie under the registered base: scheme, host, port and path?"""
    if "\\" in url or any(ord(character) <= ord(" ") for character in url):
        return False
    try:
        there, here = urlsplit(url), urlsplit(base)
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError:
        return False
    if not same or there.username is not None or there.password is not None:
        return False
    if ".." in there.path.split("/") or "%2e" in there.path.lower() or "%2f" in there.path.lower():
        return False
    return there.path in {here.path, f"{here.path}/"} or there.path.startswith(f"{here.path}/")


def in_scope(scope: str, kind: str, word: str = "read", letters: str = "rs") -> bool:
    """Whether a token of this scope may read this type (SMART on FHIR, v1 and v2 syntax).

    `word` and `letters`: another right as v1 and as v2 write it; any of the letters will do.
    """
    for part in scope.split():
        level, _, rest = part.partition("/")
        name, _, rights = rest.partition("?")[0].partition(".")
        if level not in {"patient", "user", "system"} or name not in {kind, "*"}:
            continue
        if rights in {"*", word} or (set(rights) <= set("cruds") and set(letters) & set(rights)):
            return True
    return False
