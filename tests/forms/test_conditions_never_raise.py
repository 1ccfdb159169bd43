"""A condition on any value that stands in the place of a right one is judged without raising."""

import random

import pytest

from cds.forms.questionnaire import compile_questionnaire
from cds.forms.validate import validate
from tests.changes import changes, paths
from tests.forms.random_pairs import KEYS, ORDERED, Json, Made


@pytest.mark.parametrize("type_", KEYS)
def test_a_condition_on_any_value_is_judged_without_raising(type_: str) -> None:
    made = Made(random.Random(5))  # noqa: S311 - a test, not a secret
    key = KEYS[type_]
    source = {"linkId": "q", "text": "Q", "type": type_}
    operators = ("=", "!=", "<", ">=") if type_ in ORDERED else ("=", "!=")
    expected = {key.replace("value", "answer").replace("Uri", "String"): made.exact(type_)}
    asked: list[Json] = [
        {
            "linkId": f"on{operator}",
            "text": "On",
            "type": "string",
            "enableWhen": [{"question": "q", "operator": operator, **expected}],
        }
        for operator in operators
    ]
    form = compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "url": "http://example.org/q",
            "status": "active",
            "item": [source, *asked],
        }
    )
    # Also beside what is written out, such as a comparator that the answer has not.
    value = made.value(type_)
    full = {**value, "comparator": "<"} if type_ == "quantity" else value
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q",
        "status": "completed",
        "item": [{"linkId": "q", "answer": [{key: full}]}],
    }
    at_answer = ("item", 0, "answer", 0)

    for path in list(paths(response)):
        if path[: len(at_answer)] == at_answer:
            for told, other in changes(response, path):
                assert isinstance(validate(other, form), list), told
