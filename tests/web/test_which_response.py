"""Which responses count in a hook: no later draft, empty or undated one hides an emergency."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.fhir.primitives import instant
from cds.flows.deciding.by_name import FormNames, WhoseForm
from cds.flows.deciding.record import OneRecord
from cds.flows.deciding.which_response import assess_counting
from tests.web.visits import (
    ASSESSOR,
    EHR,
    NOW,
    PACK,
    Json,
    cards_of,
    empty,
    response_of,
    shown_in,
    verdict_of,
)


@pytest.mark.parametrize("status", ["completed", "in-progress", "amended", "stopped"])
@pytest.mark.parametrize("many", [1, 6, 60])
def test_no_number_of_later_empty_ones_hides_an_emergency(status: str, many: int) -> None:
    later = [empty(0.01 * number, status) for number in range(1, many + 1)]

    verdict = verdict_of(response_of("no-urine", 5), *later)

    assert cards_of(verdict)[0]["indicator"] == "critical"


def test_undated_ones_push_nothing_out_and_are_looked_at() -> None:
    calm = response_of("everyday-night-cramp", None)

    assert shown_in(verdict_of(response_of("no-urine", 5), calm)) == 3
    assert shown_in(verdict_of(response_of("no-urine", None))) == 3


def test_a_later_complete_one_closes_an_emergency_and_says_so_for_two_days() -> None:
    then, later = response_of("no-urine", 5), response_of("everyday-night-cramp", 1)

    cards = cards_of(verdict_of(later, then))

    assert [card["indicator"] for card in cards] == ["warning"]
    assert "named an emergency: no urine in 12 hours" in cards[0]["summary"]
    assert cards_of(verdict_of(response_of("no-urine", 71), response_of("athlete-heat", 49)))[0][
        "summary"
    ].startswith("Clinician contact")


@pytest.mark.parametrize(
    "authored", ["2026-11-20T16:36:00Z", "2027-01-01", "2030", "tomorrow", "", 7, None]
)
def test_a_time_that_is_none_or_yet_to_come_closes_nothing(authored: Any) -> None:
    calm = {**response_of("everyday-night-cramp"), "authored": authored}

    assert shown_in(verdict_of(response_of("no-urine", 5), calm)) == 3


def test_what_was_entered_in_error_says_nothing() -> None:
    gone = response_of("no-urine", 1, "entered-in-error")

    assert shown_in(verdict_of(gone, response_of("everyday-night-cramp", 2))) == 0


@pytest.mark.parametrize("hours", [73, 24 * 730])
def test_old_answers_ask_again_and_never_say_call_now(hours: float) -> None:
    cards = cards_of(verdict_of(response_of("no-urine", hours)))

    (card,) = [one for one in cards if one["indicator"] == "warning"]
    assert not any(one["indicator"] == "critical" for one in cards)
    assert card["summary"].startswith("Answers of ")
    assert card["summary"].endswith("named: no urine in 12 hours. Ask again")
    assert card["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "Task"


def test_calm_answers_without_a_date_do_not_end_the_asking() -> None:
    for authored in (None, -3.0):  # or of a time yet to come
        calm = response_of("everyday-night-cramp", authored)

        (card,) = cards_of(verdict_of(calm))

        assert (card["indicator"], card["summary"]) == ("info", "Answers without a date. Ask again")
        assert card["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "Task"
    assert cards_of(verdict_of(response_of("everyday-night-cramp", 1))) == []


def test_old_answers_never_reassure() -> None:
    (card,) = cards_of(verdict_of(response_of("everyday-night-cramp", 100)))

    assert card["indicator"] == "info"
    assert card["summary"].endswith("are out of date. Ask again")


def test_an_old_one_closes_nothing_that_has_no_date() -> None:
    old = response_of("everyday-night-cramp", 24 * 700)

    assert shown_in(verdict_of(response_of("no-urine", None), old)) == 3


def test_a_site_may_set_the_window_and_the_card_says_so() -> None:
    response = response_of("no-urine", 50)

    assert shown_in(verdict_of(response, valid_hours=48)) == 2
    (card, *_) = cards_of(verdict_of(response, valid_hours=96))
    assert card["indicator"] == "critical"
    assert "answers_valid_hours = 96" in card["detail"]


def test_an_empty_list_of_answers_is_no_answer() -> None:
    response = response_of("everyday-night-cramp")
    for group in response["item"]:
        for item in group.get("item", ()):
            if item["linkId"] == "safety.urine":
                item["answer"] = []

    cards = cards_of(verdict_of(response))

    assert cards[0]["summary"] == "Emergency not excluded. Open: Urine"


SCENARIOS = ("no-urine", "everyday-night-cramp", "athlete-heat", "incomplete", "triage-short")
STATUSES = ("completed", "amended", "in-progress", "stopped", "entered-in-error")
HOURS = (0.5, 3.0, 30.0, 71.0, 73.0, 9000.0, -0.05, -2.0, None)
RESPONSES = st.builds(
    response_of, st.sampled_from(SCENARIOS), st.sampled_from(HOURS), st.sampled_from(STATUSES)
) | st.builds(empty, st.sampled_from(HOURS), st.sampled_from(STATUSES))


NAMES = (
    "https://cramp-cds.example/fhir/Questionnaire/cramps|2.0.0",
    "http://cramp-cds.example/fhir/Questionnaire/cramps",
    "Questionnaire/cramps",
    f"{EHR}/Questionnaire/4711/_history/2",
    "https://other.example/fhir/Questionnaire/rebuilt",
    "#mine",
    None,
)


def _varied(response: Json, name: Any, system: str | None, *, outside: bool) -> Json:
    """The same answers as other fillers write them."""
    made = {**response, "questionnaire": name}
    if system is not None:
        text = json.dumps(made["item"]).replace("https://cramp-cds.example", system)
        made["item"] = json.loads(text)
    if outside:  # no groups around
        made["item"] = [one for group in made["item"] for one in group.get("item", [group])]
    return made


VARIED = st.builds(
    _varied,
    RESPONSES,
    st.sampled_from(NAMES),
    st.sampled_from([None, None, "http://cramp-cds.example", "https://other.example"]),
    outside=st.sampled_from([False, False, True]),
)


def may_close(response: Json) -> bool:
    """Dated, finished and complete: only such a one closes others."""
    read = FormNames(PACK, [EHR]).read(response)
    if read.whose is not WhoseForm.OURS:
        return False
    response = read.response
    dated = "authored" in response and response["authored"] <= instant(NOW + timedelta(minutes=5))
    complete = ASSESSOR.assess(response, now=NOW).assessment.complete
    return dated and response.get("status") in {"completed", "amended"} and complete


@settings(max_examples=settings().max_examples * 3 // 5, deadline=None)
@given(st.lists(RESPONSES | VARIED, max_size=5), RESPONSES | VARIED, st.randoms())
def test_one_more_response_never_lowers_what_is_shown_unless_it_closes_others(
    some: list[Json], more: Json, chance: Any
) -> None:
    every = [*some, more]
    chance.shuffle(every)

    before, after = verdict_of(*some), verdict_of(*every)

    assert shown_in(after) == shown_in(verdict_of(*some, more))  # in any order
    if not may_close(more):
        assert shown_in(after) >= shown_in(before)
        if before.assessed is not None and before.response is not None:
            assert after.assessed is not None
            assert after.assessed.level.rank >= before.assessed.level.rank


def test_two_thousand_drafts_are_all_looked_at() -> None:
    drafts = [empty(0.001 * number, "in-progress") for number in range(1, 2000)]

    assert shown_in(verdict_of(*drafts, response_of("no-urine", 60))) == 3


@settings(max_examples=settings().max_examples * 3 // 5, deadline=None)
@given(st.lists(RESPONSES, min_size=1, max_size=5))
def test_a_response_is_assessed_once_unless_it_may_close_or_is_closed(some: list[Json]) -> None:
    """What it says beside the record is all that is asked of most, and of a single one always."""
    times = [0] * len(some)
    record, valid = OneRecord(()), timedelta(hours=72)

    def assessing(number: int) -> Any:
        def assess(beside: OneRecord | None) -> Any:
            times[number] += 1
            return ASSESSOR.assess(some[number], now=NOW, record=beside)

        return assess

    counted = assess_counting(
        zip(some, map(assessing, range(len(some))), strict=True), record, NOW, valid
    )

    assert max(times) <= 2
    if len(some) == 1:
        assert times == [1]
    elif not any(may_close(one) for one in some):
        finished = [one["status"] in {"completed", "amended"} and "authored" in one for one in some]
        assert all(one == 1 for one, may in zip(times, finished, strict=True) if not may)
    assert counted.unreadable == 0
