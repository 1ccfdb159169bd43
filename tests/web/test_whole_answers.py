"""A usual answer goes out in one piece, and what is read of it is what uvicorn would have sent."""

import asyncio
import gc
import json
import weakref
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from cds.web import protocol as module
from cds.web.app import application
from cds.web.protocol import TimedProtocol
from tests.web.conftest import ORIGIN

NOW = datetime.now(UTC)


class Wire(asyncio.Transport):
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False
        self.aborted = False
        self.unread = [1]  # bytes, at each look; the last stays

    def get_write_buffer_size(self) -> int:
        return self.unread.pop(0) if len(self.unread) > 1 else self.unread[0]

    def write(self, data: Any) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Of several requests at once the later ones wait."""

    def resume_reading(self) -> None:
        """And go on."""

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


async def _answered(service: Any, data: bytes, *, slow: bool = False) -> tuple[bytes, bool]:
    """What was sent, and whether the connection was closed. `slow`: nobody reads for a while."""
    config = uvicorn.Config(application(service), log_config=None, access_log=False)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Mon, 30 Nov 2026 12:00:00 GMT")]
    protocol = TimedProtocol(config, state, {}, asyncio.get_running_loop())
    wire = Wire()
    protocol.connection_made(wire)
    if slow:
        protocol.pause_writing()
    protocol.data_received(data)
    for _ in range(20):
        await asyncio.sleep(0)
    if slow:
        assert wire.sent == b""
        protocol.resume_writing()
        for _ in range(20):
            await asyncio.sleep(0)
    ended = wire.closed
    protocol.connection_lost(None)
    return wire.sent, ended


@pytest.fixture
def sends(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What uvicorn was given to send, by kind."""
    told: list[str] = []
    usual = RequestResponseCycle.send

    async def send(cycle: Any, message: Any) -> None:
        told.append(message["type"])
        await usual(cycle, message)

    monkeypatch.setattr(RequestResponseCycle, "send", send)
    return told


def _request(sent: Any, *headers: str, version: str = "1.1", path: str = "") -> bytes:
    body = json.dumps(sent).encode()
    where = path or "/cds-services/cramps-patient-view"
    lines = [f"POST {where} HTTP/{version}", "host: x", "content-type: application/json"]
    head = "\r\n".join([*lines, f"content-length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({}, True),
        ({"headers": ("accept-language: de",)}, True),
        ({"headers": (f"origin: {ORIGIN}",)}, False),
        ({"headers": ("connection: close",)}, False),
        ({"version": "1.0"}, False),
        ({"path": "/cds-services/none"}, False),
        ({"slow": True}, False),
    ],
)
def test_it_is_sent_as_uvicorn_would_send_it(
    serve: Any,
    body: Any,
    sends: list[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    whole: bool,
) -> None:
    service = serve(clock=lambda: NOW).service
    slow = "slow" in changes
    more = {key: changes[key] for key in ("version", "path") if key in changes}
    data = _request(body(), *changes.get("headers", ()), **more)

    ours = asyncio.run(_answered(service, data, slow=slow))
    assert (sends == []) is whole
    monkeypatch.setattr(module, "WHOLE_ANSWER", "nobody's")
    theirs = asyncio.run(_answered(service, data, slow=slow))

    assert sends
    assert ours == theirs
    assert ours[0].startswith(b"HTTP/1.1 ")


def test_nothing_of_a_call_waits_for_the_collector(
    serve: Any, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve(clock=lambda: NOW).service
    seen: list[weakref.ref[Any]] = []
    usual = RequestResponseCycle.run_asgi

    async def run_asgi(cycle: Any, app: Any) -> None:
        seen.append(weakref.ref(cycle))
        await usual(cycle, app)

    monkeypatch.setattr(RequestResponseCycle, "run_asgi", run_asgi)
    gc.disable()
    try:
        asyncio.run(_answered(service, _request(body()) + _request(body())))
        assert len(seen) == 2
        assert [one() for one in seen] == [None, None]
    finally:
        gc.enable()


def test_several_requests_at_once_are_answered_in_their_order(serve: Any, body: Any) -> None:
    service = serve(clock=lambda: NOW).service
    first, second = _request(body()), _request(body("no-urine", hookInstance="x"))

    together, _ = asyncio.run(_answered(service, first + second + first))

    alone = [asyncio.run(_answered(service, one))[0] for one in (first, second, first)]
    assert together == b"".join(alone)
    assert alone[1].startswith(b"HTTP/1.1 400")


def _connected(wire: Wire) -> TimedProtocol:
    config = uvicorn.Config(lambda *_: None, log_config=None)
    config.load()
    protocol = TimedProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(wire)
    return protocol


@pytest.mark.parametrize("lost", [True, False])
def test_a_connection_that_has_ended_is_not_kept_for_its_reader(
    lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would stay in memory for as long as one waits for who does not read."""
    monkeypatch.setattr(module, "UNREAD_SECONDS", 0.0)
    wire = Wire()

    async def ended() -> None:
        protocol = _connected(wire)
        if lost:
            protocol.connection_lost(None)
        else:
            protocol.transport.close()
        await asyncio.sleep(0.01)

    asyncio.run(ended())

    assert wire.aborted is not lost


@pytest.mark.parametrize("closing", [True, False])
@pytest.mark.parametrize(("unread", "cut"), [([9, 6, 3, 3], True), (list(range(99, 0, -1)), False)])
def test_who_reads_slowly_is_waited_for_as_long_as_it_reads(
    unread: list[int], cut: bool, closing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UNREAD_SECONDS", 0.01)
    wire = Wire()
    wire.unread = [*unread]

    async def read_slowly() -> None:
        protocol = _connected(wire)
        if closing:
            protocol.transport.close()
        else:
            protocol.pause_writing()
        await asyncio.sleep(0.3)  # some thirty looks
        assert wire.aborted is cut
        protocol.connection_lost(None)
        assert protocol not in TimedProtocol.unread

    asyncio.run(read_slowly())
