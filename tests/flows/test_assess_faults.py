"""A faulty answer may raise an alarm and never reassures, whatever it is and wherever it stands."""

from typing import Any

import pytest

from tests.replies import (
    LIMB,
    MODIFIER,
    OTHER_SYSTEM,
    SYSTEM,
    URINE,
    coding,
    decide,
    fired,
    moved,
    opened,
    question,
    reply,
    status,
    with_answer,
)

# ── One answer in every faulty way: what is it worth? ──


@pytest.mark.parametrize(
    ("answers", "why", "alarm"),
    [
        # An option without its system counts as an alarm, and is unknown when it is calm.
        ([coding("none-new", None)], "unreadable", True),
        ([coding("usual", None)], "unreadable", False),
        # Of another system, or no option: nothing is read from it.
        ([coding("none-new", OTHER_SYSTEM)], "unreadable", False),
        ([coding("no-such-option")], "unreadable", False),
        ([coding("NONE-NEW")], "unreadable", False),
        ([coding("")], "unreadable", False),
        ([{"valueCoding": {"system": SYSTEM}}], "unreadable", False),
        ([{"valueCoding": {"display": "None, and that is new"}}], "unreadable", False),
        ([{"valueCoding": "none-new"}], "unreadable", False),
        # Another type, no value, nothing.
        ([{"valueString": "none-new"}], "unreadable", False),
        ([{"valueBoolean": True}], "unreadable", False),
        ([{"valueInteger": 0}], "unreadable", False),
        ([{}], "unreadable", False),
        ([None], "unreadable", False),
        (["none-new"], "unreadable", False),
        # Two values in one answer: the alarm counts, in either order.
        ([{"valueString": "x", **coding("none-new")}], "unreadable", True),
        ([{**coding("none-new"), "valueBoolean": True}], "unreadable", True),
        ([{**coding("usual"), "valueBoolean": True}], "unreadable", False),
        # What FHIR does not have there, and what it does not let us overlook.
        ([{**coding("none-new"), "modifierExtension": MODIFIER}], "unreadable", True),
        ([{**coding("usual"), "modifierExtension": MODIFIER}], "unreadable", False),
        ([coding("usual", negated=True)], "unreadable", False),
        # A second answer to a question that takes one, equal or not.
        ([coding("usual"), coding("usual")], "duplicate", False),
        ([coding("usual"), coding("none-new")], "duplicate", True),
        ([coding("none-new"), coding("none-new")], "duplicate", True),
    ],
)
def test_a_faulty_answer_blocks_is_open_and_counts_only_as_an_alarm(
    answers: list[Any], why: str, *, alarm: bool
) -> None:
    assessed = decide(with_answer(reply(), URINE, *answers))

    assert assessed.invalid
    assert opened(assessed)[URINE] == why
    assert fired(assessed) == (["E3"] if alarm else [])
    assert assessed.level.code == ("emergency-911" if alarm else "indeterminate")
    assert status(assessed) == "preliminary"
    assert not assessed.assessment.complete


@pytest.mark.parametrize("answer", [None, "none-new", {}, 5])
def test_an_answer_that_is_no_list_is_unreadable(answer: Any) -> None:
    response = reply()
    question(response, URINE)["answer"] = answer

    assessed = decide(response)

    assert (assessed.invalid, opened(assessed)[URINE]) == (True, "unreadable")


def test_an_item_without_an_answer_is_only_unanswered() -> None:
    response = reply()
    del question(response, URINE)["answer"]

    assessed = decide(response)

    assert opened(assessed)[URINE] == "unanswered"
    assert assessed.level.code == "indeterminate"


def test_a_sound_alarm_beside_a_faulty_answer_counts_and_the_item_stays_open() -> None:
    assessed = decide(with_answer(reply(), LIMB, coding("cold-pale-or-blue"), coding("nonsense")))

    assert fired(assessed) == ["E12"]
    assert opened(assessed) == {LIMB: "unreadable"}
    assert assessed.invalid


def test_the_same_question_twice_is_a_duplicate_whose_alarms_count() -> None:
    response = reply()
    safety = response["item"][0]["item"]
    safety.append({"linkId": LIMB, "answer": [coding("one-leg-swollen")]})

    assessed = decide(response)

    assert fired(assessed) == ["E12"]
    assert opened(assessed) == {LIMB: "duplicate"}
    assert assessed.invalid


# ── Where an answer stands ──


PLACES = ["root", "other group", "question", "answer", "unknown group"]


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(
    ("code", "rules"), [("none-new", ["E3"]), ("usual", []), ("much-less-or-very-dark", ["U4"])]
)
def test_an_alarm_counts_wherever_it_stands_and_calm_does_not(
    where: str, code: str, rules: list[str]
) -> None:
    assessed = decide(moved(reply({URINE: code}), URINE, where))

    assert fired(assessed) == rules
    assert opened(assessed)[URINE] == "unreadable"
    assert assessed.invalid
    assert not assessed.level.reassures


def test_a_flat_response_still_alarms() -> None:
    response = reply({URINE: "none-new", LIMB: "cold-pale-or-blue"})
    response["item"] = [item for group in response["item"] for item in group["item"]]

    assessed = decide(response)

    assert fired(assessed) == ["E3", "E12"]
    assert assessed.invalid


@pytest.mark.parametrize("answer", [[coding("usual")], [{"valueString": "x"}], [{}]])
def test_an_answer_on_a_group_blocks(answer: list[Any]) -> None:
    response = reply()
    response["item"][0]["answer"] = answer

    assessed = decide(response)

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)


@pytest.mark.parametrize("link_id", ["safety.urin", "", " safety.urine", None, 5, ["x"]])
def test_an_unknown_link_id_blocks(link_id: Any) -> None:
    response = reply()
    response["item"][1]["item"].append({"linkId": link_id, "answer": [coding("none-new")]})

    assessed = decide(response)

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)
    assert fired(assessed) == []


@pytest.mark.parametrize("items", [5, "x", {}, [5], [None], [[]]])
def test_items_that_are_no_items_block(items: Any) -> None:
    assessed = decide(reply(item=items))

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)
