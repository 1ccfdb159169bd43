"""The requirements of CDS Hooks on discovery and requests, by their ids in the checklist."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cds.web.contract.answers import DiscoveryResponse
from cds.web.contract.services import HOOKS
from tests.web.caller import empties

Json = dict[str, Any]


SECRET = "secret-token-7f3a"  # noqa: S105 (made up)


AUTHORIZATION = {
    "access_token": SECRET,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "tests",
}


KEYS = ("patient", "responses", "conditions", "medications", "labs", "procedures")


def test_discovery_keeps_the_specification(serve: Any) -> None:  # D-1 to D-13
    answer = serve().get("/cds-services")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = DiscoveryResponse.model_validate(answer.json())
    assert [one.id for one in found.services] == [f"cramps-{hook}" for hook in HOOKS]
    assert [one.hook for one in found.services] == list(HOOKS)
    assert list(empties(answer.json())) == []
    for one in found.services:
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", one.version)
        assert set(one.prefetch) == set(KEYS)
        for template in one.prefetch.values():
            assert set(re.findall(r"\{\{(.*?)\}\}", template)) == {"context.patientId"}  # D-8
            assert not re.search(r"_include|_revinclude|_has|\$|_filter|https?://[^&]*\{", template)


def test_discovery_is_the_same_each_time_and_takes_nothing(serve: Any) -> None:  # D-16
    caller = serve()

    assert caller.get("/cds-services").content == caller.get("/cds-services").content
    assert caller.post("/cds-services", {}).status_code == 405


@pytest.mark.parametrize("field", ["hook", "hookInstance", "context"])
def test_a_required_field_that_is_missing_is_named(
    serve: Any, body: Any, field: str
) -> None:
    sent = body()
    name = sent["hook"]
    del sent[field]

    answer = serve().post(f"/cds-services/cramps-{name}", sent)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"] == f"body.{field}"
    assert answer.json()["issue"][0]["code"] == "required"


@pytest.mark.parametrize(
    ("hook", "field"),
    [
        ("patient-view", "userId"),
        ("patient-view", "patientId"),
        ("encounter-start", "encounterId"),
        ("encounter-discharge", "encounterId"),
        ("order-select", "selections"),
        ("order-select", "draftOrders"),
        ("order-sign", "draftOrders"),
    ],
)
def test_a_required_context_field_that_is_missing_is_named(
    serve: Any, body: Any, hook: str, field: str
) -> None:
    sent = body("no-urine", hook)
    del sent["context"][field]

    answer = serve().hook(sent)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"] == f"body.context.{field}"


WRONG: list[tuple[str, Callable[[Json], Any]]] = [
    ("hook of another service", lambda b: b.update(hook="order-sign")),
    ("hook a number", lambda b: b.update(hook=5)),
    ("hookInstance a number", lambda b: b.update(hookInstance=5)),
    ("hookInstance no UUID", lambda b: b.update(hookInstance="not-a-uuid")),
    ("context a list", lambda b: b.update(context=[])),
    ("context null", lambda b: b.update(context=None)),
    ("patientId an object", lambda b: b["context"].update(patientId={"id": "1"})),
    ("prefetch a list", lambda b: b.update(prefetch=[1])),
    ("fhirServer a number", lambda b: b.update(fhirServer=1)),
    ("token without server", lambda b: b.update(fhirAuthorization=AUTHORIZATION)),
    (
        "authorization a text",
        lambda b: b.update(fhirServer="https://ehr.example.org/fhir", fhirAuthorization="x"),
    ),
    (
        "authorization without token",
        lambda b: b.update(
            fhirServer="https://ehr.example.org/fhir", fhirAuthorization={"token_type": "Bearer"}
        ),
    ),
]


@pytest.mark.parametrize(("what", "edit"), WRONG, ids=[what for what, _ in WRONG])
def test_a_field_of_another_type_is_refused(
    serve: Any, body: Any, what: str, edit: Callable[[Json], Any]
) -> None:
    sent = body()
    edit(sent)

    answer = serve().post("/cds-services/cramps-patient-view", sent)

    assert answer.status_code == 400, what
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_what_a_newer_client_adds_does_not_matter(serve: Any, body: Any) -> None:
    sent = body()
    sent["extension"] = {"com.example.probe": {"a": 1}}
    sent["futureField"] = "Zoë 李"
    sent["context"]["futureField"] = 1
    sent["prefetch"]["never-asked-for"] = {"resourceType": "Basic"}

    assert serve().hook(sent).status_code == 200


def test_orders_as_the_reference_client_sends_them_are_read(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp", "order-select")
    del sent["context"]["draftOrders"]["type"]
    del sent["context"]["draftOrders"]["entry"][0]["resource"]["intent"]

    cards = serve().hook(sent).json()["cards"]

    assert [card["indicator"] for card in cards] == ["info"]
    assert cards[0]["source"]["topic"]["code"] == "order"
    assert "furosemide" in cards[0]["detail"]


def test_an_unknown_service_is_404(serve: Any, body: Any) -> None:
    for name in ("no-such", "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000):
        answer = serve().post(f"/cds-services/{name}", body())
        assert answer.status_code == 404
        assert answer.json()["resourceType"] == "OperationOutcome"
