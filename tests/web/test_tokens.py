"""Rows 1 to 6 of the threat model: tokens that are not good, and the one word they get."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cds.web.settings import AuthSettings, Client
from tests.web.caller import PUBLIC, URL, refused_bare, send
from tests.web.signing import ISS


def test_a_good_token_is_taken(secured: Any, signing: Any, body: Any) -> None:
    assert send(secured, body(), signing.token(URL)).status_code == 200
    assert send(secured, body(), signing.token([URL, "https://other.example"])).status_code == 200


def test_no_token_is_refused(secured: Any, body: Any) -> None:
    refused_bare(send(secured, body(), None))


def _pem(signing: Any) -> bytes:
    found: bytes = signing.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found


def _hs256_with_public_key(signing: Any) -> str:
    # PyJWT refuses to sign with a PEM; an attacker's tool does not.
    import base64  # noqa: PLC0415
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    _, payload, _ = signing.token(URL).split(".")
    header = (
        base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"key-1","typ":"JWT"}').rstrip(b"=").decode()
    )
    mac = hmac.new(_pem(signing), f"{header}.{payload}".encode(), hashlib.sha256).digest()
    return f"{header}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _with_alg(signing: Any, alg: str) -> str:
    import base64  # noqa: PLC0415

    _, payload, signature = signing.token(URL).split(".")
    text = json.dumps({"alg": alg, "kid": "key-1", "typ": "JWT"}).encode()
    return f"{base64.urlsafe_b64encode(text).rstrip(b'=').decode()}.{payload}.{signature}"


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


P256 = ec.generate_private_key(ec.SECP256R1())


FOREIGN = ec.generate_private_key(ec.SECP384R1())


Forge = Callable[[Any], str]


FORGED: dict[str, Forge] = {
    # Threat 1
    "1 alg none": lambda s: _with_alg(s, "none"),
    "1 alg NoNe": lambda s: _with_alg(s, "NoNe"),
    "1 no signature": lambda s: s.token(URL).rpartition(".")[0] + ".",
    "1 HS256 with a secret": lambda s: s.token(URL, key="s" * 64, algorithm="HS256"),
    "1 HS256 with the public key": _hs256_with_public_key,
    "1 alg not the key's": lambda s: s.token(URL, key=P256, algorithm="ES256"),
    "1 alg swapped": lambda s: _with_alg(s, "RS384"),
    "1 zero signature": lambda s: s.token(URL).rpartition(".")[0] + "." + "A" * 128,
    "1 foreign signature": lambda s: s.token(URL, key=FOREIGN),
    # Threat 2
    "2 iss unknown": lambda s: s.token(URL, iss="https://evil.example"),
    "2 iss look-alike": lambda s: s.token(URL, iss=f"{ISS}.evil.example"),
    "2 iss prefix": lambda s: s.token(URL, iss=ISS[:-1]),
    "2 iss slash": lambda s: s.token(URL, iss=f"{ISS}/"),
    "2 iss missing": lambda s: s.token(URL, drop="iss"),
    "2 iss empty": lambda s: s.token(URL, iss=""),
    # Threat 3
    "3 jku of the caller": lambda s: s.token(URL, header={"jku": "https://evil.example/jwks.json"}),
    "3 jku with userinfo": lambda s: s.token(URL, header={"jku": f"{ISS}@evil.example/jwks.json"}),
    "3 x5u": lambda s: s.token(URL, header={"x5u": "https://evil.example/cert"}),
    "3 x5c": lambda s: s.token(URL, header={"x5c": ["AAAA"]}),
    "3 jwk": lambda s: s.token(URL, header={"jwk": {"kty": "oct", "k": "AAAA"}}),
    # Threat 4
    "4 aud of the base": lambda s: s.token(PUBLIC),
    "4 aud of another service": lambda s: s.token(URL.replace("patient-view", "order-sign")),
    "4 aud with a slash": lambda s: s.token(f"{URL}/"),
    "4 aud in capitals": lambda s: s.token(URL.upper()),
    "4 aud list without us": lambda s: s.token(["https://a.example", "https://b.example"]),
    "4 aud missing": lambda s: s.token(URL, drop="aud"),
    "4 aud a number": lambda s: s.token(5),
    # Threat 5
    "5 expired": lambda s: s.token(URL, exp=_now() - 31, iat=_now() - 200),
    "5 exp in an hour": lambda s: s.token(URL, exp=_now() + 3600),
    "5 exp in ten years": lambda s: s.token(URL, exp=_now() + 315_360_000),
    "5 exp a text": lambda s: s.token(URL, exp=str(_now() + 100)),
    "5 exp true": lambda s: s.token(URL, exp=True),
    "5 exp missing": lambda s: s.token(URL, drop="exp"),
    "5 iat missing": lambda s: s.token(URL, drop="iat"),
    "5 iat in the future": lambda s: s.token(URL, iat=_now() + 90, exp=_now() + 200),
    "5 nbf in the future": lambda s: s.token(URL, nbf=_now() + 90),
    "5 exp before iat": lambda s: s.token(URL, exp=_now() + 5, iat=_now() + 10),
    # Threat 6
    "6 jti missing": lambda s: s.token(URL, drop="jti"),
    "6 jti empty": lambda s: s.token(URL, jti=""),
    "6 jti huge": lambda s: s.token(URL, jti="j" * 1_000_000),
    "6 jti long": lambda s: s.token(URL, jti="j" * 201),
    "6 jti a number": lambda s: s.token(URL, jti=7),
    # Threat 7
    "7 kid unknown": lambda s: s.token(URL, header={"kid": "other"}),
    "7 kid a path": lambda s: s.token(URL, header={"kid": "../../etc/passwd"}),
    "7 kid SQL": lambda s: s.token(URL, header={"kid": "' OR 1=1 --"}),
    "garbage": lambda _: "a.b.c",
    "not ASCII": lambda _: "\xe9.b.c",
    "typ": lambda s: s.token(URL, header={"typ": "secevent+jwt"}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_without_a_word(
    secured: Any, signing: Any, body: Any, name: str
) -> None:
    asked: list[str] = []

    async def lookup(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"]

    secured.service.keys._resolve = lookup
    refused_bare(send(secured, body(), FORGED[name](signing)))
    assert asked == [], "no call may go out for the sake of a token"


def test_the_registered_jku_may_be_named(secured: Any, signing: Any, body: Any) -> None:
    token = signing.token(URL, header={"jku": f"{ISS}/jwks.json"})

    assert send(secured, body(), token).status_code == 200


def test_beside_pinned_keys_a_jku_makes_no_difference(serve: Any, signing: Any, body: Any) -> None:
    pinned = Client("ehr", iss=ISS, jwks_file=str(signing.jwks))
    caller = serve(auth=AuthSettings(), clients=(pinned,))
    token = signing.token(URL, header={"jku": "https://ehr.example.org/anything.json"})

    assert send(caller, body(), token).status_code == 200


@pytest.mark.parametrize(("lives", "allowed", "status"), [(900, 900, 200), (900, 0, 401)])
def test_how_long_a_token_may_live_is_said_per_client(
    serve: Any, signing: Any, body: Any, lives: int, allowed: int, status: int
) -> None:
    client = Client("ehr", iss=ISS, jwks_file=str(signing.jwks), max_lifetime_s=allowed)
    caller = serve(auth=AuthSettings(), clients=(client,))
    now = int(time.time())

    answer = send(caller, body(), signing.token(URL, iat=now, exp=now + lives))

    assert answer.status_code == status


def test_the_host_header_does_not_change_the_audience(
    secured: Any, signing: Any, body: Any
) -> None:
    evil = "https://evil.example/cds-services/cramps-patient-view"
    headers = {"authorization": f"Bearer {signing.token(evil)}", "host": "evil.example"}

    refused_bare(secured.hook(body(), headers=headers))


def test_a_token_is_good_once(secured: Any, signing: Any, body: Any) -> None:  # threat 6
    token = signing.token(URL)

    assert send(secured, body(), token).status_code == 200
    refused_bare(send(secured, body(), token))


def test_a_token_is_good_once_for_all_workers_and_after_a_restart(
    serve: Any, signing: Any, body: Any, sqlite: Any
) -> None:  # threat 6
    client = Client("ehr", iss=ISS, jwks_file=str(signing.jwks))
    token = signing.token(URL)
    first = serve(auth=AuthSettings(), clients=(client,), store=sqlite)
    assert send(first, body(), token).status_code == 200

    second = serve(auth=AuthSettings(), clients=(client,), store=sqlite)

    refused_bare(send(second, body(), token))


def test_clocks_may_differ_by_half_a_minute(
    serve: Any, signing: Any, body: Any
) -> None:  # threat 5
    client = Client("ehr", iss=ISS, jwks_file=str(signing.jwks))
    for seconds, status in ((-25, 200), (25, 200), (-400, 401), (400, 401)):
        by = timedelta(seconds=seconds)
        caller = serve(
            auth=AuthSettings(), clients=(client,), clock=lambda by=by: datetime.now(UTC) + by
        )
        assert send(caller, body(), signing.token(URL)).status_code == status


def test_a_tenant_is_its_own_client(serve: Any, signing: Any, body: Any) -> None:
    client = Client("a", iss=ISS, jwks_file=str(signing.jwks), tenant="a")
    caller = serve(auth=AuthSettings(), clients=(client,))

    assert send(caller, body(), signing.token(URL, tenant="a")).status_code == 200
    for token in (
        signing.token(URL),
        signing.token(URL, tenant="b"),
        signing.token(URL, tenant=[]),
    ):
        refused_bare(send(caller, body(), token))


def test_feedback_wants_a_token_for_its_own_address(secured: Any, signing: Any) -> None:
    value = {
        "feedback": [
            {"card": "x", "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:05:31Z"}
        ]
    }
    for aud, status in ((URL, 401), (f"{URL}/feedback", 200)):
        headers = {"authorization": f"Bearer {signing.token(aud)}"}
        answer = secured.post("/cds-services/cramps-patient-view/feedback", value, headers=headers)
        assert answer.status_code == status


def test_discovery_wants_no_token_but_refuses_a_bad_one(secured: Any, signing: Any) -> None:
    assert secured.get("/cds-services").status_code == 200
    good = {"authorization": f"Bearer {signing.token(f'{PUBLIC}/cds-services')}"}
    assert secured.get("/cds-services", headers=good).status_code == 200
    refused_bare(secured.get("/cds-services", headers={"authorization": "Bearer a.b.c"}))
