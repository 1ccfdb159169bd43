"""The gates that a request with a body passes, in this order; each refuses before the next looks.

Size and time → media type → authentication → rate → strict JSON. Shape, allow-list and the decision
come after, where the route knows what it was sent.
"""

import asyncio
import math
from typing import Any

from cds import wire
from cds.errors import RequestError
from cds.web.refusals import ThrottledError
from cds.web.routes.endpoint import Call
from cds.web.service import Service
from cds.web.settings import Client

BODY_SECONDS = 4.0
MEDIA_TYPES = frozenset(("application/json", "application/fhir+json"))
MOST_ITEMS = 200_000


class GoneError(RequestError):
    """The caller went away before its request was whole."""

    def __init__(self) -> None:
        """Nobody will read the answer; it is for the log."""
        super().__init__(400, "body", "The request ended early.")


async def body_of(service: Service, call: Call) -> tuple[Client, bytes]:
    """Who is calling, and the bytes that were sent.

    Raises:
        RequestError: 413, 408, 415 or 429.
        UnauthorizedError: the token is missing or not good.
    """
    body = await _read(call, service.config.limits.body_bytes)
    _check_media_type(call)
    client = await identify(service, call, needed=True)
    return client, body


async def identify(service: Service, call: Call, *, needed: bool) -> Client:
    """Who is calling, within the rate that one client may call.

    Raises:
        RequestError: 429.
        UnauthorizedError: the token is missing (and `needed`) or not good.
    """
    url = service.public_url + call.path
    authorization = call.header(b"authorization")
    name = call.peer if authorization is None or not service.config.auth.required else None
    if name is not None:
        _throttle(service, f"address {name}")
        return await service.door.client_of(authorization, url, needed=needed)
    # A caller that keeps sending bad tokens must not use up the rate of the client it claims to be.
    _throttle(service, f"tokens of {call.peer}")
    client = await service.door.client_of(authorization, url, needed=needed)
    _throttle(service, f"client {client.name}")
    call.facts["client"] = client.name
    return client


def json_of(service: Service, body: bytes) -> Any:
    """The strict JSON of the body.

    Raises:
        Unreadable: it is not.
        RequestError: 422, more elements than any patient has.
    """
    value = wire.read(body, max_bytes=service.config.limits.body_bytes, where="body")
    # Counted only where there is room for so many: it takes as long as a fifth of the reading.
    if len(body) > MOST_ITEMS and body.count(b",") > MOST_ITEMS:
        raise RequestError(422, "body", "Holds too many elements.", "Send less.", code="too-costly")
    return value


async def _read(call: Call, most: int) -> bytes:
    declared = call.headers.get(b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared) > most):
        raise _too_long(most)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _parts(call, most)
    except TimeoutError:
        text = f"Not whole after {BODY_SECONDS:.0f} seconds."
        raise RequestError(408, "body", text, "Send it again.", code="timeout") from None


async def _parts(call: Call, most: int) -> bytes:
    parts = b""
    while True:
        message = await call.receive()
        if message["type"] != "http.request":
            raise GoneError
        part: bytes = message.get("body", b"")
        if len(parts) + len(part) > most:
            raise _too_long(most)
        parts = parts + part if parts else part
        if not message.get("more_body"):
            return parts


def _too_long(most: int) -> RequestError:
    return RequestError(413, "body", f"Longer than {most} bytes.", "Send less.", code="too-long")


def _check_media_type(call: Call) -> None:
    if call.headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RequestError(415, "content-encoding", "No compressed bodies.", code="not-supported")
    kind, _, parameters = (call.header(b"content-type") or "").lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "")
    if kind.strip() not in MEDIA_TYPES or (
        "charset=" in charset and "charset=utf-8" not in charset.split(";")
    ):
        hint = "Send application/json in UTF-8."
        raise RequestError(415, "content-type", "Not JSON.", hint, code="not-supported")


def _throttle(service: Service, name: str) -> None:
    seconds = service.throttle.wait(name)
    if seconds:
        raise ThrottledError(math.ceil(seconds))
