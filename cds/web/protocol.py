"""uvicorn's HTTP/1.1, with limits on how long a connection may take to ask and to read."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cds.web.operating.memory import ran_out
from cds.web.refusals import OVERLOADED, RETRY_S, SECURITY, outcome, outcome_issue
from cds.wire import JsonObject

# In the `extensions` of an ASGI scope, once the whole body has come: gives it without waiting.
WHOLE_BODY = "cds.whole_body"
# And there: takes a whole answer at once, and says whether it did.
WHOLE_ANSWER = "cds.whole_answer"
_OK = b"HTTP/1.1 200 OK\r\n"
HEADER_SECONDS = 10.0
HEADER_BYTES = 65_536
UNREAD_SECONDS = 10.0
# Connections at once whose answers are not read: each holds some 300 kB, and counts as a request.
MOST_UNREAD = 200


class TimedProtocol(HttpToolsProtocol):
    """Closes a connection that has not sent a whole head in time, first or next (slowloris).

    And one that does not read what it asked for: some time later, or at once if there are many.
    """

    base = ""  # the canonical base, once the service of this process knows it
    most = 1000  # connections at once
    unread: ClassVar[dict["TimedProtocol", "_Reader"]] = {}  # the longest first

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._full = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for the first head."""
        super().connection_made(cast("asyncio.Transport", _Corked(transport, self.loop)))
        self._full = len(self.connections) > self.most
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting as soon as a request is being answered; wait for the rest of a next head."""
        if self._full:
            self._overloaded()
            return
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif self.cycle is None or self.cycle.response_complete:
            self._wait()
            self._head_bytes += len(data)
            if self._head_bytes > HEADER_BYTES:
                self._refuse(
                    "431 Request Header Fields Too Large",
                    "too-long",
                    "The request headers are too long.",
                )

    def on_message_complete(self) -> None:
        """Tell the application, mostly before it has begun, that it need not wait for the body."""
        super().on_message_complete()
        if self.cycle is not None:
            cast("dict[str, Any]", self.cycle.scope)["extensions"] = {
                WHOLE_BODY: self._body,
                WHOLE_ANSWER: self._answer,
            }

    def _body(self, scope: Any) -> bytes | None:
        """The body, as `receive` would give it, where nothing is unusual; else nothing is taken."""
        cycle = self.cycle
        if cycle.scope is not scope or cycle.disconnected or cycle.response_complete:
            return None
        if cycle.waiting_for_100_continue:
            return None
        cycle.flow.resume_reading()
        cycle.message_event.clear()
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _answer(self, scope: Any, head: bytes, body: bytes) -> bool:
        """Send an answer of status 200, where nothing is unusual; else send nothing: False.

        `head`: header lines of ours, with that of the length and the empty one at the end. uvicorn
        takes head and body one by one and looks at every header for what could not be one: a third
        of all that it does for a call.
        """
        cycle = self.cycle
        if cycle.scope is not scope or not cycle.keep_alive or cycle.response_started:
            return False
        if cycle.disconnected or cycle.flow.write_paused or self.transport.is_closing():
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        dated = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
        # Nothing follows that could go with it, so it need not wait for the end of the turn.
        cast("_Corked", self.transport).write_now(b"".join((_OK, dated, head, body)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def pause_writing(self) -> None:
        """Begin to wait for a reader; of too many, who has not read for longest is cut off."""
        super().pause_writing()
        if len(self.unread) >= MOST_UNREAD:
            next(iter(self.unread)).cut_off()
        self.unread[self] = _Reader(self.loop, self.transport, self.cut_off)

    def resume_writing(self) -> None:
        """Most of it was read."""
        self._is_read()
        super().resume_writing()

    def cut_off(self) -> None:
        """End the connection, and forget what it was to be sent."""
        self._is_read()
        self.transport.abort()

    def _is_read(self) -> None:
        reader = self.unread.pop(self, None)
        if reader is not None:
            reader.forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_waiting()
        self._is_read()
        super().connection_lost(exc)
        cast("_Corked", self.transport).ended()  # uvicorn has just closed it once more
        if self.cycle is not None:  # it leads back here: only the collector would free it
            cast("dict[str, Any]", self.cycle.scope).pop("extensions", None)

    def send_400_response(self, msg: str) -> None:
        """Say that a request is not HTTP, as every refusal is said."""
        del msg
        behind = getattr(sys.exception(), "__context__", None)
        if isinstance(behind, MemoryError):  # what the parser called failed, not the request
            ran_out(behind)
            self._overloaded()
            return
        self._refuse("400 Bad Request", "structure", "is not valid HTTP/1.1.")

    def _overloaded(self) -> None:
        issue = outcome_issue("transient", "service", OVERLOADED, severity="fatal", base=self.base)
        self._turn_away("503 Service Unavailable", issue, f"retry-after: {RETRY_S}\r\n")

    def _refuse(self, status: str, code: str, text: str) -> None:
        self._turn_away(status, outcome_issue(code, "request", text, base=self.base))

    def _turn_away(self, status: str, issue: JsonObject, more: str = "") -> None:
        """An answer to what never became a request."""
        if self.transport.is_closing():
            return
        body = outcome([issue])
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/fhir+json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n{more}"
            + "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in SECURITY)
            + "\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _wait(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()


class _Reader:
    """Cuts off whoever reads nothing for a while of what it was sent.

    Over a slow line a long answer takes its time: whoever reads some of it is waited for.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.WriteTransport,
        cut_off: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._cut_off = cut_off
        self._wait()

    def forget(self) -> None:
        """It has read enough, or has gone."""
        self._timer.cancel()

    def _wait(self) -> None:
        left = self._transport.get_write_buffer_size()
        self._timer = self._loop.call_later(UNREAD_SECONDS, self._look_again, left)

    def _look_again(self, before: int) -> None:
        if self._transport.get_write_buffer_size() < before:
            self._wait()
        else:
            self._cut_off()


class _Corked:
    """A transport that sends at once what is written in one turn of the loop.

    uvicorn writes the head of an answer and its body apart: two calls of the system, two packets.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._last: _Reader | None = None
        self.is_closing = transport.is_closing  # asked for each answer

    def write(self, data: bytes) -> None:
        """Send it with what else is written in this turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def write_now(self, data: bytes) -> None:
        """Send it at once, behind what is written already."""
        self._flush()
        self._transport.write(data)

    def close(self) -> None:
        """Send what is written, then close; for a reader that does not come it waits a while."""
        self._flush()
        if self._last is None:
            self._last = _Reader(self._loop, self._transport, self._transport.abort)
        self._transport.close()

    def ended(self) -> None:
        """It is closed."""
        if self._last is not None:
            self._last.forget()

    def _flush(self) -> None:
        if self._parts and not self._transport.is_closing():  # the caller may have gone meanwhile
            self._transport.write(b"".join(self._parts))
        self._parts.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
