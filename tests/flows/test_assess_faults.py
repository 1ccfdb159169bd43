"""A faulty response may raise an alarm, never reassures, and makes no exception."""

import copy
from typing import Any

import pytest

from cds.errors import CdsError, ResponseError, Unreadable
from tests.replies import (
    CALM,
    SYSTEM,
    Json,
    coding,
    decide,
    fired,
    opened,
    question,
    reply,
    status,
    with_answer,
)

URINE, LIMB, COURSE = "safety.urine", "safety.limb", "safety.nerve-course"
OTHER = "http://snomed.info/sct"
MODIFIER = [{"url": "https://example.org/not", "valueBoolean": True}]


# ── One answer in every faulty way: what is it worth? ──


@pytest.mark.parametrize(
    ("answers", "why", "alarm"),
    [
        # An option without its system counts as an alarm, and is unknown when it is calm.
        ([coding("none-new", None)], "unreadable", True),
        ([coding("usual", None)], "unreadable", False),
        # Of another system, or no option: nothing is read from it.
        ([coding("none-new", OTHER)], "unreadable", False),
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
        ([], "unreadable", False),
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


def _moved(response: Json, link_id: str, where: str) -> Json:
    """The response with one question in another place."""
    changed = copy.deepcopy(response)
    item = copy.deepcopy(question(changed, link_id))
    safety, history = changed["item"]
    safety["item"] = [one for one in safety["item"] if one["linkId"] != link_id]
    match where:
        case "root":
            changed["item"].append(item)
        case "other group":
            history["item"].append(item)
        case "question":
            safety["item"][0]["item"] = [item]
        case "answer":
            safety["item"][0]["answer"][0]["item"] = [item]
        case "unknown group":
            changed["item"].append({"linkId": "panel", "item": [item]})
    return changed


PLACES = ["root", "other group", "question", "answer", "unknown group"]


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(
    ("code", "rules"), [("none-new", ["E3"]), ("usual", []), ("much-less-or-very-dark", ["U4"])]
)
def test_an_alarm_counts_wherever_it_stands_and_calm_does_not(
    where: str, code: str, rules: list[str]
) -> None:
    assessed = decide(_moved(reply({URINE: code}), URINE, where))

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


# ── Exceptions need an answer without fault ──

EXCEPTION = {URINE: "none-usual-on-dialysis", "history.hemodialysis": "yes"}


@pytest.mark.parametrize("where", ["root", "other group"])
def test_no_urine_as_usual_in_a_wrong_place_is_no_exception(where: str) -> None:
    assert fired(decide(reply(EXCEPTION))) == ["E4", "R1"]

    assert "E3" in fired(decide(_moved(reply(EXCEPTION), URINE, where)))


@pytest.mark.parametrize(
    "answers",
    [
        [coding("yes", None)],
        [coding("yes"), coding("yes")],
        [coding("yes"), coding("no")],
        [coding("yes", OTHER)],
        [coding("yes", negated=True)],
        [{**coding("yes"), "modifierExtension": MODIFIER}],
        [{**coding("yes"), "valueString": "x"}],
        [{**coding("yes"), "foo": 1}],
        [{"valueString": "yes"}],
        [],
    ],
)
def test_a_faulty_yes_to_hemodialysis_is_no_exception(answers: list[Any]) -> None:
    assessed = decide(with_answer(reply(EXCEPTION), "history.hemodialysis", *answers))

    assert "E3" in fired(assessed)
    assert "E4" not in fired(assessed)
    assert assessed.invalid


@pytest.mark.parametrize("place", ["item", "group", "response"])
def test_a_modifier_above_an_answer_takes_its_exception_away(place: str) -> None:
    response = reply(EXCEPTION)
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

    assert (assessed.level.code, assessed.invalid) == ("self-care", False)
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


# ── What is not assessed at all ──


@pytest.mark.parametrize(
    ("canonical", "problem"),
    [
        ("https://other.example/Questionnaire/x", "is not a Questionnaire of an installed pack."),
        ("", "is not a Questionnaire of an installed pack."),
        ("#contained", "is not a Questionnaire of an installed pack."),
        ("../../etc/passwd", "is not a Questionnaire of an installed pack."),
        ("file:///etc/passwd", "is not a Questionnaire of an installed pack."),
    ],
)
def test_another_questionnaire_is_refused(canonical: str, problem: str) -> None:
    with pytest.raises(ResponseError) as caught:
        decide(reply(questionnaire=canonical))

    assert caught.value.where == "QuestionnaireResponse.questionnaire"
    assert caught.value.problem == problem


@pytest.mark.parametrize("canonical", [5, [], {}, True])
def test_a_canonical_that_is_no_text_blocks(canonical: Any) -> None:
    assessed = decide(reply(questionnaire=canonical))

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"null",
        b"5",
        b"1.5",
        b'"x"',
        b"{}",
        b'{"resourceType": "Patient"}',
        b'{"resourceType": ["QuestionnaireResponse"]}',
        b'{"resourceType": "QuestionnaireResponse", "status": "completed", "status": "x"}',
        b'{"resourceType": "QuestionnaireResponse", "x": NaN}',
        b"\xff\xfe",
        b"[" * 100 + b"]" * 100,
        {},
        {"resourceType": "Bundle"},
        [],
        None,
        "text",
        5,
        object(),
    ],
)
def test_what_is_no_response_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable) as caught:
        decide(value, where="r.json")

    assert caught.value.where == "r.json"


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        (b'"x": ' + b"[" * 70 + b"]" * 70, "nested"),
        (b'"x": ' + b"1" * 60, "digits"),
    ],
)
def test_the_limits_of_the_wire_hold_for_bytes(limit: bytes, problem: str) -> None:
    data = b'{"resourceType": "QuestionnaireResponse", "questionnaire": "https://cramp-cds.example/fhir/Questionnaire/cramps", %s}'  # noqa: E501

    with pytest.raises(CdsError) as caught:
        decide(data % limit)

    assert problem in caught.value.problem


def test_every_question_can_be_garbage_and_still_be_assessed() -> None:
    response = reply({URINE: "none-new"})
    for link_id in CALM:
        if link_id != URINE:
            question(response, link_id)["answer"] = [{"valueQuantity": {"value": 1}}, 5, None]

    assessed = decide(response)

    assert fired(assessed) == ["E3"]
    assert assessed.invalid
