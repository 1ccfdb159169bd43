"""Another client of the same server: npm's fhirclient. What it needs, ours gets no easier."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from authlib.oauth2 import OAuth2Error

from tests.form.emr import Emr
from tests.form.node import HERE, installed

pytestmark = pytest.mark.slow

Json = dict[str, Any]
Start = Callable[..., str]
SCOPE = "launch openid fhirUser patient/Patient.rs"
# It makes states of 16 letters and digits, 95 bits; SMART asks for 122.
STATE = 16


@pytest.fixture
def started(emr: Emr) -> Iterator[Start]:
    """The app of fhirclient, registered at the EHR; where it listens."""
    running: list[subprocess.Popen[bytes]] = []

    def start(**more: Any) -> str:
        job = {"modules": str(installed()), "clientId": emr.client_id, "scope": SCOPE, **more}
        app = subprocess.Popen(
            ["node", str(HERE / "fhirclient.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        running.append(app)
        assert app.stdin is not None
        assert app.stdout is not None
        app.stdin.write(json.dumps(job).encode())
        app.stdin.close()
        url: str = json.loads(app.stdout.readline())["url"]
        emr.redirect = f"{url}/app"
        return url

    yield start
    for app in running:
        app.kill()
        app.wait()
        if app.stdout is not None:
            app.stdout.close()


def _sent_to(url: str, emr: Emr, launch: str = "launch-1") -> str:
    """Where the app sends the browser."""
    query = urlencode({"iss": emr.base, "launch": launch})
    answer = httpx.get(f"{url}/launch?{query}", follow_redirects=False, timeout=30)
    assert answer.is_redirect, answer.text
    return str(answer.headers["location"])


def _refused(emr: Emr, where: str) -> bool:
    try:
        return "code=" not in emr.authorize(where)
    except (AssertionError, OAuth2Error):
        return True


def _with(where: str, **changes: str) -> str:
    parts = urlsplit(where)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return parts._replace(query=urlencode({k: v for k, v in query.items() if v})).geturl()


def test_fhirclient_is_launched_and_reads_the_patient(emr: Emr, started: Start) -> None:
    emr.least_state = STATE
    url = started()
    where = _sent_to(url, emr)
    read = httpx.get(emr.authorize(where), timeout=30).json()

    assert read == {"patient": "p1", "scope": SCOPE, "name": "Example"}
    query = dict(parse_qsl(urlsplit(where).query))
    assert query["code_challenge_method"] == "S256"
    assert query["aud"] == emr.base


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://other.example/fhir"},
        {"redirect_uri": "https://evil.example/app"},
        {"client_id": "another"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"launch": "guessed"},
        {"state": "short"},
    ],
)
def test_the_server_refuses_fhirclient_what_it_refuses_us(
    emr: Emr, started: Start, wrong: dict[str, str]
) -> None:
    emr.least_state = STATE
    where = _sent_to(started(), emr)

    assert not _refused(emr, where)
    assert _refused(emr, _with(where, **wrong))


def test_a_state_that_is_too_short_for_smart_is_refused_unless_the_server_is_told(
    emr: Emr, started: Start
) -> None:
    where = _sent_to(started(), emr)

    assert len(dict(parse_qsl(urlsplit(where).query))["state"]) == STATE
    assert _refused(emr, where)


def test_a_code_is_good_once_and_a_scope_that_is_not_granted_reads_nothing(
    emr: Emr, started: Start
) -> None:
    emr.least_state = STATE
    emr.grants = {"launch", "openid"}
    url = started()
    back = emr.authorize(_sent_to(url, emr))
    answer = httpx.get(back, timeout=30)

    assert answer.status_code == 500
    assert "GET /fhir/Patient/p1" in emr.asked
    assert httpx.get(back, timeout=30).status_code == 500
    body = {
        "grant_type": "authorization_code",
        "code": dict(parse_qsl(urlsplit(back).query))["code"],
        "redirect_uri": emr.redirect,
        "client_id": emr.client_id,
        "code_verifier": "v" * 43,
    }
    assert httpx.post(f"{emr.url}/token", data=body).status_code == 400
