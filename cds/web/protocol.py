"""uvicorn's HTTP/1.1, with a limit on how long a connection may take to say what it wants."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from cds.web.refusals import issue, outcome

HEADER_SECONDS = 10.0


class TimedProtocol(H11Protocol):
    """Closes a connection that has not sent a whole head in time, first or next (slowloris)."""

    base = ""  # the canonical base, once the service of this process knows it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def data_received(self, data: bytes) -> None:
        """Wait for the head of a next request from its first byte on."""
        if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._head_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)
        super().data_received(data)

    def handle_events(self) -> None:
        """Stop waiting as soon as a request is being answered."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        if self._head_timer is not None:
            self._head_timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say that a request is not HTTP, as every refusal is said."""
        del msg
        body = outcome([issue("structure", "request", "Is no valid HTTP/1.1.", base=self.base)])
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/fhir+json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n"
            "x-content-type-options: nosniff\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()
