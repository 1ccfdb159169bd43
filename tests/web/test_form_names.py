"""A response to our form is recognised by whatever name the EHR or the filler gives the form."""

from typing import Any

import pytest

from cds.web.settings import Client
from tests.web.caller import said_in
from tests.web.visits import EHR, PACK, cards_of, empty, response_of, verdict_of

NAMES = [
    "https://cramp-cds.example/fhir/Questionnaire/cramps",
    "https://cramp-cds.example/fhir/Questionnaire/cramps|1.0.0",
    "https://cramp-cds.example/fhir/Questionnaire/cramps|9.9.9",
    "http://cramp-cds.example/fhir/Questionnaire/cramps",
    "HTTPS://CRAMP-CDS.example/fhir/Questionnaire/cramps",
    "https://cramp-cds.example/fhir/Questionnaire/cramps/",
    "https://cramp-cds.example/fhir/Questionnaire/cramps/_history/3",
    "https://cramp-cds.example/fhir/Questionnaire/cramps#part",
    "Questionnaire/cramps",
    "Questionnaire/cramps|1.0.0",
    "Questionnaire/cramps/_history/1",
    "/Questionnaire/cramps",
    f"{EHR}/Questionnaire/cramps",
    f"{EHR}/Questionnaire/cramps/_history/2",
    f"{EHR}/Questionnaire/4711",
    "Questionnaire/4711",
    "https://other.example/fhir/Questionnaire/rebuilt",
    "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
    "#mine",
    "cramps",
    {"reference": "Questionnaire/cramps"},
    None,
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=str)
@pytest.mark.parametrize("scenario", ["no-urine", "neuropathy"])
def test_our_form_is_recognised_by_any_of_its_names(name: Any, scenario: str) -> None:
    response = response_of(scenario)
    response["questionnaire"] = name
    if name == "#mine":
        response["contained"] = [{"resourceType": "Questionnaire", "id": "mine"}]

    verdict = verdict_of(response)

    assert cards_of(verdict)[0]["indicator"] == "critical"
    assert verdict.response is response


def test_a_contained_form_says_by_its_own_address_which_it_is() -> None:
    response = {**empty(1, "completed"), "questionnaire": "#mine"}
    form = {"resourceType": "Questionnaire", "id": "mine", "url": PACK.full.url}
    response["contained"] = [form]

    assert verdict_of(response).asked


@pytest.mark.parametrize(
    "name", ["https://other.example/fhir/Questionnaire/phq-9", "Questionnaire/cramps", None]
)
def test_another_form_is_not_taken_for_ours(name: str | None) -> None:
    foreign = response_of("no-urine")
    foreign["questionnaire"] = name
    foreign["item"] = [{"linkId": "/44250-9", "answer": [{"valueInteger": 1}]}]

    verdict = verdict_of(foreign)

    assert not verdict.asked
    assert [card["summary"] for card in cards_of(verdict)] == [PACK.cards.due]


def test_what_cannot_be_told_apart_is_told() -> None:
    mixed = response_of("no-urine")
    mixed["questionnaire"] = "https://other.example/fhir/Questionnaire/intake"
    theirs = [{"linkId": f"q{n}", "answer": [{"valueBoolean": True}]} for n in range(60)]
    mixed["item"] = [*mixed["item"], *theirs]

    verdict = verdict_of(mixed)

    assert verdict.unclear == 1
    assert any("could not be told apart" in card["detail"] for card in cards_of(verdict))


def test_a_name_of_the_sites_own_is_what_the_site_says_it_is() -> None:
    response = empty(1, "completed")
    response["questionnaire"] = "https://ehr.example.org/forms/77"

    assert not verdict_of(response).asked
    assert verdict_of(response, forms={"https://ehr.example.org/forms/77": PACK.full.url}).asked


def test_an_unreadable_response_of_ours_has_a_card() -> None:
    broken = {**response_of("no-urine"), "subject": {"reference": "Group/x"}, "item": 7}
    broken["questionnaire"] = PACK.full.url

    cards = cards_of(verdict_of(broken))

    assert any(card["indicator"] == "warning" for card in cards)


# ── By HTTP ──


@pytest.mark.parametrize(
    "name",
    [
        "Questionnaire/cramps",
        "http://cramp-cds.example/fhir/Questionnaire/cramps",
        "https://cramp-cds.example/fhir/Questionnaire/cramps/_history/2|1.0.0",
    ],
)
def test_a_response_is_assessed_by_itself_under_its_other_names(serve: Any, name: str) -> None:
    response = {**response_of("no-urine"), "questionnaire": name}

    answer = serve().post("/fhir/QuestionnaireResponse/$assess", response)

    assert answer.status_code == 200
    assert "emergency-911" in answer.text


def test_answers_under_a_name_of_the_ehr_are_assessed(serve: Any, body: Any) -> None:
    sent = body("no-urine", fhirServer=EHR)
    (response,) = [one["resource"] for one in sent["prefetch"]["responses"]["entry"]]
    response["questionnaire"] = f"{EHR}/Questionnaire/cramps"

    assert serve().hook(sent).json()["cards"][0]["indicator"] == "critical"


def test_a_site_names_its_own_forms(serve: Any, body: Any, pack: Any) -> None:
    sent = body("incomplete", fhirServer=EHR)
    (response,) = [one["resource"] for one in sent["prefetch"]["responses"]["entry"]]
    response["questionnaire"] = "Questionnaire/77"
    response.pop("item")
    site = Client("ehr", fhir_base=EHR, forms={"Questionnaire/77": pack.full.url})

    assert "Not answered: Fainting" in said_in(serve(clients=(site,)).hook(sent))
