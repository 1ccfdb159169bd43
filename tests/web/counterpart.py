"""A small FHIR server on loopback that answers as it is told, and the access that it grants."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cds.web.settings import Client
from tests.web.signing import ISS

MARK = "MARKER-7f3a"
AUTHORIZATION = {
    "access_token": MARK,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "tests",
}


class Ehr:
    """A small HTTP server on loopback that answers as it is told and remembers the questions."""

    def __init__(self) -> None:
        outer = self
        self.asked: list[tuple[str, str | None]] = []
        self.answer: Callable[[str], tuple[int, Mapping[str, str], bytes]] = lambda _: (
            200,
            {},
            b'{"resourceType":"Bundle","type":"searchset","total":0}',
        )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("authorization")))
                status, headers, content = outer.answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    return

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                return

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.base = f"{self.url}/fhir"
        self.client = Client("ehr", iss=ISS, fhir_base=self.base, jwks_url=f"{self.url}/jwks.json")

    def holds(self, prefetch: Mapping[str, Any]) -> None:
        """Answer every query with what a prefetch would hold."""
        kinds = {
            "Patient": "patient",
            "QuestionnaireResponse": "responses",
            "Condition": "conditions",
            "MedicationRequest": "medications",
            "Observation": "labs",
            "Procedure": "procedures",
        }

        def answer(path: str) -> tuple[int, Mapping[str, str], bytes]:
            kind = path.removeprefix("/fhir/").partition("?")[0].partition("/")[0]
            return 200, {}, json.dumps(prefetch[kinds[kind]]).encode()

        self.answer = answer

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
