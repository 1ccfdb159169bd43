"""The threats 8 to 25, each by its number; 1 to 7 stand in test_tokens.py, 26 with the store."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cds.web.ehr import within
from cds.web.outbound import is_public
from cds.web.settings import AuthSettings, Client, LimitSettings
from cds.web.throttle import Throttle

Json = dict[str, Any]
MARK = "MARKER-7f3a"
PUBLIC = "https://cds.example.org"
URL = f"{PUBLIC}/cds-services/cramps-patient-view"
AUTHORIZATION = {
    "access_token": MARK,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "tests",
}

# ── 8: the FHIR server is chosen by nobody but the site ──

ELSEWHERE = [
    "https://evil.example/fhir",
    "https://ehr.example.org/fhir/../admin",
    "https://ehr.example.org/fhirx",
    "https://ehr.example.org/fhir?x=1",
    "https://ehr.example.org/fhir#x",
    "https://ehr.example.org@evil.example/fhir",
    "https://evil.example\\@ehr.example.org/fhir",
    "https://ehr.example.org:8443/fhir",
    "http://ehr.example.org/fhir",
    "HTTPS://EHR.EXAMPLE.ORG/fhir",
    "https://ehr.example.org.evil.example/fhir",
    "http://127.0.0.1/fhir",
    "http://127.1/fhir",
    "http://2130706433/fhir",
    "http://0x7f000001/fhir",
    "http://[::1]/fhir",
    "http://[::ffff:127.0.0.1]/fhir",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/fhir",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "//ehr.example.org/fhir",
]


@pytest.mark.parametrize("server", ELSEWHERE)
def test_8_a_server_that_is_not_registered_is_refused_and_not_called(
    serve: Any, body: Any, server: str
) -> None:
    asked: list[str] = []

    async def lookup(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    sent = body(fhirServer=server, fhirAuthorization=AUTHORIZATION)
    del sent["prefetch"]

    answer = serve(lookup=lookup).hook(sent)

    assert answer.status_code == 403
    assert answer.json()["issue"][0]["code"] == "forbidden"
    assert asked == []
    assert MARK not in answer.text


def test_8_a_client_may_not_use_the_server_of_another(serve: Any, signing: Any, body: Any) -> None:
    clients = (
        Client(
            "a",
            iss="https://ehr.example.org",
            jwks_file=str(signing.jwks),
            fhir_base="https://a.example/fhir",
        ),
        Client(
            "b",
            iss="https://b.example",
            jwks_file=str(signing.jwks),
            fhir_base="https://b.example/fhir",
        ),
    )
    caller = serve(auth=AuthSettings(), clients=clients)

    answer = caller.hook(
        body(fhirServer="https://b.example/fhir"),
        headers={"authorization": f"Bearer {signing.token(URL)}"},
    )

    assert answer.status_code == 403


def test_8_a_name_that_resolves_to_a_private_address_is_not_connected_to(
    serve: Any, body: Any
) -> None:
    async def lookup(_: str, __: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    sent = body(fhirServer="https://ehr.example.org/fhir")
    del sent["prefetch"]

    answer = serve(lookup=lookup).hook(sent)

    assert answer.status_code == 412
    assert "not-reached" in answer.text


def test_8_a_name_is_resolved_once_and_that_address_is_connected_to(
    serve: Any, body: Any, ehr: Any
) -> None:
    """Rebinding: a second look-up would give another address; there is none."""
    port = int(ehr.url.rpartition(":")[2])
    looked: list[str] = []

    async def lookup(host: str, _: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) <= 6 else ["10.9.9.9"]

    base = f"http://ehr.test:{port}/fhir"
    client = Client("ehr", fhir_base=base, allow_private=True)
    sent = body(fhirServer=base, fhirAuthorization=AUTHORIZATION)
    ehr.holds(sent.pop("prefetch"))

    answer = serve(clients=(client,), lookup=lookup).hook(sent)

    assert answer.status_code == 200
    assert len(looked) == len(ehr.asked) == 6


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 (an address to refuse)
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_8_private_addresses_are_known_in_every_form(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_8_a_redirect_is_not_followed(serve: Any, body: Any, ehr: Any) -> None:
    ehr.answer = lambda _: (302, {"location": f"{ehr.url}/elsewhere"}, b"")
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    del sent["prefetch"]

    answer = serve(clients=(ehr.client,)).hook(sent)

    assert answer.status_code == 412
    assert "/elsewhere" not in {path for path, _ in ehr.asked}


# ── 9: the token of the EHR ──


def test_9_the_access_token_goes_to_the_ehr_and_nowhere_else(
    serve: Any, body: Any, ehr: Any, sqlite: Any, capfd: Any
) -> None:
    sent = body(fhirServer=ehr.base, fhirAuthorization=AUTHORIZATION)
    ehr.holds(sent.pop("prefetch"))
    caller = serve(clients=(ehr.client,), store=sqlite)

    answer = caller.hook(sent)

    assert answer.status_code == 200
    assert {token for _, token in ehr.asked} == {f"Bearer {MARK}"}
    assert MARK not in answer.text
    assert MARK not in "".join(capfd.readouterr())
    log = caller.service.ledger.open()
    assert all(MARK.encode() not in repr(entry).encode() for entry in log.entries())
    for path in [*_files(sqlite)]:
        assert MARK.encode() not in path.read_bytes()


def _files(settings: Any) -> list[Any]:
    from pathlib import Path  # noqa: PLC0415

    path = Path(settings.url.removeprefix("sqlite:///"))
    return list(path.parent.glob(f"{path.name}*"))


# ── 10: ids and other patients ──


@pytest.mark.parametrize("value", ["../../admin", "a/b", "..", ".", "x" * 65, "a?b=1", "%2e%2e"])
@pytest.mark.parametrize("field", ["patientId", "encounterId"])
def test_10_an_id_that_is_none_is_refused(serve: Any, body: Any, field: str, value: str) -> None:
    sent = body()
    sent["context"][field] = value

    answer = serve().hook(sent)

    assert answer.status_code == 422
    assert answer.json()["issue"][0]["diagnostics"] == f"body.context.{field}"
    assert value not in answer.text.replace("A-Z a-z 0-9 - .", "") or len(value) < 3


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/someone-else"},
        {"reference": "https://other.example/fhir/Patient/someone-else"},
        {"reference": "Group/example-0-0"},
        "Patient/example-0-0",
    ],
)
@pytest.mark.parametrize("key", ["responses", "conditions"])
def test_10_data_of_another_patient_is_refused(
    serve: Any, body: Any, key: str, subject: Any
) -> None:
    sent = body()
    sent["prefetch"][key]["entry"][0]["resource"]["subject"] = subject

    answer = serve().hook(sent)

    assert answer.status_code == 422
    assert answer.json()["issue"][0]["diagnostics"] == f"body.prefetch.{key}[0].subject"
    assert "someone-else" not in answer.text


def test_10_another_patient_resource_is_refused(serve: Any, body: Any) -> None:
    sent = body()
    sent["prefetch"]["patient"]["id"] = "someone-else"

    assert serve().hook(sent).status_code == 422


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ehr.example.org/fhir?page=2", True),
        ("https://ehr.example.org/fhir/Condition?page=2", True),
        ("https://ehr.example.org/fhirx?page=2", False),
        ("https://evil.example/fhir?page=2", False),
        ("http://ehr.example.org/fhir?page=2", False),
        ("https://a@ehr.example.org/fhir?page=2", False),
        ("https://ehr.example.org:444/fhir?page=2", False),
        ("https://ehr.example.org/fhir/../admin", False),
        ("https://ehr.example.org/fhir/%2e%2e/admin", False),
        ("https://ehr.example.org/fhir\\@evil.example/", False),
        ("https://ehr.example.org:x/fhir", False),
        ("/fhir?page=2", False),
    ],
)
def test_10_next_links_stay_within_the_registered_base(url: str, expected: bool) -> None:
    assert within(url, "https://ehr.example.org/fhir") is expected


# ── 12, 13: JSON that readers differ on, and too much of it ──

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


# ── 14: regular expressions ──


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

    assert answer.json()["cards"][0]["source"]["topic"]["code"] == "assessment-due"


def test_14_long_texts_take_no_longer(serve: Any, body: Any) -> None:
    sent = body()
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    response["authored"] = "9" * 100_000
    response["item"][0]["linkId"] = "a" * 100_000

    assert serve().hook(sent).status_code == 200


# ── 15, 16: text that would act ──

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


# ── 19: nothing of the patient in an error ──


def test_19_an_error_never_quotes_a_value(serve: Any, body: Any) -> None:
    edits: list[Callable[[Json], Any]] = [
        lambda b: b.update(hookInstance=MARK),
        lambda b: b.update(hook=MARK),
        lambda b: b["context"].update(patientId=f"{MARK}/"),
        lambda b: b["context"].update(userId=MARK),
        lambda b: b.update(fhirServer=f"https://{MARK}.example"),
        lambda b: b["prefetch"].update(patient={"resourceType": "Patient", "id": MARK}),
        lambda b: b["prefetch"].update(responses={"resourceType": MARK}),
    ]
    for edit in edits:
        sent = body()
        edit(sent)
        answer = serve().post("/cds-services/cramps-patient-view", sent)
        assert answer.status_code >= 400
        assert MARK not in answer.text


def test_19_a_fault_of_ours_is_said_and_tells_nothing(serve: Any, body: Any, capfd: Any) -> None:
    caller = serve()
    object.__setattr__(caller.service, "assessor", None)

    answer = caller.hook(body())

    assert answer.status_code == 500
    assert answer.json()["issue"][0]["code"] == "exception"
    assert "Do not read this as a clear result" in answer.text
    assert "Traceback" not in answer.text + "".join(capfd.readouterr())


# ── 20: browsers ──


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


# ── 22: floods ──


def test_22_too_many_calls_of_one_client_are_slowed_and_others_are_not(
    serve: Any, signing: Any, body: Any
) -> None:
    base = Client("a", iss="https://ehr.example.org", jwks_file=str(signing.jwks), tenant="a")
    caller = serve(
        auth=AuthSettings(),
        clients=(base, replace(base, name="b", tenant="b")),
        limits=LimitSettings(requests_per_minute=5),
    )

    def status(tenant: str, peer: str) -> Any:
        caller.service.throttle._buckets.pop(f"tokens of {peer}", None)
        headers = {"authorization": f"Bearer {signing.token(URL, tenant=tenant)}"}
        return caller.hook({**body(), "hookInstance": str(uuid.uuid4())}, headers=headers)

    answers = [status("a", "127.0.0.1") for _ in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert status("b", "127.0.0.1").status_code == 200


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


# ── 23: two ways to read one request ──


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


# ── 24: what is not to be seen ──


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/metrics", "/.env", "/admin", "/"])
def test_24_nothing_is_open_by_default(serve: Any, path: str) -> None:
    assert serve().get(path).status_code == 404


# ── 25: a hookInstance again ──


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
