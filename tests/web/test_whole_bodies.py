"""A body that has come whole is read without a clock; any other is waited for, and not for ever."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from cds.web.protocol import WHOLE_BODY, TimedProtocol

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"


class Sink(asyncio.Transport):
    """A connection of which nobody reads the other end."""

    def write(self, data: Any) -> None:
        del data

    def get_write_buffer_size(self) -> int:
        return 1

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        """It was never paused."""

    def close(self) -> None:
        """Nothing is open."""


async def _told(*pieces: bytes) -> tuple[bool, bytes]:
    """Whether the application is told at its begin that all is here, and what it then reads."""
    begun: list[bool] = []
    read = bytearray()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.append(WHOLE_BODY in scope.get("extensions", ()))
        if begun[-1]:
            read.extend(scope["extensions"][WHOLE_BODY](scope))
        more = not begun[-1]
        while more:
            message = await receive()
            read.extend(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(app, log_config=None)
    config.load()
    protocol = TimedProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(Sink())
    for piece in pieces:
        protocol.data_received(piece)
        await asyncio.sleep(0.01)
    protocol.connection_lost(None)
    return begun[0], bytes(read)


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ((HEAD + b"abcd",), True),
        ((HEAD, b"abcd"), False),
        ((HEAD + b"ab", b"cd"), False),
    ],
)
def test_only_a_body_that_has_come_whole_is_said_to_be(
    pieces: tuple[bytes, ...], whole: bool
) -> None:
    assert asyncio.run(_told(*pieces)) == (whole, b"abcd")


async def _taken(head: bytes, *, gone: bool) -> Any:
    """What is given of a body that has come whole, when it is asked for after that."""
    given: list[Any] = []
    asked, done = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive, send
        await asked.wait()
        given.append(scope["extensions"][WHOLE_BODY](scope))
        done.set()

    config = uvicorn.Config(app, log_config=None)
    config.load()
    protocol = TimedProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(Sink())
    protocol.data_received(head + b"abcd")
    protocol.cycle.disconnected = gone
    asked.set()
    await asyncio.wait_for(done.wait(), 10)
    return given[0]


@pytest.mark.parametrize(
    ("head", "gone", "given"),
    [
        (HEAD, False, b"abcd"),
        (HEAD, True, None),
        (HEAD.replace(b"host", b"expect: 100-continue\r\nhost"), False, None),
    ],
)
def test_a_body_is_given_at_once_unless_its_caller_has_gone_or_waits_for_leave(
    head: bytes, gone: bool, given: Any
) -> None:
    assert asyncio.run(_taken(head, gone=gone)) == given
