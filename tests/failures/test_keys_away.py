"""The place of a client's keys fails, hangs or is back: how long its calls are refused."""

import json
import signal
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.failures.site import HOOK, Json, Service
from tests.web.signing import ISS, Signing, new_signing

pytestmark = pytest.mark.slow
PUBLIC = "https://cds.example.org"
Start = Callable[..., Service]


class Place:
    """Serves a key set, once it is told to."""

    def __init__(self, keys: bytes) -> None:
        self.works = False
        self.slow_s = 0.0
        self.asked = 0
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.asked += 1
                time.sleep(place.slow_s)
                self.send_response(200 if place.works else 500)
                self.send_header("cache-control", "max-age=1")
                self.end_headers()
                self.wfile.write(keys if place.works else b"down")

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        Thread(target=self.server.serve_forever, daemon=True).start()


def test_one_failed_fetch_is_made_good_in_seconds_and_is_told(
    started: Start, emergency: Json, tmp_path: Path
) -> None:
    signing: Signing = new_signing(tmp_path / "jwks.json")
    place = Place(json.dumps(json.loads(signing.jwks.read_text())).encode())
    service = started(
        server={"public_url": PUBLIC},
        auth={"required": True},
        store={"enabled": False},
        clients=[{"name": "ehr", "iss": ISS, "jwks_url": place.url}],
    )

    def code() -> int:
        token = signing.token(PUBLIC + HOOK)
        return service.post(emergency, authorization=f"Bearer {token}").status_code

    try:
        assert code() == 401
        ready = service.get("/readyz")
        service.until(lambda: bool(service.events("keys not fetched")))
        began = time.monotonic()
        place.works = True
        service.until(lambda: code() == 200, 10)

        assert time.monotonic() - began < 6
        assert (ready.status_code, ready.json()["keys"]) == (503, "not fetched: ehr")
        assert service.get("/readyz").status_code == 200
        # SIGHUP has them fetched anew, although their time is not up.
        asked = place.asked
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: place.asked > asked, 10)
        assert code() == 200
        # Held keys are used while their place hangs, and nobody waits for it.
        place.slow_s, asked = 30.0, place.asked
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: len(service.events("reload")) > 1)
        began = time.monotonic()
        assert code() == 200
        assert time.monotonic() - began < 0.5
        assert place.asked - asked <= 1
    finally:
        place.server.shutdown()
        place.server.server_close()
