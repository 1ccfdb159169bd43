"""A faulty answer makes no exception; what the form did not ask is weighed."""

from typing import Any

import pytest

from tests.replies import (
    COURSE,
    DIALYSIS,
    LIMB,
    MODIFIER,
    OTHER_SYSTEM,
    URINE,
    coding,
    decide,
    fired,
    moved,
    opened,
    question,
    reply,
    with_answer,
)

# ── Exceptions need an answer without fault ──


@pytest.mark.parametrize("where", ["root", "other group"])
def test_no_urine_as_usual_in_a_wrong_place_is_no_exception(where: str) -> None:
    assert fired(decide(reply(DIALYSIS))) == ["E4", "R2"]

    assert "E3" in fired(decide(moved(reply(DIALYSIS), URINE, where)))


@pytest.mark.parametrize(
    "answers",
    [
        [coding("yes", None)],
        [coding("yes"), coding("yes")],
        [coding("yes"), coding("no")],
        [coding("yes", OTHER_SYSTEM)],
        [coding("yes", negated=True)],
        [{**coding("yes"), "modifierExtension": MODIFIER}],
        [{**coding("yes"), "valueString": "x"}],
        [{**coding("yes"), "foo": 1}],
        [{"valueString": "yes"}],
    ],
)
def test_a_faulty_yes_to_hemodialysis_is_no_exception(answers: list[Any]) -> None:
    assessed = decide(with_answer(reply(DIALYSIS), "history.hemodialysis", *answers))

    assert "E3" in fired(assessed)
    assert "E4" not in fired(assessed)
    assert assessed.invalid


def test_an_empty_array_in_the_place_of_a_yes_to_hemodialysis_is_no_exception() -> None:
    assessed = decide(with_answer(reply(DIALYSIS), "history.hemodialysis"))

    assert "E3" in fired(assessed)
    assert "E4" not in fired(assessed)


@pytest.mark.parametrize("place", ["item", "group", "response"])
def test_a_modifier_above_an_answer_takes_its_exception_away(place: str) -> None:
    response = reply(DIALYSIS)
    match place:
        case "item":
            question(response, "history.hemodialysis")["modifierExtension"] = MODIFIER
        case "group":
            response["item"][1]["modifierExtension"] = MODIFIER
        case "response":
            response["modifierExtension"] = MODIFIER

    assessed = decide(response)

    assert "E3" in fired(assessed)
    assert assessed.invalid
    assert [i.severity for i in assessed.issues if i.rule == "modifierExtension"] == ["error"]


def test_a_faulty_course_makes_a_nerve_complaint_new() -> None:
    known = {"safety.nerve": "leg-weakness", COURSE: "longstanding-assessed-unchanged"}
    strict = {"strict_seed": False}
    assert decide(reply(known), settings=strict).level.code == "urgent"

    for faulty in ([coding(known[COURSE], None)], [coding(known[COURSE])] * 2, []):
        assessed = decide(with_answer(reply(known), COURSE, *faulty), settings=strict)

        assert fired(assessed) == ["E9"]
        assert assessed.level.code == "emergency-evaluation"


def test_a_faulty_leg_answer_fires_by_its_course() -> None:
    known = {"safety.nerve": "leg-weakness", COURSE: "longstanding-assessed-unchanged"}
    no_system = [coding("leg-weakness", None)]

    sound = decide(with_answer(reply(known), "safety.nerve", *no_system))
    new = decide(with_answer(reply({**known, COURSE: "new-or-worse"}), "safety.nerve", *no_system))

    assert fired(sound) == ["U1"]
    assert fired(new) == ["E9"]


# ── What the form did not ask ──


def test_a_course_beside_none_alone_blocks() -> None:
    response = reply()
    safety = response["item"][0]["item"]
    safety.insert(5, {"linkId": COURSE, "answer": [coding("new-or-worse")]})

    assessed = decide(response)

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)


@pytest.mark.parametrize("nerve", ["saddle-numbness", "unknown", None])
def test_a_course_beside_no_leg_answer_is_only_a_warning(nerve: str | None) -> None:
    response = reply({"safety.nerve": nerve})
    response["item"][0]["item"].append({"linkId": COURSE, "answer": [coding("new-or-worse")]})

    assessed = decide(response)

    assert not assessed.invalid
    assert "notEnabled" in [issue.rule for issue in assessed.issues]


def test_a_left_over_history_answer_is_ignored_with_a_warning() -> None:
    changes = {"history.site": "arm-or-hand", "history.sleep-posture": "side"}

    assessed = decide(reply(changes))

    assert (assessed.level.code, assessed.invalid) == ("routine", False)
    assert [(i.rule, i.severity) for i in assessed.issues] == [("notEnabled", "warning")]


def test_a_left_over_answer_is_ignored_and_a_safety_answer_counts() -> None:
    gone = {"safety.consciousness": "unresponsive-now", "history.episode": "does-not-go-away"}

    assessed = decide(reply({**gone, LIMB: "cold-pale-or-blue"}))

    assert fired(assessed) == ["E1", "E12"]
    assert not assessed.invalid
    assert {issue.severity for issue in assessed.issues} == {"warning"}


def test_a_faulty_answer_that_the_form_hides_blocks_all_the_same() -> None:
    response = with_answer(reply(), URINE, coding("nonsense"))
    response["item"][0]["item"] = response["item"][0]["item"][1:]  # the first question is blank

    assessed = decide(response)

    assert opened(assessed)[URINE] == "unreadable"
    assert assessed.invalid
    assert URINE in {i.link_id for i in assessed.issues if i.severity == "error"}


# ── Only warnings ──


def test_another_order_and_other_texts_change_nothing() -> None:
    plain = decide(reply())
    response = reply()
    for group in response["item"]:
        group["item"].reverse()
        group["text"] = "Another heading"
        for item in group["item"]:
            item["text"] = "Asked in other words"
    response["item"].reverse()

    assessed = decide(response)

    assert assessed.assessment.level == plain.assessment.level
    assert assessed.assessment.complete
    assert not assessed.invalid
    assert {issue.rule for issue in assessed.issues} == {"order", "text"}
