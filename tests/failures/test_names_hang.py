"""A name that is looked up hangs, or the disk of the packs: neither is anybody else's wait."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.failures.site import BUILD, HOOK, Disk, Json, Service, anew, shown_in_time
from tests.failures.test_keys_away import PUBLIC, Place
from tests.web.signing import ISS, new_signing

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
FAR = "https://hangs.invalid/fhir"
TOKEN = {
    "access_token": "x",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "s",
}


def test_a_name_that_hangs_holds_up_no_other_and_no_end(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    """The keys of one hospital are fetched while the server of another is being looked up."""
    signing = new_signing(tmp_path / "jwks.json")
    place = Place(json.dumps(json.loads(signing.jwks.read_text())).encode())
    near = place.url.replace("127.0.0.1", "localhost")
    service = started(
        popen={"env": disk.environment},
        server={"public_url": PUBLIC},
        auth={"required": True},
        store={"enabled": False},
        clients=[
            {"name": "far", "iss": ISS, "jwks_file": str(signing.jwks), "fhir_base": FAR},
            {"name": "near", "iss": f"{ISS}/near", "jwks_url": near, "allow_private": True},
        ],
    )
    disk.hang("hangs.invalid", "h")
    try:
        bare = {**emergency, "prefetch": {}, "fhirServer": FAR, "fhirAuthorization": TOKEN}
        for _ in range(6):
            headers = {"authorization": f"Bearer {signing.token(PUBLIC + HOOK)}"}
            shown = service.post(anew(bare), **headers)
            assert shown.status_code == 200, shown.text
            assert "not assessed" in shown.json()["cards"][0]["summary"]
        place.works = True

        def code() -> int:
            token = signing.token(PUBLIC + HOOK, iss=f"{ISS}/near")
            return service.post(anew(emergency), authorization=f"Bearer {token}").status_code

        service.until(lambda: code() == 200, 20)
    finally:
        place.server.shutdown()
        place.server.server_close()
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 10


def test_a_disk_of_the_packs_that_hangs_is_told_and_holds_nobody_up(
    started: Start, disk: Disk, emergency: Json
) -> None:
    service = started(popen={"env": disk.environment}, store={"enabled": False})
    disk.hang(f"{BUILD}/questionnaires")

    for _ in range(3):
        began = time.monotonic()
        ready = httpx.get(f"{service.url}/readyz", timeout=10)
        assert time.monotonic() - began < 4
        assert (ready.status_code, ready.json()["knowledge"]) == (503, "not read in time")
    shown_in_time(service, emergency)
    disk.heal()
    service.until(lambda: service.get("/readyz").status_code == 200)
    disk.hang(f"{BUILD}/questionnaires")
    assert httpx.get(f"{service.url}/readyz", timeout=10).status_code == 503
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 10
