"""A FHIR server on loopback that exports in bulk: slow, cut off or refusing, as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt

CLIENT = "client-1"


class ExportServer:
    """The counterpart of the export client; `asked` has every request."""

    def __init__(self, folder: Path, public: Any | None = None) -> None:
        self.folder = folder
        self.public = public  # the client's public key; None: the server is open
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.waits = ["0", "0"]  # Retry-After of the answers before the manifest
        self.cut: set[str] = set()  # files whose first answer breaks off half way
        self.refuse: dict[str, tuple[int, bytes]] = {}  # path → status and body
        self.elsewhere = ""  # another server that the manifest sends the client to
        self.tokens: set[str] = set()
        self.url = ""

    def count(self, start: str) -> int:
        return sum(path.startswith(start) for _, path, _ in self.asked)

    def get(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path in self.refuse:
            status, body = self.refuse[path]
            return status, {"content-type": "application/fhir+json"}, body
        if path == "/fhir/.well-known/smart-configuration":
            return 200, {}, json.dumps({"token_endpoint": f"{self.url}/token"}).encode()
        if self.public is not None and not self._opened(headers):
            return 401, {}, b""
        if path == "/fhir/$export":
            assert headers["prefer"] == "respond-async"
            return 202, {"content-location": f"{self.url}/status/1"}, b""
        if path == "/status/1":
            if self.waits:
                return 202, {"retry-after": self.waits.pop(0), "x-progress": "half\x07way"}, b""
            return 200, {"content-type": "application/json"}, self._manifest()
        if path.startswith("/files/"):
            return self._file(path.removeprefix("/files/"), headers)
        return 404, {}, b""

    def _opened(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _manifest(self) -> bytes:
        place = self.elsewhere or self.url
        names = sorted(path.name for path in self.folder.glob("[A-Z]*.ndjson"))
        output = [
            {"type": name.partition(".")[0], "url": f"{place}/files/{name}"} for name in names
        ]
        closed = self.public is not None
        return json.dumps({"requiresAccessToken": closed, "output": output, "error": []}).encode()

    def _file(self, name: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        data = (self.folder / name).read_bytes()
        start = int(headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        whole = {"content-type": "application/fhir+ndjson"}
        if start >= len(data) and start:
            return 416, {"content-range": f"bytes */{len(data)}"}, b""
        if start:
            whole["content-range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return (206 if start else 200), whole, data[start:]

    def token(self, body: bytes) -> tuple[int, bytes]:
        """A token for whoever proves to have the key."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        assert self.public is not None
        assert form["grant_type"] == "client_credentials"
        try:
            claims = jwt.decode(
                form["client_assertion"],
                self.public,
                algorithms=["ES384", "RS384"],
                audience=f"{self.url}/token",
            )
        except jwt.PyJWTError:
            return 401, b"{}"
        assert claims["iss"] == claims["sub"] == CLIENT
        name = f"token-{len(self.tokens)}"
        self.tokens = {name}  # an older one is no longer good
        return 200, json.dumps({"access_token": name, "expires_in": 300}).encode()


class _Handler(BaseHTTPRequestHandler):
    counterpart: ExportServer

    def _noted(self) -> dict[str, str]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.counterpart.asked.append((self.command, self.path, headers))
        return headers

    def do_GET(self) -> None:
        status, headers, body = self.counterpart.get(self.path, self._noted())
        name = self.path.rpartition("/")[2]
        cut = name in self.counterpart.cut and status == 200
        self.counterpart.cut.discard(name)
        self._answer(status, headers, body, len(body) // 2 if cut else None)

    def do_POST(self) -> None:
        self._noted()
        body = self.rfile.read(int(self.headers["content-length"]))
        status, answer = self.counterpart.token(body)
        self._answer(status, {}, answer)

    def do_DELETE(self) -> None:
        self._noted()
        self._answer(202, {}, b"")

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def serving(server: ExportServer) -> Iterator[ExportServer]:
    handler = type("Handler", (_Handler,), {"counterpart": server})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    server.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield server
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
