"""The outermost shell of every route: what every answer has, and what becomes of every error.

An ASGI application per route, without the layers between: CORS and security headers stand on errors
as well, and whatever goes wrong is answered, logged and counted in one place.
"""

import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from cds.core.model import NOTHING
from cds.errors import CdsError
from cds.web.operating.aside import SMALL
from cds.web.operating.logs import event
from cds.web.operating.memory import ran_out
from cds.web.operating.patience import Patience
from cds.web.protocol import WHOLE_ANSWER
from cds.web.refusals import (
    OVERLOADED,
    RETRY_S,
    SECURITY,
    Reply,
    UnauthorizedError,
    refuse,
    reply_to,
)
from cds.web.service import Service

SERVER_ERROR = 500
USUAL = 200
SECURITY_LINES = b"".join([b"%b: %b\r\n" % header for header in SECURITY])
MOST_HEADERS = 64
MOST_AT_ONCE = 1000  # requests
ALIVE = "/livez"  # answered always
ALLOWED_HEADERS = b"authorization, content-type, accept, x-requested-with"
PREFLIGHT_AGE = b"600"
CLOSE = ((b"connection", b"close"),)


class Call:
    """One request, as the handlers see it."""

    __slots__ = (
        "facts",
        "headers",
        "held",
        "method",
        "params",
        "patience",
        "read",
        "receive",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive, store_s: float = 0.0) -> None:
        """Read the headers once; a header that must be single and is not makes the request bad.

        `store_s`: how long all calls of the decision log for this request may take together.
        """
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.params: Mapping[str, Any] = scope.get("path_params", {})
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.facts: dict[str, str | int] = {}
        self.held: tuple[str, int] | None = None  # bytes of the body, in whose name
        self.read: object = None  # the JSON of the body
        self.patience = Patience(store_s)

    def header(self, name: bytes) -> str | None:
        """A header as text, or None."""
        value = self.headers.get(name)
        return value.decode("latin-1") if value is not None else None

    @property
    def path(self) -> str:
        """The path as it was sent, percent signs and all."""
        raw: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        return raw.partition(b"?")[0].decode("latin-1")

    @property
    def query(self) -> str:
        """The query as it was sent."""
        return self.scope["query_string"].decode("latin-1")  # type: ignore[no-any-return]  # bytes

    @property
    def peer(self) -> str:
        """The address that the connection came from."""
        client = self.scope.get("client")
        return client[0] if client else "local"


Handler = Callable[[Service, Call], Awaitable[Reply]]
_Problem = Callable[[Exception, Call], Reply]


