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


CORE = "http://hl7.org/fhir/StructureDefinition/"


def _set(number: int, includes: int) -> Json:
    include = [{"valueSet": [f"#v{number + 1}"]}] * includes
    return {"resourceType": "ValueSet", "id": f"v{number}", "compose": {"include": include}}


LOOP = {**_set(0, 20), "compose": {"include": [{"valueSet": ["#v0"]}] * 20}}
CODED: Json = {"linkId": "q", "type": "choice", "answerValueSet": "#v0"}
CODE = answered(
    item=[{"linkId": "q", "answer": [{"valueCoding": {"system": "urn:s", "code": "z"}}]}]
)
TRANSLATION = {"url": CORE + "translation", "extension": [{"url": "content", "valueString": "y"}]}
NO = [{"question": "c", "operator": "=", "answerString": "no"}]
FORMS: dict[str, tuple[Json, Json]] = {
    "value sets that include one another ten times each": (
        {**FORM, "item": [CODED], "contained": [_set(number, 10) for number in range(9)]},
        CODE,
    ),
    "a value set that includes itself": ({**FORM, "item": [CODED], "contained": [LOOP]}, CODE),
    "many conditions on many answers": (
        {
            **FORM,
            "item": [
                {"linkId": "c", "type": "string", "repeats": True},
                *({"linkId": str(one), "type": "string", "enableWhen": NO} for one in range(3_000)),
            ],
        },
        answered(
            item=[
                {"linkId": "c", "answer": [{"valueString": "x"}] * 9_000},
                *({**ITEM, "linkId": str(one)} for one in range(3_000)),
            ]
        ),
    ),
    "very many extensions of one kind": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "q",
                    "type": "string",
                    "text": "x",
                    "_text": {"extension": [TRANSLATION] * 30_000},
                    "extension": [{"url": "u", "valueInteger": 1}] * 30_000,
                }
            ],
        },
        answered(item=[{"linkId": "q", "text": "z"}] * 3_000),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_ends_soon(name: str) -> None:
    form, response = FORMS[name]
    data = json.dumps(response).encode()
    started = time.process_time()

    (result,) = judged(data, form)

    assert time.process_time() - started < 2
    assert any(issue.severity != "information" for issue in result.issues)
