"""A service in this process, spoken to through its ASGI door; keys, tokens, made-up patients."""

import asyncio
import base64
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import ASGIApp

from cds.core.pack import Pack
from cds.flows.hook_samples import hook_request, moved
from cds.flows.samples import Scenario, samples, scenarios_of
from cds.knowledge.pack import find_pack, pack_folders
from cds.web.app import application
from cds.web.outbound import Resolve, resolve
from cds.web.service import Service, build
from cds.web.settings import (
    AuthSettings,
    Client,
    Config,
    CorsSettings,
    LimitSettings,
    ServerSettings,
    StoreSettings,
)

Json = dict[str, Any]
PUBLIC = "https://cds.example.org"
ISS = "https://ehr.example.org"
ORIGIN = "https://ehr.example.org"
FHIR = "https://ehr.example.org/fhir"
NO_STORE = StoreSettings(enabled=False)
UNLIMITED = LimitSettings(requests_per_minute=0)


@pytest.fixture(scope="session")
def pack() -> Pack:
    return find_pack("cramps")


@pytest.fixture(scope="session")
def scenarios(pack: Pack) -> dict[str, Scenario]:
    return scenarios_of(pack_folders()[pack.id], pack)


Body = Callable[..., Json]


@pytest.fixture(scope="session")
def body(pack: Pack, scenarios: dict[str, Scenario]) -> Body:
    """The request of one hook for one made-up patient, as if it were made now."""

    def made(scenario: str = "no-urine", hook: str = "patient-view", **changes: Any) -> Json:
        sample = next(samples(scenarios, pack, scenario, 1, 0))
        by = datetime.now(UTC).replace(microsecond=0) - sample.now
        patient = sample.response["subject"]["reference"].partition("/")[2]
        resources = [moved(one, by) for one in (sample.response, *sample.record)]
        whole = hook_request(pack, hook, resources, patient=patient, instance=str(uuid.uuid4()))
        copied: Json = json.loads(json.dumps(whole, default=float))
        return {**copied, **changes}

    return made


class Caller:
    """Speaks HTTP to an application, without a socket between."""

    def __init__(self, service: Service, *, raise_app: bool = True) -> None:
        self.service = service
        self.app: ASGIApp = application(service)
        self.raise_app = raise_app

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **more))

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=self.raise_app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
            try:
                return await client.request(method, path, **more)
            finally:
                # Connections live in the loop that made them; each request here has its own.
                await self.service.ehr.close()
                self.service.ehr._http.clear()
                await self.service.keys.close()
                self.service.keys._http.clear()

    def post(self, path: str, value: Any = None, **more: Any) -> httpx.Response:
        if value is not None:
            more["content"] = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = {"content-type": "application/json", **more.pop("headers", {})}
        return self.request("POST", path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def hook(self, body: Json, **more: Any) -> httpx.Response:
        return self.post(f"/cds-services/cramps-{body['hook']}", body, **more)


Serve = Callable[..., Caller]


@pytest.fixture
def serve(pack: Pack) -> Iterator[Serve]:
    """Build a service with these settings; without any: no tokens, no log, no limits."""
    built: list[Service] = []

    def made(
        *,
        config: Config | None = None,
        clock: Callable[[], datetime] | None = None,
        lookup: Resolve = resolve,
        packs: Mapping[str, Pack] | None = None,
        **parts: Any,
    ) -> Caller:
        plain = Config(
            server=ServerSettings(public_url=PUBLIC, metrics_port=0),
            auth=AuthSettings(required=False),
            clients=(Client("ehr", iss=ISS, fhir_base=FHIR),),
            cors=CorsSettings((ORIGIN,)),
            store=NO_STORE,
            limits=UNLIMITED,
        )
        service = build(
            replace(config or plain, **parts),
            packs or {pack.id: pack},
            clock or (lambda: datetime.now(UTC)),
            lookup,
            log_requests=False,
        )
        built.append(service)
        return Caller(service)

    yield made
    for service in built:
        asyncio.run(service.close())


@dataclass(frozen=True, slots=True)
class Signing:
    """A client with a key of its own."""

    key: ec.EllipticCurvePrivateKey
    jwks: Path
    kid: str = "key-1"

    def token(
        self,
        aud: Any,
        *,
        key: Any = None,
        algorithm: str = "ES384",
        header: Json | None = None,
        drop: str = "",
        **claims: Any,
    ) -> str:
        now = int(datetime.now(UTC).timestamp())
        made = {
            "iss": ISS,
            "aud": aud,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        made.pop(drop, None)
        headers = {"kid": self.kid, **(header or {})}
        return jwt.encode(made, key or self.key, algorithm=algorithm, headers=headers)


def public_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> Json:
    numbers = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    crv = {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]
    return {
        "kty": "EC",
        "crv": crv,
        "kid": kid,
        "x": _b64(numbers.x.to_bytes(size, "big")),
        "y": _b64(numbers.y.to_bytes(size, "big")),
    }


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    key = ec.generate_private_key(ec.SECP384R1())
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [public_jwk(key, "key-1")]}))
    return Signing(key, path)


@pytest.fixture
def secured(serve: Serve, signing: Signing) -> Caller:
    """A service that wants tokens, with one registered client."""
    client = Client(
        "ehr",
        iss=ISS,
        jwks_file=str(signing.jwks),
        jwks_url=f"{ISS}/jwks.json",
        fhir_base=FHIR,
    )
    return serve(auth=AuthSettings(), clients=(client,))


@pytest.fixture
def jwk() -> Callable[[ec.EllipticCurvePrivateKey, str], Json]:
    return public_jwk


@pytest.fixture
def sqlite(tmp_path: Path) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{tmp_path}/decisions.db")


Answer = tuple[int, dict[str, str], bytes]
Web = Callable[[str, Mapping[str, str]], Awaitable[Answer]]


@pytest.fixture
def ehr() -> Iterator["Ehr"]:
    made = Ehr()
    yield made
    made.close()


class Ehr:
    """A small HTTP server on loopback that answers as it is told and remembers the questions."""

    def __init__(self) -> None:
        import threading  # noqa: PLC0415
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # noqa: PLC0415

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


LATER = timedelta(minutes=10)
