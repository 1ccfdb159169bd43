"""Rows 12 to 19 of the threat model: what a body may hold, and what is told of it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cds.web.settings import LimitSettings
from tests.web.counterpart import MARK

Json = dict[str, Any]


BAD_JSON: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda text: text[:-1],
    "a list": lambda _: b"[]",
    "a text": lambda _: b'"text"',
    "null": lambda _: b"null",
    "NaN": lambda text: text[:-1] + b',"x":NaN}',
    "Infinity": lambda text: text[:-1] + b',"x":-Infinity}',
    "1e400": lambda text: text[:-1] + b',"x":1e400}',
    "long number": lambda text: text[:-1] + b',"x":' + b"1" * 100_000 + b"}",
    "100,000 deep": lambda text: text[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "65 deep": lambda text: text[:-1] + b',"x":' + b"[" * 65 + b"]" * 65 + b"}",
    "duplicate key": lambda text: text[:-1] + b',"hook":"order-sign"}',
    "lone surrogate": lambda text: text[:-1] + b',"x":"\\ud800"}',
    "bad UTF-8": lambda text: text[:-1] + b',"x":"\xff\xfe"}',
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "two values": lambda text: text + text,
    "comment": lambda text: b"/* x */" + text,
    "trailing comma": lambda text: text[:-1] + b",}",
    "single quotes": lambda text: text.replace(b'"', b"'"),
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_12_json_that_readers_differ_on_is_refused(serve: Any, body: Any, name: str) -> None:
    text = json.dumps(body()).encode()

    answer = serve().post("/cds-services/cramps-patient-view", BAD_JSON[name](text))

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == "structure"


def test_13_a_body_over_the_limit_is_refused(serve: Any, body: Any) -> None:
    caller = serve(limits=LimitSettings(body_bytes=20_000, requests_per_minute=0))
    padded = json.dumps({**body(), "x": "y" * 20_000}).encode()

    def parts() -> Any:
        async def generate() -> Any:
            yield padded[:15_000]
            yield padded[15_000:]

        return generate()

    assert caller.post("/cds-services/cramps-patient-view", padded).status_code == 413
    headers = {"content-type": "application/json"}
    chunked = caller.request(
        "POST", "/cds-services/cramps-patient-view", content=parts(), headers=headers
    )
    assert chunked.status_code == 413


def test_13_a_million_items_are_too_costly(serve: Any, body: Any) -> None:
    text = json.dumps(body()).encode()[:-1] + b',"x":[' + b"1," * 1_000_000 + b"1]}"

    answer = serve().post("/cds-services/cramps-patient-view", text)

    assert answer.status_code == 422
    assert answer.json()["issue"][0]["code"] == "too-costly"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip"},  # 13
        {"content-type": "application/xml"},  # 18
        {"content-type": "text/plain"},  # 21
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": ""},
    ],
)
def test_13_18_21_only_plain_json_is_read(serve: Any, body: Any, headers: dict[str, str]) -> None:
    answer = serve().hook(body(), headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "kind",
    [
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/fhir+json",
    ],
)
def test_12_the_usual_media_types_are_read(serve: Any, body: Any, kind: str) -> None:
    assert serve().hook(body(), headers={"content-type": kind}).status_code == 200


def test_14_a_questionnaire_of_the_sender_is_not_used(serve: Any, body: Any) -> None:
    sent = body()
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    regex = {"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "(a+)+$"}
    response["contained"] = [
        {
            "resourceType": "Questionnaire",
            "id": "q",
            "item": [{"linkId": "x", "extension": [regex]}],
        }
    ]
    response["questionnaire"] = "#q"

    answer = serve().hook(sent)

    # What was answered tells that it is ours; the form that came along is not looked at.
    assert answer.json()["cards"][0]["source"]["topic"]["code"] == "alarm"


def test_14_long_texts_take_no_longer(serve: Any, body: Any) -> None:
    sent = body()
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    response["authored"] = "9" * 100_000
    response["item"][0]["linkId"] = "a" * 100_000

    assert serve().hook(sent).status_code == 200


ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "https://evil.example/",
    "www.evil.example",
    "a\n\n# Heading",
    "\x1b[2J\x1b]8;;https://evil.example\x07link",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("text", ACTIVE)
def test_15_16_foreign_text_is_shown_as_it_is(serve: Any, body: Any, text: str) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    order = sent["context"]["draftOrders"]["entry"][0]["resource"]
    order["medicationCodeableConcept"]["text"] = f"furosemide {text}"

    (card,) = serve().hook(sent).json()["cards"]

    shown = MarkdownIt("commonmark", {"html": True}).render(card["detail"])
    assert not re.search(r"<(?!/?(p|ul|li|strong)>)", shown)
    assert not re.search(r"(?<!\\)://|www\.|[\x00-\x09\x0b-\x1f\u202e]", card["detail"])


def test_19_an_error_never_quotes_a_value(serve: Any, body: Any) -> None:
    edits: list[Callable[[Json], Any]] = [
        lambda b: b.update(hookInstance=MARK),
        lambda b: b.update(hook=MARK),
        lambda b: b["context"].update(patientId=f"{MARK}/"),
        lambda b: b["context"].update(userId=MARK),
        lambda b: b.update(fhirServer=f"https://{MARK}.example", prefetch={}),
    ]
    unread: list[Callable[[Json], Any]] = [
        lambda b: b["prefetch"].update(patient={"resourceType": "Patient", "id": MARK}),
        lambda b: b["prefetch"].update(responses={"resourceType": MARK}),
    ]
    for edit in (*edits, *unread):
        sent = body()
        edit(sent)
        answer = serve().post("/cds-services/cramps-patient-view", sent)
        assert answer.status_code >= 400 or edit in unread
        assert MARK not in answer.text


def test_19_a_fault_of_ours_is_said_and_tells_nothing(serve: Any, body: Any, capfd: Any) -> None:
    caller = serve()
    object.__setattr__(caller.service, "assessor", None)

    answer = caller.hook(body())

    assert answer.status_code == 500
    assert answer.json()["issue"][0]["code"] == "exception"
    assert "Do not read this as an all-clear" in answer.text
    assert "Traceback" not in answer.text + "".join(capfd.readouterr())
