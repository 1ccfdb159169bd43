"""Which items are enabled, and why not."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.forms.questionnaire import compile_questionnaire
from cds.forms.response.enablement import Enablement
from cds.forms.response.states import EnabledState
from cds.forms.response.tree import Tree, read_tree
from cds.forms.validate import validate
from tests.forms.random_pairs import Json, Made


def _tree(questions: list[dict[str, Any]], items: list[dict[str, Any]]) -> Tree:
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": questions})
    return read_tree({"resourceType": "QuestionnaireResponse", "item": items}, form)


def _state(
    when: list[dict[str, Any]],
    answers: dict[str, list[dict[str, Any]]],
    behavior: str | None = None,
) -> EnabledState:
    target = {"linkId": "target", "type": "string", "enableWhen": when, "enableBehavior": behavior}
    types = {condition["question"]: "choice" for condition in when}
    questions = [{"linkId": link_id, "type": type_} for link_id, type_ in types.items()]
    items = [{"linkId": link_id, "answer": given} for link_id, given in answers.items()]
    tree = _tree([*questions, target], items)
    return Enablement(tree).at(tree.questionnaire.by_link_id["target"], None)


CODING = {"system": "urn:s", "code": "a"}
KG = {"system": "http://unitsofmeasure.org", "code": "kg"}
G = {"system": "http://unitsofmeasure.org", "code": "g"}


@pytest.mark.parametrize(
    ("operator", "expected", "answers", "enabled"),
    [
        ("exists", {"answerBoolean": True}, [{"valueInteger": 1}], True),
        ("exists", {"answerBoolean": True}, [], False),
        ("exists", {"answerBoolean": False}, [], True),
        ("exists", {"answerBoolean": False}, [{"valueInteger": 1}], False),
        ("exists", {"answerBoolean": True}, [{"item": []}], False),
        ("=", {"answerInteger": 1}, [{"valueInteger": 1}], True),
        ("=", {"answerInteger": 1}, [{"valueInteger": 2}, {"valueInteger": 1}], True),
        ("=", {"answerInteger": 1}, [{"valueInteger": 2}], False),
        ("=", {"answerBoolean": True}, [{"valueBoolean": True}], True),
        ("=", {"answerInteger": 1}, [{"valueBoolean": True}], False),
        ("!=", {"answerInteger": 1}, [], False),
        ("!=", {"answerInteger": 1}, [{"valueInteger": 1}], False),
        ("!=", {"answerInteger": 1}, [{"valueInteger": 2}], True),
        ("!=", {"answerInteger": 1}, [{"valueInteger": 3}, {"valueInteger": 2}], True),
        ("!=", {"answerInteger": 1}, [{"valueInteger": 1}, {"valueInteger": 2}], False),
        ("!=", {"answerInteger": 1}, [{"valueInteger": 2}, {"valueInteger": 1}], False),
        ("!=", {"answerCoding": CODING}, [{"valueCoding": {**CODING, "code": "b"}}], True),
        ("!=", {"answerCoding": CODING}, [{"valueCoding": CODING}, {"valueString": "x"}], False),
        ("!=", {"answerInteger": 1}, [{"item": []}], False),
        (">", {"answerInteger": 1}, [{"valueInteger": 2}], True),
        (">", {"answerInteger": 1}, [{"valueInteger": 1}], False),
        (">=", {"answerDecimal": 1}, [{"valueInteger": 1}], True),
        ("<", {"answerInteger": 1}, [{"valueInteger": 0}], True),
        ("<=", {"answerInteger": 1}, [{"valueInteger": 2}], False),
        ("=", {"answerCoding": CODING}, [{"valueCoding": {**CODING, "display": "A"}}], True),
        ("=", {"answerCoding": CODING}, [{"valueCoding": {"code": "a"}}], False),
        ("=", {"answerCoding": {"code": "a"}}, [{"valueCoding": CODING}], True),
        ("=", {"answerString": "x"}, [{"valueString": "x"}], True),
        (">", {"answerDate": "2024-01-01"}, [{"valueDate": "2024-01-02"}], True),
        (">=", {"answerDate": "2024-06"}, [{"valueDate": "2024-06-30"}], True),
        (">", {"answerDate": "2024-06"}, [{"valueDate": "2024-06-30"}], False),
        ("<", {"answerTime": "12:00:00"}, [{"valueTime": "11:59:59"}], True),
        (
            "=",
            {"answerDateTime": "2024-01-01T12:00:00Z"},
            [{"valueDateTime": "2024-01-01T13:00:00+01:00"}],
            True,
        ),
        (
            ">",
            {"answerQuantity": {"value": 1, **KG}},
            [{"valueQuantity": {"value": 1001, **G}}],
            True,
        ),
        (
            ">",
            {"answerQuantity": {"value": 1, **KG}},
            [{"valueQuantity": {"value": 999, **G}}],
            False,
        ),
        (">", {"answerInteger": 1}, [{"valueString": "two"}], False),
    ],
)
def test_a_condition_is_met_by_any_one_answer_and_not_equal_by_none_that_equals(
    operator: str, expected: dict[str, Any], answers: list[dict[str, Any]], enabled: bool
) -> None:
    when = [{"question": "q", "operator": operator, **expected}]

    assert _state(when, {"q": answers}).enabled is enabled


YES = {"operator": "=", "answerInteger": 1}


@pytest.mark.parametrize(
    ("behavior", "answers", "enabled", "unanswered"),
    [
        ("any", {"a": [{"valueInteger": 1}]}, True, ()),
        ("all", {"a": [{"valueInteger": 1}]}, False, ("b",)),
        ("all", {"a": [{"valueInteger": 1}], "b": [{"valueInteger": 1}]}, True, ()),
        ("all", {"a": [{"valueInteger": 2}]}, False, ()),
        ("any", {"a": [{"valueInteger": 2}]}, False, ("b",)),
        ("any", {}, False, ("a", "b")),
        ("any", {"a": [{"valueInteger": 2}], "b": [{"valueInteger": 2}]}, False, ()),
        # Without enableBehavior it is told only where any and all say the same.
        (None, {"a": [{"valueInteger": 1}]}, None, ("b",)),
        (None, {"a": [{"valueInteger": 1}], "b": [{"valueInteger": 1}]}, True, ()),
        (None, {"a": [{"valueInteger": 2}], "b": [{"valueInteger": 2}]}, False, ()),
    ],
)
def test_a_disabled_item_tells_blank_questions_from_answered_ones(
    behavior: str | None,
    answers: dict[str, Any],
    enabled: bool | None,
    unanswered: tuple[str, ...],
) -> None:
    state = _state([{"question": "a", **YES}, {"question": "b", **YES}], answers, behavior)

    assert (state.enabled, state.unanswered) == (enabled, unanswered)
    assert state.settled is (not enabled and not unanswered)


def test_inside_a_repeated_group_the_same_repetition_counts() -> None:
    when = [{"question": "has", "operator": "=", "answerBoolean": True}]
    group = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "item": [
            {"linkId": "has", "type": "boolean"},
            {"linkId": "which", "type": "string", "enableWhen": when},
        ],
    }

    def repetition(*, has: bool) -> dict[str, Any]:
        return {
            "linkId": "g",
            "item": [
                {"linkId": "has", "answer": [{"valueBoolean": has}]},
                {"linkId": "which", "answer": [{"valueString": "x"}]},
            ],
        }

    tree = _tree([group], [repetition(has=True), repetition(has=False)])
    enablement = Enablement(tree)

    assert [enablement.of(node).enabled for node in tree.by_link_id["which"]] == [True, False]


def test_from_outside_a_repeated_group_every_repetition_counts() -> None:
    when = [{"question": "has", "operator": "=", "answerBoolean": True}]
    group = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "item": [{"linkId": "has", "type": "boolean"}],
    }
    items = [
        {"linkId": "g", "item": [{"linkId": "has", "answer": [{"valueBoolean": has}]}]}
        for has in (False, True)
    ]
    tree = _tree([group, {"linkId": "target", "type": "string", "enableWhen": when}], items)

    assert Enablement(tree).at(tree.questionnaire.by_link_id["target"], None).enabled is True


def test_an_item_under_an_answer_can_look_at_its_own_question() -> None:
    when = [{"question": "q", "operator": "=", "answerBoolean": True}]
    question = {
        "linkId": "q",
        "type": "boolean",
        "item": [{"linkId": "why", "type": "string", "enableWhen": when}],
    }
    tree = _tree(
        [question],
        [{"linkId": "q", "answer": [{"valueBoolean": True, "item": [{"linkId": "why"}]}]}],
    )

    assert Enablement(tree).of(tree.by_link_id["why"][0]).enabled is True
    assert tree.by_link_id["why"][0].expression == "QuestionnaireResponse.item[0].answer[0].item[0]"


def test_a_disabled_parent_disables_what_is_below_whatever_its_own_condition() -> None:
    off = [{"question": "q", "operator": "exists", "answerBoolean": True}]
    on = [{"question": "q", "operator": "exists", "answerBoolean": False}]
    group = {
        "linkId": "g",
        "type": "group",
        "enableWhen": off,
        "item": [{"linkId": "x", "type": "string", "enableWhen": on}],
    }
    tree = _tree([{"linkId": "q", "type": "string"}, group], [])

    state = Enablement(tree).at(tree.questionnaire.by_link_id["x"], None)

    assert (state.enabled, state.because, state.unanswered) == (False, "g", ("q",))


def test_an_expression_nobody_evaluates_leaves_the_item_undecided() -> None:
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
    expression = {
        "url": url,
        "valueExpression": {"language": "text/fhirpath", "expression": "true"},
    }
    tree = _tree([{"linkId": "x", "type": "string", "extension": [expression]}], [])
    item = tree.questionnaire.by_link_id["x"]

    assert Enablement(tree).at(item, None).enabled is None
    assert Enablement(tree, lambda *_: True).at(item, None).enabled is True


def test_a_condition_below_a_question_looks_at_the_same_answer() -> None:
    when = [{"question": "c", "operator": "=", "answerBoolean": True}]
    below = [
        {"linkId": "c", "type": "boolean"},
        {"linkId": "why", "type": "string", "enableWhen": when},
    ]
    answers = [
        {"valueString": "x", "item": [{"linkId": "c", "answer": [{"valueBoolean": holds}]}]}
        for holds in (False, True)
    ]
    tree = _tree(
        [{"linkId": "q", "type": "string", "repeats": True, "item": below}],
        [{"linkId": "q", "answer": answers}],
    )
    item, parent = tree.questionnaire.by_link_id["why"], tree.roots[0]
    enablement = Enablement(tree)

    assert enablement.at(item, parent, answer=0).enabled is False
    assert enablement.at(item, parent, answer=1).enabled is True
    assert enablement.at(item, parent).enabled is True  # under any of them


def test_a_condition_is_found_also_where_several_groups_are_left_out() -> None:
    when = [{"question": "q", "operator": "=", "answerString": "x"}]
    inner: dict[str, Any] = {"linkId": "x", "type": "string"}
    for name in ("inmost", "within", "inside"):
        inner = {"linkId": name, "type": "group", "item": [inner]}
    inner["item"][0]["enableWhen"] = when
    outer = {"linkId": "g", "type": "group", "item": [{"linkId": "q", "type": "string"}, inner]}
    given = {"linkId": "q", "answer": [{"valueString": "x"}]}
    tree = _tree([outer], [{"linkId": "g", "item": [given]}])
    item = tree.questionnaire.by_link_id["x"]

    assert Enablement(tree).at(item, tree.around(item)).enabled is True


@given(st.integers(0, 2**32))
def test_the_answers_of_a_question_are_judged_as_the_repetitions_of_a_group(seed: int) -> None:
    made = Made(random.Random(seed))  # noqa: S311 - a test, not a secret
    form = made.form()
    head = {**made.response(form), "item": []}
    inside = [items for _ in range(4) if (items := made.answered(form["item"]))]
    top: Json = {"linkId": "top", "repeats": True, "item": form["item"]}
    repeated = [{"linkId": "top", "item": items} for items in inside]
    answers = [{"valueString": "x", "item": items} for items in inside]

    in_groups = _told({**top, "type": "group"}, {**head, "item": repeated})
    one = {"linkId": "top", "answer": answers}
    in_answers = _told({**top, "type": "string"}, {**head, "item": [one]})

    places = (place.replace("item[0].answer[", "item[", 1) for *_, place in in_answers)
    expected = [(*issue[:2], place) for issue, place in zip(in_answers, places, strict=True)]
    assert in_groups == expected or not inside


def _told(question: Json, response: Json) -> list[tuple[str, str | None, str]]:
    form = {"resourceType": "Questionnaire", "url": response["questionnaire"], "item": [question]}
    found = validate(response, {**form, "status": "active"})
    return sorted((one.rule, one.link_id, one.expression) for one in found)
