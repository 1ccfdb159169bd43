"""Rows 20 to 25 of the threat model: browsers, floods, headers, calls that come twice."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from cds.web.routes import gates
from cds.web.settings import AuthSettings, Client, LimitSettings
from cds.web.trust.throttle import Throttle
from tests.web.caller import URL
from tests.web.counterpart import AUTHORIZATION


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "https://ehr.example.org.evil.example",
        "http://ehr.example.org",
    ],
)
def test_20_an_origin_that_is_not_named_gets_no_header(serve: Any, origin: str) -> None:
    caller = serve()
    for answer in (
        caller.get("/cds-services", headers={"origin": origin}),
        caller.request(
            "OPTIONS",
            "/cds-services",
            headers={"origin": origin, "access-control-request-method": "GET"},
        ),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/cds-services", "GET"),
        ("/cds-services/cramps-patient-view", "POST"),
        ("/cds-services/cramps-patient-view/feedback", "POST"),
    ],
)
def test_20_a_named_origin_may_ask_and_read_errors(serve: Any, path: str, method: str) -> None:
    caller, origin = serve(), "https://ehr.example.org"

    preflight = caller.request(
        "OPTIONS", path, headers={"origin": origin, "access-control-request-method": method}
    )
    failure = caller.request(
        method, "/nowhere" if method == "GET" else path, headers={"origin": origin}
    )

    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == origin
    assert method in preflight.headers["access-control-allow-methods"]
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert failure.status_code >= 400
    assert failure.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-credentials" not in failure.headers


def test_22_too_many_calls_of_one_client_are_slowed_and_others_are_not(
    serve: Any, signing: Any, body: Any
) -> None:
    base = Client("a", iss="https://ehr.example.org", jwks_file=str(signing.jwks), tenant="a")
    caller = serve(
        auth=AuthSettings(),
        clients=(base, replace(base, name="b", tenant="b")),
        limits=LimitSettings(requests_per_minute=5),
    )

    def status(tenant: str) -> Any:
        headers = {"authorization": f"Bearer {signing.token(URL, tenant=tenant)}"}
        return caller.hook({**body(), "hookInstance": str(uuid.uuid4())}, headers=headers)

    answers = [status("a") for _ in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert status("b").status_code == 200


def test_22_bad_tokens_do_not_use_up_the_rate_of_a_client(
    serve: Any, signing: Any, body: Any
) -> None:
    client = Client("a", iss="https://ehr.example.org", jwks_file=str(signing.jwks))
    caller = serve(
        auth=AuthSettings(), clients=(client,), limits=LimitSettings(requests_per_minute=5)
    )
    for _ in range(8):
        caller.hook(body(), headers={"authorization": "Bearer a.b.c"})

    assert caller.service.throttle.wait("client a") == 0


def test_22_a_bucket_refills_and_the_table_of_them_stays_small() -> None:
    seconds = [0.0]
    throttle = Throttle(60, lambda: seconds[0])
    for _ in range(60):
        assert throttle.wait("a") == 0
    assert throttle.wait("a") == pytest.approx(1)
    seconds[0] = 1.0
    assert throttle.wait("a") == 0

    for number in range(30_000):
        throttle.wait(f"n{number}")

    assert len(throttle._buckets) <= 10_001


def test_23_a_header_that_stands_twice_is_refused(serve: Any, body: Any) -> None:
    caller, text = serve(), json.dumps(body()).encode()
    for twice in ("content-type", "authorization", "host"):
        headers = [("content-type", "application/json"), (twice, "a"), (twice, "b")]
        answer = caller.request(
            "POST", "/cds-services/cramps-patient-view", content=text, headers=headers
        )
        assert answer.status_code == 400


def test_23_both_ways_of_saying_a_length_are_refused(serve: Any) -> None:
    headers = {
        "content-type": "application/json",
        "content-length": "2",
        "transfer-encoding": "chunked",
    }

    answer = serve().request(
        "POST", "/cds-services/cramps-patient-view", content=b"{}", headers=headers
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/metrics", "/.env", "/admin", "/"])
def test_24_nothing_is_open_by_default(serve: Any, path: str) -> None:
    assert serve().get(path).status_code == 404


def test_25_the_same_call_again_gets_the_stored_answer_byte_for_byte(
    serve: Any, body: Any, sqlite: Any
) -> None:
    sent = body("potassium-critical")
    first = serve(store=sqlite).hook(sent)
    later = serve(store=sqlite)

    again = later.hook(sent)
    other_token = later.hook({**sent, "fhirServer": None})

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert other_token.status_code == 409


def test_25_another_body_is_a_conflict(serve: Any, body: Any, sqlite: Any) -> None:
    sent = body()
    caller = serve(store=sqlite)
    assert caller.hook(sent).status_code == 200
    sent["prefetch"]["labs"] = None

    answer = caller.hook(sent)

    assert answer.status_code == 409
    assert answer.json()["issue"][0]["code"] == "conflict"


def test_25_a_new_token_does_not_make_it_another_call(
    serve: Any, body: Any, sqlite: Any, ehr: Any
) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    caller = serve(store=sqlite, clients=(ehr.client,))
    first = caller.hook(sent)
    sent["fhirAuthorization"] = {**AUTHORIZATION, "access_token": "another"}

    assert caller.hook(sent).content == first.content


def test_22_a_body_that_is_not_whole_in_time_is_given_up(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "BODY_SECONDS", 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    caller = serve()  # how long a service takes to start is not what is asked
    began = time.monotonic()
    answer = caller.request(
        "POST",
        "/cds-services/cramps-patient-view",
        content=never(),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 408
    assert answer.json()["issue"][0]["code"] == "timeout"
    assert time.monotonic() - began < 30
