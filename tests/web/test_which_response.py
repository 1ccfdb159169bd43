"""Which responses count in a hook: no later draft, empty or foreign one hides an emergency."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.flows.assess import Assessor, instant
from cds.flows.hooks import Verdict, Visit, consider
from cds.flows.synthetic.hook_samples import conditions
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.web.cards.cards import draw
from cds.web.cards.sheet import Place
from cds.web.settings import Client
from tests.web.caller import said_in

Json = dict[str, Any]
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
PACK = find_pack("cramps")
ASSESSOR = Assessor([PACK])
KNOWN = scenarios_of(pack_folders()[PACK.id], PACK)
EHR = "https://ehr.example.org/fhir"
INDICATORS = ("", "info", "warning", "critical")
PLACE = Place("cramps-patient-view", "instance", "https://cds.example.org")


def _response(scenario: str, hours: float | None = 1, status: str | None = None) -> Json:
    """The answers of a scenario, authored so many hours ago; None: undated."""
    (sample,) = samples(KNOWN, PACK, scenario, 1, 0)
    made: Json = copy.deepcopy(dict(sample.response))
    made.pop("authored", None)
    if hours is not None:
        made["authored"] = instant(NOW - timedelta(hours=hours))
    return made if status is None else {**made, "status": status}


def _empty(hours: float | None, status: str) -> Json:
    """As fillers write it when nothing was answered."""
    made = _response("no-urine", hours, status)
    return {**made, "item": [{"linkId": "safety"}]}


def _verdict(*responses: Json, **more: Any) -> Verdict:
    patient = "example-0-0"
    visit = Visit(patient, NOW, responses, conditions(PACK, patient), bases=[EHR], **more)
    return consider(PACK, ASSESSOR, visit)


def _cards(verdict: Verdict) -> list[Json]:
    return list(draw(verdict, PLACE).cards)


def _shown(verdict: Verdict) -> int:
    return max((INDICATORS.index(card["indicator"]) for card in _cards(verdict)), default=0)


# ── Recognised by any of its names ──

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
    response = _response(scenario)
    response["questionnaire"] = name
    if name == "#mine":
        response["contained"] = [{"resourceType": "Questionnaire", "id": "mine"}]

    verdict = _verdict(response)

    assert _cards(verdict)[0]["indicator"] == "critical"
    assert verdict.response is response


def test_a_contained_form_says_by_its_own_address_which_it_is() -> None:
    response = {**_empty(1, "completed"), "questionnaire": "#mine"}
    form = {"resourceType": "Questionnaire", "id": "mine", "url": PACK.full.url}
    response["contained"] = [form]

    assert _verdict(response).asked


@pytest.mark.parametrize(
    "name", ["https://other.example/fhir/Questionnaire/phq-9", "Questionnaire/cramps", None]
)
def test_another_form_is_not_taken_for_ours(name: str | None) -> None:
    foreign = _response("no-urine")
    foreign["questionnaire"] = name
    foreign["item"] = [{"linkId": "/44250-9", "answer": [{"valueInteger": 1}]}]

    verdict = _verdict(foreign)

    assert not verdict.asked
    assert [card["summary"] for card in _cards(verdict)] == [PACK.cards.due]


def test_what_cannot_be_told_apart_is_told() -> None:
    mixed = _response("no-urine")
    mixed["questionnaire"] = "https://other.example/fhir/Questionnaire/intake"
    theirs = [{"linkId": f"q{n}", "answer": [{"valueBoolean": True}]} for n in range(60)]
    mixed["item"] = [*mixed["item"], *theirs]

    verdict = _verdict(mixed)

    assert verdict.unclear == 1
    assert any("could not be told apart" in card["detail"] for card in _cards(verdict))


def test_a_name_of_the_sites_own_is_what_the_site_says_it_is() -> None:
    response = _empty(1, "completed")
    response["questionnaire"] = "https://ehr.example.org/forms/77"

    assert not _verdict(response).asked
    assert _verdict(response, forms={"https://ehr.example.org/forms/77": PACK.full.url}).asked


def test_an_unreadable_response_of_ours_has_a_card() -> None:
    broken = {**_response("no-urine"), "subject": {"reference": "Group/x"}, "item": 7}
    broken["questionnaire"] = PACK.full.url

    cards = _cards(_verdict(broken))

    assert any(card["indicator"] == "warning" for card in cards)


# ── Which decides ──


@pytest.mark.parametrize("status", ["completed", "in-progress", "amended", "stopped"])
@pytest.mark.parametrize("many", [1, 6, 60])
def test_no_number_of_later_empty_ones_hides_an_emergency(status: str, many: int) -> None:
    later = [_empty(0.01 * number, status) for number in range(1, many + 1)]

    verdict = _verdict(_response("no-urine", 5), *later)

    assert _cards(verdict)[0]["indicator"] == "critical"


def test_undated_ones_push_nothing_out_and_are_looked_at() -> None:
    calm = _response("everyday-night-cramp", None)

    assert _shown(_verdict(_response("no-urine", 5), calm)) == 3
    assert _shown(_verdict(_response("no-urine", None))) == 3


def test_a_later_complete_one_closes_an_emergency_and_says_so_for_two_days() -> None:
    then, later = _response("no-urine", 5), _response("everyday-night-cramp", 1)

    cards = _cards(_verdict(later, then))

    assert [card["indicator"] for card in cards] == ["warning"]
    assert "named an emergency: no urine in 12 hours" in cards[0]["summary"]
    assert _cards(_verdict(_response("no-urine", 71), _response("athlete-heat", 49)))[0][
        "summary"
    ].startswith("Clinician contact")


@pytest.mark.parametrize(
    "authored", ["2026-11-20T16:36:00Z", "2027-01-01", "2030", "tomorrow", "", 7, None]
)
def test_a_time_that_is_none_or_yet_to_come_closes_nothing(authored: Any) -> None:
    calm = {**_response("everyday-night-cramp"), "authored": authored}

    assert _shown(_verdict(_response("no-urine", 5), calm)) == 3


def test_what_was_entered_in_error_says_nothing() -> None:
    gone = _response("no-urine", 1, "entered-in-error")

    assert _shown(_verdict(gone, _response("everyday-night-cramp", 2))) == 0


@pytest.mark.parametrize("hours", [73, 24 * 730])
def test_old_answers_ask_again_and_never_say_call_now(hours: float) -> None:
    cards = _cards(_verdict(_response("no-urine", hours)))

    (card,) = [one for one in cards if one["indicator"] == "warning"]
    assert not any(one["indicator"] == "critical" for one in cards)
    assert card["summary"].startswith("Answers of ")
    assert card["summary"].endswith("named: no urine in 12 hours. Ask again")
    assert card["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "Task"


def test_old_answers_never_reassure() -> None:
    (card,) = _cards(_verdict(_response("everyday-night-cramp", 100)))

    assert card["indicator"] == "info"
    assert card["summary"].endswith("are out of date. Ask again")


def test_an_old_one_closes_nothing_that_has_no_date() -> None:
    old = _response("everyday-night-cramp", 24 * 700)

    assert _shown(_verdict(_response("no-urine", None), old)) == 3


def test_a_site_may_set_the_window_and_the_card_says_so() -> None:
    response = _response("no-urine", 50)

    assert _shown(_verdict(response, valid_hours=48)) == 2
    (card, *_) = _cards(_verdict(response, valid_hours=96))
    assert card["indicator"] == "critical"
    assert "answers_valid_hours = 96" in card["detail"]


def test_an_empty_list_of_answers_is_no_answer() -> None:
    response = _response("everyday-night-cramp")
    for group in response["item"]:
        for item in group.get("item", ()):
            if item["linkId"] == "safety.urine":
                item["answer"] = []

    cards = _cards(_verdict(response))

    assert cards[0]["summary"] == "Emergency not excluded. Open: Urine"


SCENARIOS = ("no-urine", "everyday-night-cramp", "athlete-heat", "incomplete", "triage-short")
STATUSES = ("completed", "amended", "in-progress", "stopped", "entered-in-error")
HOURS = (0.5, 3.0, 30.0, 71.0, 73.0, 9000.0, -0.05, -2.0, None)
RESPONSES = st.builds(
    _response, st.sampled_from(SCENARIOS), st.sampled_from(HOURS), st.sampled_from(STATUSES)
) | st.builds(_empty, st.sampled_from(HOURS), st.sampled_from(STATUSES))


def _may_close(response: Json) -> bool:
    """Dated, finished and complete: only such a one closes others."""
    dated = "authored" in response and response["authored"] <= instant(NOW + timedelta(minutes=5))
    complete = ASSESSOR.assess(response, now=NOW).assessment.complete
    return dated and response["status"] in {"completed", "amended"} and complete


@settings(max_examples=60, deadline=None)
@given(st.lists(RESPONSES, max_size=5), RESPONSES, st.randoms())
def test_one_more_response_never_lowers_what_is_shown_unless_it_closes_others(
    some: list[Json], more: Json, chance: Any
) -> None:
    every = [*some, more]
    chance.shuffle(every)

    before, after = _verdict(*some), _verdict(*every)

    assert _shown(after) == _shown(_verdict(*some, more))  # in any order
    if not _may_close(more):
        assert _shown(after) >= _shown(before)
        if before.assessed is not None and before.response is not None:
            assert after.assessed is not None
            assert after.assessed.level.rank >= before.assessed.level.rank


def test_two_thousand_drafts_are_all_looked_at() -> None:
    drafts = [_empty(0.001 * number, "in-progress") for number in range(1, 2000)]

    assert _shown(_verdict(*drafts, _response("no-urine", 60))) == 3


# ── By HTTP ──


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
