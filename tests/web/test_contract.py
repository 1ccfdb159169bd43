"""The requirements of CDS Hooks on a service, by their ids in the checklist of the design notes."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cds.web.answers import CardsResponse, DiscoveryResponse
from cds.web.services import HOOKS

Json = dict[str, Any]
SECRET = "secret-token-7f3a"  # noqa: S105 (made up)
AUTHORIZATION = {
    "access_token": SECRET,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "tests",
}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}
KEYS = ("patient", "responses", "conditions", "medications", "labs", "procedures")


def test_discovery_keeps_the_specification(serve: Any) -> None:  # D-1 to D-13
    answer = serve().get("/cds-services")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = DiscoveryResponse.model_validate(answer.json())
    assert [one.id for one in found.services] == [f"cramps-{hook}" for hook in HOOKS]
    assert [one.hook for one in found.services] == list(HOOKS)
    assert list(_empties(answer.json())) == []
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


def _empties(node: Any, path: str = "$") -> Iterator[str]:
    if path != "$.cards" and (node is None or node in ("", [], {})):
        yield path
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "resource":
                yield from _empties(value, f"{path}.{key}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _empties(value, f"{path}[{index}]")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_answers_an_emergency_with_one_critical_card(  # R-1, C-1 to C-15
    serve: Any, body: Any, hook: str
) -> None:
    answer = serve().hook(body("no-urine", hook))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    CardsResponse.model_validate(answer.json())
    cards = answer.json()["cards"]
    assert [card["indicator"] for card in cards].count("critical") == 1
    assert list(_empties(answer.json())) == []
    identifiers = [card["uuid"] for card in cards]
    identifiers += [one["uuid"] for card in cards for one in card.get("suggestions", [])]
    assert len(identifiers) == len(set(identifiers))
    assert not any(link.get("autolaunchable") for card in cards for link in card.get("links", []))


def test_a_calm_and_whole_assessment_says_nothing(serve: Any, body: Any) -> None:
    answer = serve().hook(body("everyday-night-cramp"))

    assert answer.json() == {"cards": []}


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


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("state", ["absent", "null", "failed", "empty", "paged"])
def test_every_state_of_every_key_is_answered(  # P-1 to P-6
    serve: Any, body: Any, key: str, state: str
) -> None:
    sent = body("no-urine")
    values = {
        "null": None,
        "failed": OUTCOME,
        "empty": {"resourceType": "Bundle", "type": "searchset", "total": 0},
    }
    if state == "absent":
        del sent["prefetch"][key]
    elif state == "paged" and key != "patient":
        sent["prefetch"][key]["link"] = [{"relation": "next", "url": "https://ehr.example.org/p2"}]
    elif state in values:
        sent["prefetch"][key] = values[state]

    answer = serve().hook(sent)

    assert answer.status_code == (
        412 if key == "responses" and state in {"absent", "failed"} else 200
    )
    if answer.status_code == 412:
        assert [one["diagnostics"] for one in answer.json()["issue"]] == ["body.prefetch.responses"]
    elif key != "responses":
        critical = answer.json()["cards"][0]
        assert critical["indicator"] == "critical"
        said = f"Not available, so not taken into account: {key}" in critical["detail"]
        told = state in {"absent", "failed"} or (state == "paged" and key != "patient")
        assert said == told


@pytest.mark.parametrize("key", KEYS)
def test_nonsense_under_a_key_is_never_a_fault_of_ours(
    serve: Any, body: Any, key: str
) -> None:  # P-8
    caller = serve()
    values: tuple[Any, ...] = (
        "text",
        7,
        [],
        {"resourceType": "Nonsense"},
        {"no": "resourceType"},
        {"resourceType": "Bundle", "type": "searchset", "entry": "x"},
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": None}, {}, 3]},
    )
    for value in values:
        sent = body("no-urine")
        sent["prefetch"][key] = value
        answer = caller.hook(sent)
        assert answer.status_code in {200, 412}
        assert answer.status_code == 412 or answer.json()["cards"]


def test_without_a_response_the_assessment_is_due(serve: Any, body: Any, pack: Any) -> None:
    sent = body()
    sent["prefetch"]["responses"] = None

    (card,) = serve().hook(sent).json()["cards"]

    assert card["indicator"] == "info"
    assert card["source"]["topic"]["code"] == "assessment-due"
    (link,) = card["links"]
    assert link["type"] == "smart"
    form = pack.full
    assert json.loads(link["appContext"]) == {"questionnaire": f"{form.url}|{form.version}"}
    (action,) = card["suggestions"][0]["actions"]
    assert action["resource"]["resourceType"] == "Task"


def test_without_response_and_problem_there_is_nothing_to_say(serve: Any, body: Any) -> None:
    sent = body()
    sent["prefetch"]["responses"] = None
    sent["prefetch"]["conditions"] = None

    assert serve().hook(sent).json() == {"cards": []}


def test_without_response_and_knowledge_of_the_problem_nothing_can_be_said(
    serve: Any, body: Any
) -> None:
    sent = body()
    sent["prefetch"]["responses"] = None
    del sent["prefetch"]["conditions"]

    answer = serve().hook(sent)

    assert answer.status_code == 412
    assert [one["diagnostics"] for one in answer.json()["issue"]] == ["body.prefetch.conditions"]


def test_a_critical_value_alarms_although_nobody_asked_the_questions(serve: Any, body: Any) -> None:
    sent = body("potassium-critical")
    sent["prefetch"]["responses"] = None

    cards = serve().hook(sent).json()["cards"]

    assert [card["indicator"] for card in cards] == ["critical", "info"]


def test_open_safety_questions_are_named_in_a_warning(serve: Any, body: Any) -> None:
    cards = serve().hook(body("incomplete")).json()["cards"]

    warning = next(card for card in cards if card["indicator"] == "warning")
    assert "not excluded" in warning["detail"] + warning["summary"]
    assert warning["links"][0]["type"] == "smart"


def test_the_same_call_gives_the_same_cards(serve: Any, body: Any) -> None:
    sent = body()
    caller = serve()

    assert caller.hook(sent).json() == caller.hook(sent).json()


def test_another_call_gives_cards_of_other_ids(serve: Any, body: Any) -> None:
    sent = body()
    caller = serve()
    first = caller.hook(sent).json()["cards"][0]
    second = caller.hook({**sent, "hookInstance": str(uuid.uuid4())}).json()["cards"][0]

    assert first["uuid"] != second["uuid"]
    assert first["suggestions"][0]["actions"] == second["suggestions"][0]["actions"]


def test_a_suggested_message_is_a_draft(serve: Any, body: Any) -> None:
    card = serve().hook(body()).json()["cards"][0]

    made = [action["resource"] for one in card["suggestions"] for action in one["actions"]]
    kinds = [one["resourceType"] for one in made]
    assert kinds[:2] == ["RiskAssessment", "CommunicationRequest"]
    assert set(kinds[2:]) == {"ServiceRequest"}
    assert made[1]["status"] == "draft"
    assert all(one["status"] == "draft" and one["intent"] == "proposal" for one in made[2:])


FEEDBACK = {
    "card": "4e0a3a1e-3449-4f0d-9c06-2d5f7a1b1f10",
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "4e0a3a1e-3449-4f0d-9c06-2d5f7a1b1f11"}],
    "outcomeTimestamp": "2026-01-05T10:05:31Z",
}
OVERRIDDEN = {key: FEEDBACK[key] for key in ("card", "outcomeTimestamp")} | {
    "outcome": "overridden"
}
REASONED = {
    **OVERRIDDEN,
    "overrideReason": {
        "reason": {"code": "x", "system": "https://a.example"},
        "userComment": "No.",
    },
}


def test_feedback_is_taken_in_all_its_forms_and_twice(
    serve: Any, sqlite: Any
) -> None:  # F-1 to F-4
    caller = serve(store=sqlite)
    url = "/cds-services/cramps-patient-view/feedback"

    for items in (
        [FEEDBACK],
        [OVERRIDDEN],
        [REASONED],
        [FEEDBACK, OVERRIDDEN, REASONED],
        [FEEDBACK],
    ):
        assert caller.post(url, {"feedback": items}).status_code == 200


@pytest.mark.parametrize(
    "item",
    [
        {key: value for key, value in FEEDBACK.items() if key != "acceptedSuggestions"},
        {**OVERRIDDEN, "outcome": "ignored"},
        {key: value for key, value in OVERRIDDEN.items() if key != "card"},
        {key: value for key, value in OVERRIDDEN.items() if key != "outcomeTimestamp"},
        {**OVERRIDDEN, "outcomeTimestamp": "yesterday"},
        {**OVERRIDDEN, "outcomeTimestamp": "2026-02-30T10:00:00Z"},
        {**OVERRIDDEN, "overrideReason": {}},
        "x",
    ],
)
def test_feedback_that_is_not_whole_is_refused(serve: Any, item: Any) -> None:
    answer = serve().post("/cds-services/cramps-patient-view/feedback", {"feedback": [item]})

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"].startswith("body.feedback[0]")


@pytest.mark.parametrize("whole", [[FEEDBACK], {"x": 1}, {"feedback": FEEDBACK}, {"feedback": []}])
def test_feedback_of_another_shape_is_refused(serve: Any, whole: Any) -> None:
    answer = serve().post("/cds-services/cramps-patient-view/feedback", whole)

    assert answer.status_code == 400
