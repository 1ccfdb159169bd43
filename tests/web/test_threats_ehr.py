"""Rows 8 to 11 of the threat model: whose data, and where the service may go for it."""

from typing import Any

import pytest

from cds.web.settings import AuthSettings, Client
from cds.web.trust.ehr import _within
from cds.web.trust.outbound import is_public
from tests.web.caller import URL, said_in
from tests.web.counterpart import AUTHORIZATION, MARK

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
    whole = serve(lookup=lookup).hook(sent)
    del sent["prefetch"]

    answer = serve(lookup=lookup).hook(sent)

    if server.lower().startswith("http"):
        assert answer.json()["issue"][0]["code"] == "forbidden"
        assert whole.json()["cards"][0]["indicator"] == "critical"
    else:  # no web address at all
        assert answer.json()["issue"][0]["diagnostics"] == "body.fhirServer"
    assert answer.status_code in {400, 403}
    assert asked == []
    assert MARK not in answer.text + whole.text


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

    sent = body(fhirServer="https://b.example/fhir")
    del sent["prefetch"]["labs"]
    answer = caller.hook(sent, headers={"authorization": f"Bearer {signing.token(URL)}"})

    assert answer.status_code == 403


def test_8_a_name_that_resolves_to_a_private_address_is_not_connected_to(
    serve: Any, body: Any
) -> None:
    async def lookup(_: str, __: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    sent = body(fhirServer="https://ehr.example.org/fhir")
    del sent["prefetch"]

    answer = serve(lookup=lookup).hook(sent)

    assert answer.json()["cards"][0]["source"]["topic"]["code"] == "not-assessed"
    assert "not reached" in answer.text


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

    assert answer.json()["cards"][0]["source"]["topic"]["code"] == "not-assessed"
    assert "/elsewhere" not in {path for path, _ in ehr.asked}


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
def test_10_data_of_another_patient_is_never_used_and_a_card_says_so(
    serve: Any, body: Any, key: str, subject: Any
) -> None:
    sent = body()
    sent["prefetch"][key]["entry"][0]["resource"]["subject"] = subject

    answer = serve().hook(sent)

    topics = [card["source"]["topic"]["code"] for card in answer.json()["cards"]]
    assert "other-patient" in topics
    assert ("alarm" in topics) == (key != "responses")
    assert ("not-assessed" in topics) == (key == "responses")
    assert f"Sent under {key}" in said_in(answer)
    assert "someone-else" not in answer.text


def test_10_another_patient_resource_is_never_used_and_a_card_says_so(
    serve: Any, body: Any
) -> None:
    sent = body()
    sent["prefetch"]["patient"]["id"] = "someone-else"

    answer = serve().hook(sent)

    assert "Sent under patient" in said_in(answer)
    assert "someone-else" not in answer.text


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
    assert _within(url, "https://ehr.example.org/fhir") is expected
