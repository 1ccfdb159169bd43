"""Fetching from the EHR: what is missing, page by page, within the budget; threat 11."""

import json
import time
from typing import Any

import pytest

from cds.web.settings import LimitSettings
from cds.web.trust.ehr import in_scope
from tests.web.caller import said_in

AUTHORIZATION = {
    "access_token": "token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "tests",
}


def test_what_is_missing_is_fetched_and_what_is_there_is_not(
    serve: Any, body: Any, ehr: Any
) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    ehr.holds(dict(sent["prefetch"]))
    del sent["prefetch"]["responses"], sent["prefetch"]["labs"]

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert "Not available" not in said_in(answer)
    kinds = sorted(path.removeprefix("/fhir/").partition("?")[0] for path, _ in ehr.asked)
    assert kinds == ["Observation", "QuestionnaireResponse"]


def test_a_query_that_failed_for_the_client_is_tried_again(serve: Any, body: Any, ehr: Any) -> None:
    sent = body(fhirServer=ehr.base)
    ehr.holds(dict(sent["prefetch"]))
    sent["prefetch"]["responses"] = {"resourceType": "OperationOutcome", "issue": []}

    assert serve(clients=(ehr.client,)).hook(sent).json()["cards"][0]["indicator"] == "critical"
    assert [token for _, token in ehr.asked] == [None]


def test_null_is_an_answer_and_is_not_fetched(serve: Any, body: Any, ehr: Any) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    sent["prefetch"]["responses"] = None

    serve(clients=(ehr.client,)).hook(sent)

    assert ehr.asked == []


def test_pages_are_followed_within_the_base(serve: Any, body: Any, ehr: Any) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    whole = sent["prefetch"]["responses"]
    first = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": f"{ehr.base}?page=2"}],
    }
    sent["prefetch"]["responses"] = first
    ehr.answer = lambda _: (200, {}, json.dumps(whole).encode())

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert [path for path, _ in ehr.asked] == ["/fhir?page=2"]
    assert answer.json()["cards"][0]["indicator"] == "critical"


def test_a_page_elsewhere_is_not_followed(serve: Any, body: Any, ehr: Any) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    sent["prefetch"]["labs"]["link"] = [{"relation": "next", "url": f"{ehr.url}/other?page=2"}]

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert ehr.asked == []
    assert "labs (more pages than are read, or elsewhere)" in said_in(answer)


def test_a_page_of_answers_that_is_not_the_last_is_told_and_decides_nothing(
    serve: Any, body: Any
) -> None:
    sent = body("no-urine")
    following = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    sent["prefetch"]["responses"]["link"] = following
    some = serve().hook(sent)
    sent["prefetch"]["responses"].pop("entry")
    none = serve().hook(sent)

    assert some.json()["cards"][0]["indicator"] == "critical"
    assert "responses (only a part was given)" in said_in(some)
    assert none.json()["cards"][0]["source"]["topic"]["code"] == "not-assessed"
    assert none.json()["cards"][0]["indicator"] == "warning"


def test_pages_without_end_are_not_read_for_ever(serve: Any, body: Any, ehr: Any) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    page = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": f"{ehr.base}/Observation?page=2"}],
    }
    del sent["prefetch"]["labs"]
    ehr.answer = lambda _: (200, {}, json.dumps(page).encode())
    limits = LimitSettings(requests_per_minute=0, ehr_budget_ms=3000)

    answer = serve(clients=(ehr.client,), limits=limits).hook(sent)

    assert len(ehr.asked) == 10
    assert "labs (more pages" in said_in(answer)


def _late(seconds: float, answer: Any) -> Any:
    time.sleep(seconds)
    return answer


BROKEN: dict[str, Any] = {
    "500": lambda _: (500, {}, b"oops"),
    "401": lambda _: (401, {}, b""),
    "garbage": lambda _: (200, {}, b"<html>"),
    "empty": lambda _: (200, {}, b""),
    "null": lambda _: (200, {}, b"null"),
    "another resource": lambda _: (200, {}, b'{"resourceType":"Basic"}'),
    "outcome": lambda _: (200, {}, b'{"resourceType":"OperationOutcome"}'),
    "huge": lambda _: (200, {}, b" " * 5_000_000 + b"{}"),
    "redirect": lambda _: (307, {"location": "/fhir/x"}, b""),
    "slow": lambda _: _late(0.6, (200, {}, b'{"resourceType":"Bundle"}')),
}


@pytest.mark.parametrize("how", BROKEN)
def test_11_a_broken_ehr_is_never_an_all_clear(serve: Any, body: Any, ehr: Any, how: str) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    prefetch = sent.pop("prefetch")
    ehr.answer = BROKEN[how]
    # Enough for a busy machine; an EHR that is slow must not use it up.
    limits = LimitSettings(requests_per_minute=0, ehr_budget_ms=100 if how == "slow" else 5000)
    caller = serve(clients=(ehr.client,), limits=limits)

    began = time.perf_counter()
    nothing = caller.hook(sent)
    seconds = time.perf_counter() - began
    del prefetch["labs"]
    some = caller.hook({**sent, "prefetch": prefetch})

    assert nothing.status_code == 200
    assert nothing.json()["cards"][0]["source"]["topic"]["code"] == "not-assessed"
    assert "do not read it as an all-clear" in nothing.json()["cards"][0]["detail"]
    assert seconds < (0.55 if how == "slow" else 6)  # the budget, and a busy machine
    assert some.status_code == 200
    assert "Not available, so not taken into account: labs" in said_in(some)


def test_11_a_calm_answer_without_the_labs_says_so(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp")
    del sent["prefetch"]["labs"]

    (card,) = serve().hook(sent).json()["cards"]

    assert card["indicator"] == "info"
    assert card["source"]["topic"]["code"] == "not-available"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("patient/*.read", True),
        ("user/Observation.read", True),
        ("system/*.*", True),
        ("patient/Observation.rs", True),
        ("patient/Observation.cruds?category=laboratory", True),
        ("patient/Observation.s", True),
        ("patient/Condition.read", False),
        ("patient/Observation.write", False),
        ("patient/Observation.cud", False),
        ("launch openid fhirUser", False),
        ("", False),
    ],
)
def test_only_what_the_token_is_for_is_asked_for(scope: str, expected: bool) -> None:
    assert in_scope(scope, "Observation") is expected


def test_what_is_outside_the_scope_is_not_asked_for(serve: Any, body: Any, ehr: Any) -> None:  # P-7
    sent = body(
        fhirServer=ehr.base,
        fhirAuthorization={**AUTHORIZATION, "scope": "patient/QuestionnaireResponse.read"},
    )
    ehr.holds(sent.pop("prefetch"))

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert len(ehr.asked) == 1
    assert "labs (not in the token's scope)" in said_in(answer)
