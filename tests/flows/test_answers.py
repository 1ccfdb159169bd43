"""Which answers of a response count, and why the others do not."""

from typing import Any

import pytest
from hypothesis import given

from cds.forms.answers import read_answers
from cds.forms.given import Read
from tests.replies import Json, coding, question, reply, with_answer
from tests.strategies import Given, engine_of, given_answers


def read(response: Json, *, assumed: bool = False) -> Read:
    return read_answers(response, engine_of("cramps").reading, assumed=assumed)


@pytest.mark.parametrize(
    ("answers", "codes", "why"),
    [
        (["none"], ("none",), None),
        (["seizure"], ("seizure",), None),
        (["seizure", "none"], ("seizure",), None),
        (["none", "seizure"], ("seizure",), None),
        (["unknown"], None, "unknown"),
        (["unknown", "seizure"], ("seizure",), "unknown"),
        (["unknown", "none"], ("none",), "unknown"),
        (["seizure", "seizure"], ("seizure",), None),
        (["seizure", "cold-clammy-skin"], ("seizure", "cold-clammy-skin"), None),
    ],
)
def test_several_answers_count_as_decided(
    answers: list[str], codes: tuple[str, ...] | None, why: str | None
) -> None:
    found = read(with_answer(reply(), "safety.circulation", *map(coding, answers))).answers

    assert found.codes.get("safety.circulation") == codes
    assert found.open.get("safety.circulation") == why


def test_what_is_needless_and_what_hangs_on_an_open_question_are_kept_apart() -> None:
    calm = read(reply()).answers
    assert calm.excused == {"safety.nerve-course"}
    assert calm.hidden == frozenset()

    unsure = read(reply({"safety.nerve": "unknown"})).answers
    assert unsure.excused == frozenset()
    assert unsure.hidden == {"safety.nerve-course"}

    blank = read(reply({"safety.consciousness": None})).answers
    assert blank.excused == {"safety.nerve-course"}
    assert "safety.urine" in blank.hidden

    gone = read(reply({"safety.consciousness": "unresponsive-now"})).answers
    assert "safety.consciousness" not in gone.excused
    assert "history.hemodialysis" in gone.excused


def test_what_was_not_asked_is_left_out_but_for_safety_and_an_assumed_form() -> None:
    changes = {"safety.consciousness": "unresponsive-now", "safety.limb": "cold-pale-or-blue"}

    found = read(reply(changes))

    assert set(found.answers.codes) == {
        link_id for link_id in found.answers.codes if link_id.startswith("safety.")
    }
    assert "history.duration" in found.ignored
    assumed = read(reply(changes), assumed=True)
    assert assumed.ignored == ()
    assert "history.duration" in assumed.answers.codes


def test_a_denied_follow_up_and_free_text_are_named() -> None:
    response = reply({"history.relievers": ["rest", {"free-text": "a bath"}]})
    response["item"][0]["item"].insert(
        5, {"linkId": "safety.nerve-course", "answer": [coding("new-or-worse")]}
    )

    found = read(response)

    assert found.contradicted == ("safety.nerve-course",)
    assert found.free_text == ("history.relievers",)
    assert found.answers.codes["history.relievers"] == ("rest",)


@pytest.mark.parametrize(
    ("state", "blocked"),
    [("completed", False), ("amended", False), ("x", True), (None, True), ([], True)],
)
def test_only_a_finished_response_is_not_blocked(state: Any, *, blocked: bool) -> None:
    assert read(reply(status=state)).answers.blocked is blocked


@given(given_answers("cramps"))
def test_every_question_is_counted_open_excused_hidden_or_unanswered(answers: Given) -> None:
    found = read(reply(answers))

    for link_id in found.answers.asked:
        counted = link_id in found.answers.codes
        assert not (counted and link_id in found.answers.excused)
        assert not (link_id in found.answers.excused and link_id in found.answers.hidden)
        assert "unknown" not in found.answers.codes.get(link_id, ())
    assert set(found.answers.codes) <= set(found.answers.asked)


@given(given_answers("cramps"))
def test_no_safety_answer_is_ever_lost(answers: Given) -> None:
    found = read(reply(answers))

    for link_id, codes in answers.items():
        if link_id.startswith("safety.") and set(codes) != {"unknown"}:
            assert set(found.answers.codes[link_id]) == set(codes) - {
                "unknown",
                "none",
            } or codes == ("none",)


def test_a_response_nested_deep_is_read_to_its_end() -> None:
    response = reply()
    inner: Json = {"linkId": "safety.urine", "answer": [coding("none-new")]}
    for _ in range(40):
        inner = {"linkId": "panel", "item": [inner]}
    question(response, "safety.limb")["item"] = [inner]

    assert "none-new" in read(response).answers.codes["safety.urine"]


def _as_said(said: Json, code: str) -> Json:
    """An answer with a code in another type or spelling; its system comes from the form."""
    own = coding(code)["valueCoding"]
    filled = {"{system}": own["system"], "{http}": own["system"].replace("https:", "http:")}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(one) for key, one in value.items()}
        if isinstance(value, list):
            return [fill(one) for one in value]
        return filled.get(value, value.replace("{code}", code))

    found: Json = fill(said)
    return found


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"valueCoding": {"system": "{http}", "code": "{code}"}}, True),
        ({"valueCoding": {"system": "{system}", "code": " {code} "}}, True),
        ({"valueCoding": {"code": "{code}"}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": "{system}", "code": "{code}"}]}}, True),
        ({"valueCode": "{code}"}, True),
        ({"valueCoding": {"system": "http://other.example", "code": "{code}"}}, False),
        ({"valueString": "{code}"}, False),  # free text is never interpreted
        ({"valueCodeableConcept": {"coding": "{code}"}}, False),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_an_alarm_counts_in_another_type_or_spelling_and_a_calm_answer_never_does(
    said: Json, meant: bool, listed: bool
) -> None:
    for code, counts in (("seizure", meant), ("none", False)):
        answer = _as_said(said, code)
        response = with_answer(reply(), "safety.circulation", answer)
        if not listed:  # "answer": {…} instead of a list
            _item(response["item"], "safety.circulation")["answer"] = answer

        found = read(response).answers

        assert found.codes.get("safety.circulation") == ((code,) if counts else None)
        assert found.open.get("safety.circulation") == "unreadable"


def _item(items: list[Json], link_id: str) -> Json:
    for item in items:
        if item["linkId"] == link_id:
            return item
        inner = _item(item.get("item", []), link_id) if "item" in item else {}
        if inner:
            return inner
    return {}
