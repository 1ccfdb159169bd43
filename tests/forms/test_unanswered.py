"""A response that is completed and says nothing is told of, however the nothing is written."""

from typing import Any

import pytest

from cds.forms.questionnaire import compile_questionnaire
from cds.forms.validate import validate

FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/form",
    "status": "active",
    "item": [
        {"linkId": "note", "type": "display", "text": "Hello"},
        {
            "linkId": "group",
            "type": "group",
            "item": [
                {"linkId": "asked", "type": "boolean", "required": True},
                {"linkId": "more", "type": "string", "item": [{"linkId": "x", "type": "integer"}]},
            ],
        },
    ],
}
NOTHING: dict[str, list[Any]] = {
    "no item": [],
    "only what is shown": [{"linkId": "note"}],
    "an empty group": [{"linkId": "group"}],
    "a question without an answer": [{"linkId": "group", "item": [{"linkId": "more"}]}],
    "an empty list of answers": [{"linkId": "group", "item": [{"linkId": "more", "answer": []}]}],
    "an answer without a value": [
        {"linkId": "group", "item": [{"linkId": "more", "answer": [{"item": [{"linkId": "x"}]}]}]}
    ],
    "an answer that says why it is absent": [
        {
            "linkId": "group",
            "item": [
                {
                    "linkId": "more",
                    "answer": [
                        {
                            "_valueString": {
                                "extension": [
                                    {
                                        "url": "http://hl7.org/fhir/StructureDefinition/"
                                        "data-absent-reason",
                                        "valueCode": "unknown",
                                    }
                                ]
                            }
                        }
                    ],
                }
            ],
        }
    ],
}
SOMETHING: dict[str, list[Any]] = {
    "a no": [
        {"linkId": "group", "item": [{"linkId": "asked", "answer": [{"valueBoolean": False}]}]}
    ],
    "an answer below an answer": [
        {
            "linkId": "group",
            "item": [
                {
                    "linkId": "more",
                    "answer": [{"item": [{"linkId": "x", "answer": [{"valueInteger": 0}]}]}],
                }
            ],
        }
    ],
    "an answer that the form does not know": [
        {"linkId": "other", "answer": [{"valueString": "a word"}]}
    ],
}


def rules(
    items: list[Any], status: str = "completed", form: dict[str, Any] | None = None
) -> list[str]:
    response: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": FORM["url"],
        "status": status,
        "subject": {"reference": "Patient/1"},
        "authored": "2026-11-20",
        "author": {"reference": "Patient/1"},
        **({"item": items} if items else {}),
    }
    return [one.rule for one in validate(response, compile_questionnaire(form or FORM))]


@pytest.mark.parametrize("status", ["completed", "amended"])
@pytest.mark.parametrize("items", NOTHING.values(), ids=NOTHING)
def test_nothing_said_is_told(items: list[Any], status: str) -> None:
    found = set(rules(items, status))

    assert found
    assert found <= {"unanswered", "required", "emptyAnswer"}
    assert rules([], status) == ["unanswered"]


@pytest.mark.parametrize("items", SOMETHING.values(), ids=SOMETHING)
def test_anything_said_is_not_told(items: list[Any]) -> None:
    assert "unanswered" not in rules(items)


@pytest.mark.parametrize("status", ["in-progress", "entered-in-error", "stopped"])
def test_what_is_not_finished_may_be_empty(status: str) -> None:
    assert "unanswered" not in rules([], status)


def test_a_form_that_requires_nothing_may_be_left_empty() -> None:
    free = FORM | {"item": [{"linkId": "asked", "type": "boolean"}]}

    assert rules([], form=free) == []


def test_one_cause_is_one_issue() -> None:
    demanded = FORM | {"item": [{"linkId": "asked", "type": "boolean", "required": True}]}

    assert rules([], form=demanded) == ["required"]


@pytest.mark.parametrize("items", ["text", 5, {"linkId": "group"}, [None], [["x"]], [{"item": 7}]])
def test_whatever_stands_there_instead_is_judged(items: Any) -> None:
    assert isinstance(rules(items), list)
