"""Hostile input ends within two seconds, with a clear issue, and is never called valid."""

import json
import time

import pytest

from tests.flows.validate_kit import FORM, Json, answered, judged

ITEM = {"linkId": "q", "answer": [{"valueString": "x"}]}
OFF = [{"question": "c", "operator": "=", "answerBoolean": True}]
HOSTILE: dict[str, tuple[Json, Json]] = {
    "very many items": (FORM, answered(item=[ITEM] * 19_000)),
    "too many items": (FORM, answered(item=[ITEM] * 50_000)),
    "very many unknown items": (
        FORM,
        answered(item=[{"linkId": f"x{index}"} for index in range(19_000)]),
    ),
    "a huge string": (FORM, answered("x" * 10_000_000)),
    "many options and answers": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "q",
                    "type": "choice",
                    "repeats": True,
                    "answerOption": [{"valueInteger": one} for one in range(20_000)],
                }
            ],
        },
        answered(item=[{"linkId": "q", "answer": [{"valueInteger": 20_000}] * 20_000}]),
    ),
    "conditions on many sources": (
        {
            **FORM,
            "item": [
                {"linkId": "c", "type": "boolean"},
                {
                    "linkId": "g",
                    "type": "group",
                    "repeats": True,
                    "item": [{"linkId": "t", "type": "string", "enableWhen": OFF}],
                },
            ],
        },
        answered(
            item=[{"linkId": "c", "answer": [{"valueBoolean": False}]}] * 9_000
            + [{"linkId": "g", "item": [{"linkId": "t", "answer": [{"valueString": "x"}]}]}] * 5_000
        ),
    ),
    "a pattern that explodes elsewhere": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "q",
                    "type": "string",
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/regex",
                            "valueString": "(a|aa)+$",
                        }
                    ],
                }
            ],
        },
        answered("a" * 90_000 + "b"),
    ),
    "a form with very many items": (
        {**FORM, "item": [{"linkId": str(one), "type": "string"} for one in range(60_000)]},
        answered("x"),
    ),
    "conditions in a circle": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "c",
                    "type": "boolean",
                    "enableWhen": [{"question": "q", "operator": "=", "answerBoolean": True}],
                },
                {"linkId": "q", "type": "boolean", "enableWhen": OFF},
            ],
        },
        answered(item=[{"linkId": "q", "answer": [{"valueBoolean": True}]}]),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_ends_soon_with_a_clear_issue(name: str) -> None:
    form, response = HOSTILE[name]
    data = json.dumps(response).encode()
    started = time.process_time()

    (result,) = judged(data, form)

    assert time.process_time() - started < 2
    assert not result.valid
    assert len(result.issues) <= 1001
