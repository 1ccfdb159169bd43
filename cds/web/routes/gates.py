"""The gates that a request with a body passes, in this order; each refuses before the next looks.

Declared size → media type → token, with its signature → body, in size and time → token used once,
rate of the client → strict JSON. Shape, allow-list and the decision come after, where the route
knows what it was sent. Only failed tokens count against an address, and never against a good one.
"""

import asyncio
import math
from typing import Any

from cds import wire
from cds.core.model import NOTHING
from cds.errors import RequestError
from cds.web.protocol import WHOLE_BODY
from cds.web.refusals import ThrottledError
from cds.web.routes.endpoint import Call
from cds.web.service import Service
from cds.web.settings import Client
from cds.web.trust.auth import ANYONE, Claimed
from cds.web.trust.bodies import Bodies
from cds.web.trust.throttle import Throttle

BODY_SECONDS = 4.0
MEDIA_TYPES = frozenset(("application/json", "application/fhir+json"))
# As most write them, and so good without a closer look.
USUAL_TYPES = frozenset(one.encode() for one in MEDIA_TYPES)
MOST_ITEMS = 200_000


class GoneError(RequestError):
    """The caller went away before its request was whole."""

    def __init__(self) -> None:
        """Nobody will read the answer; it is for the log."""
        super().__init__(400, "body", "ended early.")


async def body_of(service: Service, call: Call) -> tuple[Client, bytes]:
    """Who is calling, and the bytes that were sent.

    Raises:
        RequestError: 413, 408, 415, 429 or 503.
        UnauthorizedError: the token is missing or not good.
    """
    most = service.config.limits.body_bytes
    _check_length(call, most)
    _check_media_type(call)
    peer = service.peer_of(call)
    if not service.door.asks(call.header(b"authorization"), needed=True):
        body = await _read(service, call, most, peer)
        return _anyone(service, peer), body
    claimed = await _proven(service, call, peer)
    body = await _read(service, call, most, claimed.client.name)
    return await _admitted(service, call, peer, claimed), body


async def identify(service: Service, call: Call, *, needed: bool) -> Client:
    """Who is calling, within the rate that one client may call.

    Raises:
        RequestError: 429.
        UnauthorizedError: the token is missing (and `needed`) or not good.
    """
    peer = service.peer_of(call)
    if not service.door.asks(call.header(b"authorization"), needed=needed):
        return _anyone(service, peer)
    return await _admitted(service, call, peer, await _proven(service, call, peer))


async def _proven(service: Service, call: Call, peer: str) -> Claimed:
    """Whose token it is; nothing of the body has been read, and nobody's rate is used by it."""
    url = service.public_url + call.path
    claimed = await service.door.look(call.header(b"authorization"), url, peer)
    await service.door.prove(claimed, peer)
    return claimed


def _anyone(service: Service, peer: str) -> Client:
    _throttle(service.throttle, f"address {peer}")
    return ANYONE


async def _admitted(service: Service, call: Call, peer: str, claimed: Claimed) -> Client:
    client = await service.door.admit(claimed, peer, call.patience)
    _throttle(service.throttle, f"client {client.name}")
    call.facts["client"] = client.name
    return client


def body_json(service: Service, body: bytes) -> Any:
    """The strict JSON of the body.

    Raises:
        Unreadable: it is not.
        RequestError: 422, more elements than any patient has.
    """
    value = wire.read(body, max_bytes=service.config.limits.body_bytes, where="body")
    # Counted only where there is room for so many: it takes as long as a fifth of the reading.
    if len(body) > MOST_ITEMS and body.count(b",") > MOST_ITEMS:
        raise RequestError(422, "body", "holds too many elements.", "Send less.", code="too-costly")
    return value


def _check_length(call: Call, most: int) -> None:
    declared = call.headers.get(b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared) > most):
        raise _too_long(most)


async def _read(service: Service, call: Call, most: int, name: str) -> bytes:
    here = call.scope.get("extensions", NOTHING).get(WHOLE_BODY)
    body: bytes | None = here(call.scope) if here else None
    if body is not None:
        _hold(service.bodies, call, (name, len(body)), len(body), most)
        return body
    try:
        with service.bodies.under_way(name):
            async with asyncio.timeout(BODY_SECONDS):
                return await _parts(service.bodies, call, name, most)
    except TimeoutError:
        text = f"did not arrive within {BODY_SECONDS:.0f} seconds."
        raise RequestError(408, "body", text, "Send it again.", code="timeout") from None


async def _parts(bodies: Bodies, call: Call, name: str, most: int) -> bytes:
    parts: list[bytes] = []
    length = 0
    while True:
        message = await call.receive()
        if message["type"] != "http.request":
            raise GoneError
        part: bytes = message.get("body", b"")
        length += len(part)
        _hold(bodies, call, (name, length), len(part), most)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _hold(bodies: Bodies, call: Call, held: tuple[str, int], new: int, most: int) -> None:
    """Hold so many new bytes of a body, all of which is given back when the call is answered."""
    if held[1] > most:
        raise _too_long(most)
    bodies.take(held[0], new)
    call.held = held


def _too_long(most: int) -> RequestError:
    return RequestError(413, "body", f"is longer than {most} bytes.", "Send less.", code="too-long")


def _check_media_type(call: Call) -> None:
    usual = call.headers.get(b"content-type") in USUAL_TYPES
    if usual and b"content-encoding" not in call.headers:
        return
    if call.headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RequestError(
            415,
            "content-encoding",
            "is not taken: send the body uncompressed.",
            code="not-supported",
        )
    kind, _, parameters = (call.header(b"content-type") or "").lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "")
    if kind.strip() not in MEDIA_TYPES or (
        "charset=" in charset and "charset=utf-8" not in charset.split(";")
    ):
        hint = "Send application/json in UTF-8."
        raise RequestError(415, "content-type", "is not JSON.", hint, code="not-supported")


def _throttle(throttle: Throttle, name: str) -> None:
    seconds = throttle.wait(name)
    if seconds:
        raise ThrottledError(math.ceil(seconds))
