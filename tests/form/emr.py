"""An EHR of the tests' own: authorization server, and a FHIR server that asks for its tokens."""

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.form.authorization import Code, Request, Server
from tests.form.transactions import found_by, transaction

Json = dict[str, Any]
RIGHTS = {"GET": "rs", "POST": "c", "PUT": "u"}


class Emr:
    """The whole EHR on loopback; its parts may be changed before a launch."""

    def __init__(self) -> None:
        self.client_id, self.secret, self.launch = "cramp-form", "s3cret", "launch-1"
        self.auth, self.redirect = "public", ""
        self.keys: list[Json] = []
        self.grants: set[str] | None = None
        self.lives_s, self.refresh = 300, ""
        self.beside: Json = {"patient": "p1"}
        self.signer: Any = None
        self.nonce = self.access = self.scope = ""
        self.ends = 0.0
        self.over_for: set[str] = set()  # methods that find the token over, as if time had passed
        self.codes: dict[str, Code] = {}
        self.used: set[str] = set()
        self.kept: dict[str, dict[str, Json]] = {}
        self.refuses: set[str] = set()
        self.transactions = True
        self.least_state = 32
        self.asked: list[str] = []
        self.server = Server(self)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.base = f"{self.url}/fhir"

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def put(self, resource: Json) -> None:
        self.kept.setdefault(resource["resourceType"], {})[resource["id"]] = resource

    def identity(self) -> str:
        """Who has signed in, under our signature."""
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "sub": "1",
            "exp": int(time.time()) + 60,
            "nonce": self.nonce,
            "fhirUser": "Practitioner/dr1",
        }
        return jwt.encode(claims, self.signer, "ES256", {"kid": "k1"})

    def authorize(self, url: str) -> str:
        """The person says yes: where the browser is sent then."""
        request = Request("GET", url, {}, "")
        grant = self.server.get_consent_grant(request, "someone")
        answer: tuple[int, Any, list[tuple[str, str]]]
        answer = self.server.create_authorization_response(request, "someone", grant)
        where = dict(answer[2]).get("Location")
        assert where is not None, answer
        return where

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        emr = self

        class Handler(BaseHTTPRequestHandler):
            def _go(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length).decode()
                emr.asked.append(f"{self.command} {self.path.partition('?')[0]}")
                if self.path.startswith("/authorize?"):  # a browser asks: the person says yes
                    self.send_response(302)
                    self.send_header("location", emr.authorize(f"{emr.url}{self.path}"))
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                status, headers, answer = emr.answer(self, body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                kind = "fhir+json" if self.path.startswith("/fhir/") else "json"
                self.send_header("content-type", f"application/{kind}")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = _go  # noqa: N815 - the names are the library's

            def log_message(self, *_: Any) -> None:
                return

        return Handler

    def answer(self, call: BaseHTTPRequestHandler, body: str) -> tuple[int, Json, Json]:
        path = call.path.partition("?")[0]
        if path == "/fhir/.well-known/smart-configuration":
            return (
                200,
                {},
                {
                    "issuer": self.url,
                    "jwks_uri": f"{self.url}/jwks.json",
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "code_challenge_methods_supported": ["S256"],
                    "capabilities": ["launch-ehr", "launch-standalone", "client-public"],
                },
            )
        if path == "/jwks.json":
            # A key of a curve that nobody knows must not make the others unreadable.
            odd = {"kty": "EC", "crv": "P-999", "kid": "odd", "x": "AA", "y": "AA"}
            own = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.signer.public_key()))
            return 200, {}, {"keys": [odd, {**own, "kid": "k1"}]}
        if path == "/token":
            request = Request("POST", f"{self.url}{call.path}", dict(call.headers.items()), body)
            status, answer, _ = self.server.create_token_response(request)
            return status, {}, answer
        return self.fhir(call, path.removeprefix("/fhir/"), body)

    def fhir(self, call: BaseHTTPRequestHandler, path: str, body: str) -> tuple[int, Json, Json]:
        kind = path.partition("/")[0]
        over = time.time() > self.ends or call.command in self.over_for
        if over or call.headers.get("authorization") != f"Bearer {self.access}":
            return 401, {}, {}
        if path == "/fhir":  # the base itself: a transaction
            refused: tuple[int, Json, Json] = (405, {}, {})
            return transaction(self, json.loads(body)) if self.transactions else refused
        if not self.allows(kind, RIGHTS[call.command]) or f"{call.command} {kind}" in self.refuses:
            return 403, {}, {"resourceType": "OperationOutcome", "issue": []}
        kept = self.kept.setdefault(kind, {})
        if call.command == "GET":
            return self.read(kept, path, call.path)
        resource = json.loads(body)
        if call.command == "PUT":
            kept[path.partition("/")[2]] = resource
            return 200, {}, resource
        found = found_by(kept, call.headers.get("if-none-exist") or "")
        if found is not None:
            return 200, {"location": f"{self.base}/{kind}/{found}/_history/1"}, kept[found]
        name = f"{kind.lower()}-{len(kept) + 1}"
        kept[name] = {**resource, "id": name}
        return 201, {"location": f"{self.base}/{kind}/{name}/_history/1"}, kept[name]

    def read(self, kept: Mapping[str, Json], path: str, whole: str) -> tuple[int, Json, Json]:
        name = path.partition("/")[2]
        if name:
            return (200, {}, kept[name]) if name in kept else (404, {}, {})
        status = parse_qs(urlsplit(whole).query).get("status")
        found = [one for one in kept.values() if not status or one.get("status") in status]
        entries = [{"resource": one} for one in found]
        return 200, {}, {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def allows(self, kind: str, rights: str) -> bool:
        for scope in self.scope.split():
            name, _, given = scope.partition("/")[2].partition(".")
            v1 = {"read": "rs", "write": "cud", "*": "cruds"}.get(given, given)
            if name in {kind, "*"} and set(rights) & set(v1):
                return True
        return False
