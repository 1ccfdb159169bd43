"""Who may send what: tokens, sessions, frames, the rate, and how a refusal is told to a person."""

import re
from dataclasses import replace
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.web.settings import FormSettings, LimitSettings
from tests.form.conftest import Visit
from tests.web.caller import Caller


class Broken:
    """A fault of ours around the real one: a compiled class has no interpreted children."""

    def __init__(self, real: Assessor) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def assess(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError


ANSWER = {"safety.consciousness": "unresponsive-now"}


def decided(person: Any) -> bool:
    found: bool = person.look("/forms/cramps/result").status_code == 200
    return found


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"token": ""}, {}),
        ({"token": "0" * 64}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null", "sec-fetch-site": "cross-site"}),
        ({}, {"origin": "https://cds.example.org.evil.example"}),
        ({}, {"origin": "http://cds.example.org"}),
    ],
)
def test_what_another_page_sends_decides_nothing(
    visit: Visit, changes: dict[str, str], headers: dict[str, str]
) -> None:
    person = visit()
    person.open()
    page = person.post({**ANSWER, "do": "send", **changes}, **headers)

    assert page.status == 403
    assert not decided(person)


def test_answers_sent_after_the_session_ended_are_shown_again_with_the_alarm(visit: Visit) -> None:
    person = visit()
    person.open()
    person.cookies.clear()
    page = person.press(**ANSWER)

    assert page.status == 403
    assert page.fields["safety.consciousness"] == ["unresponsive-now"]
    assert "Call the local emergency number now." in page.text
    assert "were not sent yet" in page.text
    person.press()
    assert decided(person)


def test_a_cookie_that_the_service_did_not_make_is_never_taken_over(visit: Visit) -> None:
    person = visit()
    person.cookies["__Host-cramp-cds"] = "made-up-by-somebody-else"
    person.open()

    assert person.cookies["__Host-cramp-cds"] != "made-up-by-somebody-else"


def test_the_cookie_is_secure_and_for_this_site_alone(visit: Visit) -> None:
    cookie = visit().open().answer.headers["set-cookie"]

    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


def test_in_a_named_frame_the_cookie_is_partitioned(visit: Visit) -> None:
    form = FormSettings(enabled=True, frame_ancestors=("https://ehr.example.org",))
    answer = visit(form=form).open().answer

    assert "SameSite=None; Partitioned; Secure" in answer.headers["set-cookie"]
    assert "frame-ancestors https://ehr.example.org" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


def test_a_page_runs_only_files_of_its_own_and_stands_in_no_frame(visit: Visit) -> None:
    page = visit().open()
    policy = page.answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.answer.headers["cache-control"] == "no-store"
    assert len(page.answer.headers.get_list("content-security-policy")) == 1
    assert re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.html) is None


def test_every_file_of_a_page_is_there_and_may_be_kept(visit: Visit) -> None:
    person = visit()
    page = person.open()
    files = re.findall(r'(?:src|href)="(/forms/assets/[^"]+)"', page.html)

    assert len(files) == 3
    for file in files:
        answer = person.look(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_too_many_calls_are_told_in_words(visit: Visit) -> None:
    person = visit(limits=LimitSettings(requests_per_minute=2))
    person.open()
    person.open()
    page = person.open()

    assert page.status == 429
    assert "Please wait a minute" in page.text
    assert "not a result" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/forms/none", 404), ("/forms/cramps/result", 404), ("/forms/assets/x.js", 404)],
)
def test_a_refusal_is_a_page_that_says_it_is_no_result(
    visit: Visit, path: str, status: int
) -> None:
    page = visit().open(path)

    assert page.status == status
    assert "Do not read it as all clear." in page.text


def test_a_fault_of_ours_is_told_as_one_and_never_as_a_result(
    visit: Visit,
) -> None:
    person = visit()
    person.open()
    broken: Any = Broken(person.caller.service.assessor)
    person.caller = Caller(replace(person.caller.service, assessor=broken))
    page = person.press(**ANSWER)

    assert page.status == 500
    assert "Something went wrong on our side." in page.text
    assert "Do not read it as all clear." in page.text


def test_a_body_that_is_too_long_or_no_form_is_refused(visit: Visit) -> None:
    person = visit()
    person.open()

    assert person.press(more="x" * 300_000).status == 413
    wrong = person.caller.request(
        "POST", "/forms/cramps", content=b"{}", headers={"content-type": "text/plain"}
    )
    assert wrong.status_code == 415


def test_answers_to_a_form_that_has_changed_are_not_judged_by_the_new_one(visit: Visit) -> None:
    person = visit()
    person.open()
    page = person.press(**ANSWER, version="cramps 0000")

    assert page.status == 409
    assert "The questions have changed" in page.text
    assert "Call the local emergency number now." in page.text
    assert not decided(person)


def test_without_the_setting_there_is_no_form(visit: Visit) -> None:
    assert visit(form=FormSettings()).open().status == 404


def test_an_alarm_names_the_number_of_the_site_and_never_another(visit: Visit) -> None:
    person = visit(form=FormSettings(enabled=True, emergency_number="112"))
    person.open()
    page = person.press(**ANSWER)

    assert "Call 112 now." in page.text
    assert "tel:112" in page.links
    assert "911" not in page.text.replace("emergency-911", "")
