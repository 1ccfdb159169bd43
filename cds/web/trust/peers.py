"""Who a call comes from, as far as the network tells: its address, or the one that a proxy saw."""

import ipaddress
from collections.abc import Callable
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Whoever has one IPv6 address has all of its network: it is named by that.
HOST_BITS = 64
_MOST_KNOWN = 4096


def peers(trusted: tuple[str, ...]) -> Callable[[str, str | None], str]:
    """(address of the connection, X-Forwarded-For) → the name of who is behind it.

    The header is read from its end, and only as far as the networks of the site reach: what stands
    before them is the sender's own word.
    """
    networks = [ipaddress.ip_network(text) for text in trusted]

    def named(connected: str, forwarded: str | None) -> str:
        if not networks:
            return _name(connected)
        hops = [part.strip() for part in (forwarded or "").split(",") if part.strip()]
        address = connected
        while hops and _within(address, networks):
            address = hops.pop()
        return _name(address)

    return named


def _within(text: str, networks: list[Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)


@lru_cache(_MOST_KNOWN)  # asked several times for each call, and most callers come again
def _name(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:64]
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, HOST_BITS), strict=False))
    return str(address)