class Endpoint:
    """One route: its methods, and everything that is the same for all routes."""

    def __init__(
        self,
        service: Service,
        route: str,
        handlers: Mapping[str, Handler],
        problem: _Problem | None = None,
    ) -> None:
        """`route` is the template: logs and metrics never hold a path as it was sent.

        `problem`: how an error is told to a person, where one reads the answer.
        """
        self._problem = problem
        self._service = service
        self._route = route
        self._store_s = service.config.limits.store_ms / 1000
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers["HEAD"] = handlers["GET"]
        self._methods = ", ".join((*self._handlers, "OPTIONS")).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens."""
        began = time.perf_counter()
        call = Call(scope, receive, self._store_s)
        load = self._service.load
        load.now += 1
        try:
            full = load.now > MOST_AT_ONCE and self._route != ALIVE
            reply = self._overloaded() if full else await self._reply(call)
            if not _sent_whole(call, reply):
                await self._send(call, reply, send)
        finally:
            load.now -= 1
            if call.held is not None:
                self._free(call, *call.held)
        self._tell(call, reply, time.perf_counter() - began)

    def _free(self, call: Call, name: str, length: int) -> None:
        """Give back the room of the body, and a big one's memory in small pieces."""
        self._service.bodies.free(name, length)
        if length > SMALL and call.read is not None:
            self._service.aside.let_go(call.read)

    def _overloaded(self) -> Reply:
        retry = ((b"retry-after", str(RETRY_S).encode()),)
        base = self._service.base
        return refuse(503, "service", OVERLOADED, base=base, headers=retry)

    async def _send(self, call: Call, reply: Reply, send: Send) -> None:
        body = reply.body
        headers = [
            (b"content-type", reply.media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            *(_secured(reply) if reply.headers else SECURITY),
        ]
        if b"origin" in call.headers:
            headers += self._cors(call)
        if not body:
            del headers[0]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _tell(self, call: Call, reply: Reply, seconds: float) -> None:
        self._service.metrics.request(self._route, reply.status, seconds)
        if self._service.log_requests:
            said = {
                "method": call.method if call.method in self._handlers else "OTHER",
                "route": self._route,
                "status": reply.status,
                "ms": round(seconds * 1000, 2),
                "bytes": len(reply.body),
                **call.facts,
                **reply.facts,
            }
            event("request", said)

    async def _reply(self, call: Call) -> Reply:
        base = self._service.base
        try:
            bad = _malformed(call, base)
            if bad is not None:
                return bad
            if call.method == "OPTIONS":
                return Reply(204, b"", headers=((b"allow", self._methods),))
            handler = self._handlers.get(call.method)
            if handler is None:
                allow = ((b"allow", self._methods),)
                return refuse(405, "method", "is not offered here.", base=base, headers=allow)
            return await handler(self._service, call)
        except MemoryError as error:
            ran_out(error)
            return self._overloaded()
        except Exception as error:  # noqa: BLE001 (the outermost shell: a fault of ours is said, not hidden)
            return self._failed(error, call)

    def _failed(self, error: Exception, call: Call) -> Reply:
        """The answer to an error; a fault of ours is told to the log as well."""
        if self._problem is not None:
            return self._problem(error, call)
        if isinstance(error, UnauthorizedError):
            call.facts["refused"] = error.reason
            self._service.metrics.refused(error.reason)
        reply = reply_to(error, self._service.base)
        expected = isinstance(error, CdsError | UnauthorizedError)
        if not expected or reply.status >= SERVER_ERROR:
            _told(error, call)
        return reply

    def _cors(self, call: Call) -> tuple[tuple[bytes, bytes], ...]:
        """The headers for a browser of a named origin; for any other none at all."""
        origin = call.headers.get(b"origin")
        if origin is None:
            return ()
        if not self._service.origins(origin.decode("latin-1")):
            return ((b"vary", b"Origin"),)
        allowed = ((b"access-control-allow-origin", origin), (b"vary", b"Origin"))
        if call.method != "OPTIONS":
            return (*allowed, (b"access-control-expose-headers", b"retry-after"))
        return (
            *allowed,
            (b"access-control-allow-methods", self._methods),
            (b"access-control-allow-headers", ALLOWED_HEADERS),
            (b"access-control-max-age", PREFLIGHT_AGE),
        )


def _sent_whole(call: Call, reply: Reply) -> bool:
    """Whether it was a usual answer, and the server took it as one piece."""
    whole = call.scope.get("extensions", NOTHING).get(WHOLE_ANSWER)
    if whole is None or reply.status != USUAL or call.method != "POST":
        return False
    if reply.headers or not reply.body or b"origin" in call.headers:
        return False
    head = b"content-type: %b\r\ncontent-length: %d\r\n%b\r\n"
    body = reply.body
    lines = head % (reply.media_type.encode(), len(body), SECURITY_LINES)
    sent: bool = whole(call.scope, lines, body)
    return sent


def _secured(reply: Reply) -> tuple[tuple[bytes, bytes], ...]:
    """The reply's own headers, and of the usual ones those that it does not have itself."""
    own = {name for name, _ in reply.headers}
    return (*(one for one in SECURITY if one[0] not in own), *reply.headers)


def _malformed(call: Call, base: str) -> Reply | None:
    """What two readers of one request could read differently (request smuggling), refused."""
    sent = call.scope["headers"]
    if len(sent) > MOST_HEADERS:
        return refuse(431, "headers", f"are more than {MOST_HEADERS}.", base=base, headers=CLOSE)
    if len(call.headers) != len(sent):
        names = [name for name, _ in sent]
        for single in (b"content-length", b"content-type", b"authorization", b"host", b"origin"):
            if names.count(single) > 1:
                text = "is sent more than once."
                return refuse(400, single.decode(), text, base=base, headers=CLOSE)
    if b"host" not in call.headers and call.scope.get("http_version") == "1.1":
        return refuse(400, "host", "is missing.", base=base, headers=CLOSE)
    if b"transfer-encoding" in call.headers and b"content-length" in call.headers:
        text = "hold both Content-Length and Transfer-Encoding."
        return refuse(400, "headers", text, base=base, headers=CLOSE)
    return None


def _told(error: Exception, call: Call) -> None:
    """Say in the log that a request failed on our side, by its own id."""
    request = str(uuid.uuid4())
    call.facts["request"] = request
    event("failure", {"request": request}, level=logging.ERROR, error=error)
