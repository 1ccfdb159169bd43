"""What the cards say and offer, and when there is none: CDS Hooks C-1 to C-15."""

import json
import time
import uuid
from datetime import datetime
from typing import Any

import pytest

from cds.web.contract.answers import CardsResponse
from cds.web.contract.services import HOOKS
from cds.web.settings import CardSettings, ServerSettings
from tests.web.caller import PUBLIC, empties

WITH_FORM = ServerSettings(
    public_url=PUBLIC, metrics_port=0, form_url="https://form.example.org/launch"
)


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
    assert list(empties(answer.json())) == []
    identifiers = [card["uuid"] for card in cards]
    identifiers += [one["uuid"] for card in cards for one in card.get("suggestions", [])]
    assert len(identifiers) == len(set(identifiers))
    assert not any(link.get("autolaunchable") for card in cards for link in card.get("links", []))


def test_a_calm_and_whole_assessment_says_nothing(serve: Any, body: Any) -> None:
    answer = serve().hook(body("everyday-night-cramp"))

    assert answer.json() == {"cards": []}


def test_without_a_response_the_assessment_is_due(serve: Any, body: Any, pack: Any) -> None:
    sent = body()
    sent["prefetch"]["responses"] = None

    (card,) = serve(server=WITH_FORM).hook(sent).json()["cards"]

    assert card["indicator"] == "info"
    assert card["source"]["topic"]["code"] == "assessment-due"
    (link,) = card["links"]
    assert link["type"] == "smart"
    assert link["url"] == WITH_FORM.form_url
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

    (card, _) = serve().hook(sent).json()["cards"]
    refused = serve(cards=CardSettings("412")).hook(sent)

    assert card["source"]["topic"]["code"] == "not-assessed"
    assert card["summary"].endswith("not assessed. The problem list could not be read")
    assert refused.status_code == 412
    assert [one["diagnostics"] for one in refused.json()["issue"]] == ["body.prefetch.conditions"]


def test_a_critical_value_alarms_although_nobody_asked_the_questions(serve: Any, body: Any) -> None:
    sent = body("potassium-critical")
    sent["prefetch"]["responses"] = None

    cards = serve().hook(sent).json()["cards"]

    assert [card["indicator"] for card in cards] == ["critical", "info"]


def test_a_value_of_the_record_leads_with_its_unit_day_and_mark(serve: Any, body: Any) -> None:
    sent = body("potassium-critical")
    (lab,) = [one["resource"] for one in sent["prefetch"]["labs"]["entry"]]
    quantity = lab["valueQuantity"]

    card = serve().hook(sent).json()["cards"][0]

    moment = datetime.fromisoformat(lab["effectiveDateTime"])
    day = f"{moment.day} {moment:%b, %H:%M}"
    value = f"{quantity['value']} {quantity['unit']}"
    assert card["summary"] == f"Critical potassium {value} ({day})"
    assert f"- **Potassium {value} ({day})**: flagged HH by the laboratory" in card["detail"]


def test_open_safety_questions_are_named_in_a_warning(serve: Any, body: Any) -> None:
    cards = serve().hook(body("incomplete")).json()["cards"]

    warning = next(card for card in cards if card["indicator"] == "warning")
    assert "not excluded" in warning["detail"] + warning["summary"]
    assert warning["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "Task"


@pytest.mark.parametrize("scenario", ["incomplete", "no-urine"])
def test_without_a_form_app_no_link_leads_nowhere(serve: Any, body: Any, scenario: str) -> None:
    sent = body(scenario)
    if scenario == "no-urine":
        sent["prefetch"]["responses"] = None

    cards = serve().hook(sent).json()["cards"]

    assert {one["type"] for card in cards for one in card.get("links", ())} <= {"absolute"}
    tasks = [
        action["resource"]
        for card in cards
        for one in card["suggestions"]
        for action in one["actions"]
        if action["resource"]["resourceType"] == "Task"
    ]
    assert len(tasks) == 1


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
    card = serve().hook(body("potassium-critical")).json()["cards"][0]

    made = [action["resource"] for one in card["suggestions"] for action in one["actions"]]
    kinds = [one["resourceType"] for one in made]
    assert kinds[:2] == ["RiskAssessment", "CommunicationRequest"]
    assert set(kinds[2:]) == {"ServiceRequest"}
    assert made[1]["status"] == "draft"
    assert all(one["status"] == "draft" and one["intent"] == "proposal" for one in made[2:])


@pytest.mark.parametrize("scenario", ["potassium-critical", "no-urine"])
def test_what_is_accepted_at_two_visits_has_one_identifier(
    serve: Any, body: Any, scenario: str
) -> None:
    caller = serve()
    sent = body(scenario)
    seen: list[Any] = []
    for _ in range(2):
        card = caller.hook({**sent, "hookInstance": str(uuid.uuid4())}).json()["cards"][0]
        seen.append([action["resource"] for action in card["suggestions"][0]["actions"]])
        time.sleep(0.005)

    assert seen[0] == seen[1]
    alert, message = seen[0]
    assert message["about"][0]["identifier"] == alert["identifier"][0]
    assert message["groupIdentifier"]["value"] == alert["identifier"][0]["value"] == alert["id"]
    assert message["id"] == message["identifier"][0]["value"] != alert["id"]
