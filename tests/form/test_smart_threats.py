"""A launch that is not what it says ends with words, and nothing is fetched."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import pytest
from authlib.oauth2 import OAuth2Error

from tests.form.conftest import Visit
from tests.form.emr import Emr
from tests.form.launches import arrived, launch, person_of, started
from tests.form.transactions import names_of

Json = dict[str, Any]


@pytest.mark.parametrize(
    "iss", ["https://evil.example/fhir", "{base}.evil.example", "{base}/..", "", "{base}/Patient"]
)
def test_an_address_that_is_not_registered_ends_the_launch_and_nothing_is_fetched(
    visit: Visit, emr: Emr, iss: str
) -> None:
    person = person_of(visit, emr)
    page = person.open(f"/smart/launch?iss={quote(iss.format(base=emr.base), safe='')}&launch=x")

    assert page.status == 403
    assert "not registered here" in page.text
    assert emr.asked == []


def altered(where: str, **changes: str) -> str:
    parts = urlsplit(where)
    return f"{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **changes})}"


def test_a_state_is_good_once_and_only_in_its_own_browser(visit: Visit, emr: Emr) -> None:
    person, other = person_of(visit, emr), person_of(visit, emr)
    back = emr.authorize(started(person, emr))

    assert arrived(other, back).status == 403
    assert arrived(person, altered(back, state="x" * 64)).status == 403
    assert not any(one.startswith("POST") for one in emr.asked)
    assert arrived(person, back).status == 200
    assert arrived(person, back).status == 403


def test_a_code_of_another_server_is_not_used(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    back = emr.authorize(started(person, emr))

    assert arrived(person, altered(back, iss="https://other.example")).status == 403
    assert "POST /token" not in emr.asked


@pytest.mark.parametrize(
    ("beside", "words"),
    [
        ({}, "did not say which patient"),
        ({"patient": "../../x"}, "did not say which patient"),
    ],
)
def test_a_launch_without_a_patient_ends_with_words(
    visit: Visit, emr: Emr, beside: Json, words: str
) -> None:
    emr.beside = beside
    page = launch(person_of(visit, emr), emr)

    assert page.status == 403
    assert words in page.text
    assert "not a result" in page.text


def test_an_ehr_that_is_away_is_told_in_words(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    emr.close()
    page = person.open(f"/smart/launch?iss={quote(emr.base, safe='')}&launch=x")

    assert page.status == 403
    assert "did not answer" in page.text


def test_the_session_after_the_launch_is_a_new_one(visit: Visit, emr: Emr) -> None:
    person = person_of(visit, emr)
    where = started(person, emr)
    before = dict(person.cookies)
    arrived(person, emr.authorize(where))

    assert set(before.values()).isdisjoint(person.cookies.values())
    person.cookies.update(before)
    assert "Ada" not in person.open("/forms/cramps").text


def test_the_server_of_the_tests_is_no_tame_one(emr: Emr) -> None:
    query = {
        "response_type": "code",
        "client_id": emr.client_id,
        "redirect_uri": emr.redirect,
        "scope": "launch",
        "state": "s" * 40,
        "aud": emr.base,
        "launch": "launch-1",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    assert "code=" in emr.authorize(f"{emr.url}/authorize?{urlencode(query)}")
    for wrong in ("aud", "state", "code_challenge", "launch"):
        without = {key: value for key, value in query.items() if key != wrong}
        try:
            where = emr.authorize(f"{emr.url}/authorize?{urlencode(without)}")
        except (AssertionError, OAuth2Error):
            continue
        assert "code=" not in where, wrong
    body = {"grant_type": "authorization_code", "code": "x", "client_id": emr.client_id}
    assert httpx.post(f"{emr.url}/token", data=body).status_code == 400
    assert asyncio.run(_read(emr)) == 401


async def _read(emr: Emr) -> int:
    async with httpx.AsyncClient() as http:
        return (await http.get(f"{emr.base}/Patient/p1")).status_code


def test_identifiers_are_read_however_they_stand() -> None:
    one = {"system": "s", "value": "v"}
    assert names_of({"identifier": one}) == names_of({"identifier": [one]}) == {"s|v"}
