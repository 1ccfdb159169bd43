"""Calls to the outside: one address resolved, checked and connected to; no redirect, no proxy.

A name is resolved once and the connection goes to the very address that was checked, so that a name
that answers differently the second time (DNS rebinding) gains nothing. TLS still checks the name.
"""

import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from typing import Any

import certifi
import httpcore
import httpx

from cds.errors import StoreError
from cds.web.config import is_loopback
from cds.web.operating.lanes import Batches, Lane
from cds.web.settings import Client, Config

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
# RFC 6052 and RFC 3056: IPv6 forms that carry an IPv4 address inside, which may be a private one.
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))

_LOOKUP_S = 5.0  # for the addresses of a name
MOST_OF_A_REFUSAL = 65_536


class OutboundError(Exception):
    """A call that was not made or brought nothing usable; `why` is one of a few words.

    `status` and `body` are what a server answered that refused.
    """

    def __init__(self, why: str, status: int = 0, body: bytes = b"") -> None:
        """Keep the word."""
        super().__init__(why)
        self.why = why
        self.status = status
        self.body = body


def is_public(text: str) -> bool:
    """Whether this is an address of the public internet."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in network for network in _CARRIERS):
            return False
    return address.is_global and not address.is_multicast


def may_be_private(url: str, client: Client, config: Config) -> bool:
    """Whether the site itself said that this address lies in a private network.

    Either by `allow_private`, or by registering a loopback or literal address while the service
    itself listens on loopback.
    """
    if client.allow_private:
        return True
    host = httpx.URL(url).host
    try:
        literal = not is_public(host)
    except ValueError:
        literal = is_loopback(host)
    return literal and is_loopback(config.server.host)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, each once, in the system's order; who asks together shares them.

    Raises:
        OSError: it has none, or is not found in time.
    """
    try:
        return await _lookups(host, port).add(None)
    except StoreError as late:
        message = "not resolved in time"
        raise OSError(message) from late


@cache  # only what is registered is ever looked up
def _lookups(host: str, port: int) -> Batches[None, list[str]]:
    """A thread for this name alone, which may hang.

    The event loop looks up two names at a time: two that hang would hold up those of all others, as
    well as its end.
    """

    def look_up(asked: Sequence[None]) -> list[list[str]]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [list(dict.fromkeys(str(entry[4][0]) for entry in found)) for _ in asked]

    return Batches(Lane("name of a host"), look_up, _LOOKUP_S)


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address that was checked, not to a name that could change its mind."""

    def __init__(self, *, private: bool, resolve: Resolve = resolve) -> None:
        """`private`: addresses of private networks are allowed."""
        self._private = private
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, refuse if any address is private, connect to the first that answers."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError("not resolved") from error
        if not addresses or not (self._private or all(map(is_public, addresses))):
            raise httpcore.ConnectError("not a public address")
        failure: Exception = httpcore.ConnectError("not reached")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never: no registered address is a socket of this machine."""
        raise httpcore.ConnectError("no socket files")

    async def sleep(self, seconds: float) -> None:
        """As the wrapped backend does."""
        await self._inner.sleep(seconds)


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that are believed; read once, since reading them takes 100 ms."""
    context = ssl.create_default_context()  # honours SSL_CERT_FILE: a hospital's own authority
    context.load_verify_locations(certifi.where())
    return context


class PinnedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a `PinnedBackend`."""

    def __init__(self, *, private: bool, resolve: Resolve = resolve) -> None:
        """One pool per registered client: its connections are never another's."""
        super().__init__(verify=trusted(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted(),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=30,
            network_backend=PinnedBackend(private=private, resolve=resolve),
        )


def http_client(
    url: str, client: Client, config: Config, resolve: Resolve = resolve
) -> httpx.AsyncClient:
    """The only way out for what is registered at `url`."""
    transport = PinnedTransport(private=may_be_private(url, client, config), resolve=resolve)
    return httpx.AsyncClient(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(5.0),
        headers={"user-agent": "cramp-cds"},
    )


async def get(
    http: httpx.AsyncClient, url: str, headers: dict[str, str], max_bytes: int
) -> tuple[httpx.Headers, bytes]:
    """The body of a 200, never more than `max_bytes` of it.

    Raises:
        OutboundError: refused, redirected, too long, or not reached.
    """
    try:
        async with http.stream("GET", url, headers=headers) as answer:
            refused = answer.status_code != httpx.codes.OK
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if refused and len(body) > MOST_OF_A_REFUSAL:
                    break
                if len(body) > max_bytes:
                    raise OutboundError("too-long")
            if refused:
                why = f"status-{answer.status_code}"
                raise OutboundError(why, answer.status_code, bytes(body))
            return answer.headers, bytes(body)
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise OutboundError("not-reached") from error
    except (httpx.InvalidURL, httpcore.ProtocolError, ValueError) as error:
        raise OutboundError("not-understood") from error
