"""answers(): all answers below a response or a group; where SDC says two things, not judged."""

from decimal import Decimal
from typing import Any

import pytest

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.values import Failed, Refused, system_value

Json = dict[str, Any]
BELOW = {"linkId": "d", "answer": [{"valueInteger": 8}]}
RESPONSE: Json = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        {"linkId": "a", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]},
        {
            "linkId": "g",
            "item": [
                {"linkId": "b", "answer": [{"valueDecimal": Decimal("0.5"), "item": [BELOW]}]},
                {"linkId": "h", "item": [{"linkId": "c", "answer": [{"valueInteger": 4}]}]},
            ],
        },
        {"linkId": "e", "item": []},
    ],
}


def values(expression: str, response: Json = RESPONSE) -> list[Any]:
    return [system_value(one) for one in evaluated(expression, response, definitions("4.0"))]


@pytest.mark.parametrize("version", ["4.0", "4.3", "5.0"])
def test_it_gives_every_answer_below(version: str) -> None:
    found = evaluated("answers()", RESPONSE, definitions(version))

    assert sorted(system_value(one) for one in found) == [Decimal("0.5"), 1, 2, 4, 8]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("answers().count()", [5]),
        ("item.where(linkId = 'g').answers().sum()", [Decimal("12.5")]),
        ("item.item.where(linkId = 'h').answers()", [4]),
        ("item.where(linkId = 'e').answers().exists()", [False]),
        ("item.where(linkId = 'z').answers()", []),
        ("answers().where($this > 2).count()", [2]),
    ],
)
def test_of_a_group_only_what_is_below_it(expression: str, expected: list[Any]) -> None:
    assert values(expression) == expected


def test_it_is_what_sdc_says_it_is_equivalent_to() -> None:
    by_hand = "(item | item.item | item.item.item | item.item.answer.item).answer.value.sum()"

    assert values("answers().sum()") == values(by_hand)


@pytest.mark.parametrize(
    "expression",
    [
        "item.where(linkId = 'a').answers()",  # its own answers: with or without them?
        "item.answer.answers()",
        "item.item.answer.item.answers()",
        "answers().answers()",
        "'text'.answers()",
        "answers().first()",  # descendants have no order
    ],
)
def test_where_sdc_leaves_room_it_is_not_judged(expression: str) -> None:
    with pytest.raises(Refused):
        values(expression)


def test_a_response_within_a_response_is_not_judged() -> None:
    inside = {"resourceType": "QuestionnaireResponse", "item": [BELOW]}

    with pytest.raises(Refused):
        values("answers()", RESPONSE | {"contained": [inside]})


def test_an_argument_is_a_mistake() -> None:
    with pytest.raises(Failed):
        values("answers(1)")
