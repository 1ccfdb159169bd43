"""A form and a response that use every feature, and a way to damage them."""

import copy
import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"
Json = dict[str, Any]

_JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    10**30,
    Decimal("1.50"),
    Decimal("1E+30"),
    1.5,
    "",
    " ",
    "x",
    "q.string",
    "é\n",
    "a" * 300,
    [],
    {},
    [None],
    [[]],
    [1],
    ["x"],
    {"x": 1},
    [{}],
    {"linkId": "q.string"},
    {"linkId": 1},
    [{"linkId": "q.group"}],
    {"valueString": "x"},
    {"valueCoding": {"code": "a"}},
    {"valueCoding": {"code": ["a"], "system": {}}},
    {"code": {}, "system": []},
    [{"url": CORE + "minValue", "valueQuantity": {}}],
    "2024-13-99",
    "#x",
    "#",
    {"reference": []},
    {"value": "x", "code": []},
    {"url": CORE + "regex", "valueString": "(a+)+$("},
    {"valueQuantity": {"value": 1, "unit": []}},
    [{"question": "q.string", "operator": "=", "answerQuantity": {}}],
    {"modifierExtension": [{}]},
    "\ud800",
]


def _item(type_: str, /, *extensions: Json, **more: Any) -> Json:
    return {
        "linkId": f"q.{type_}",
        "text": f"About {type_}",
        "type": type_,
        "extension": list(extensions),
        **more,
    }


def _x(url: str, /, **value: Any) -> Json:
    return {"url": url, **value}


def rich_form() -> Json:
    """A form with every item type and every extension that is judged without FHIRPath."""
    options = [
        {"valueCoding": {"system": "urn:s", "code": code, "display": code.upper()}}
        for code in ("a", "b", "none")
    ]
    options[2]["extension"] = [_x(CORE + "questionnaire-optionExclusive", valueBoolean=True)]  # type: ignore[assignment]
    kg = {"value": 5, "system": UCUM, "code": "kg"}
    items = [
        _item(
            "string",
            _x(CORE + "regex", valueString="[a-z]+"),
            _x(CORE + "minLength", valueInteger=1),
            maxLength=20,
            required=True,
        ),
        _item("text", maxLength=100),
        _item("boolean"),
        _item(
            "integer", _x(CORE + "minValue", valueInteger=0), _x(CORE + "maxValue", valueInteger=9)
        ),
        _item("decimal", _x(CORE + "maxDecimalPlaces", valueInteger=2)),
        _item("date", _x(CORE + "minValue", valueDate="2000")),
        _item("dateTime", _x(CORE + "maxValue", valueDateTime="2030-01-01")),
        _item("time"),
        _item("url"),
        _item("choice", repeats=True, answerOption=options),
        _item("open-choice", answerValueSet="#vs"),
        _item(
            "quantity",
            _x(SDC + "minQuantity", valueQuantity=kg),
            _x(CORE + "questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"}),
        ),
        _item(
            "attachment",
            _x(CORE + "mimeType", valueCode="image/*"),
            _x(CORE + "maxSize", valueDecimal=99),
        ),
        _item("reference", _x(CORE + "questionnaire-referenceResource", valueCode="Patient")),
        {
            "linkId": "q.group",
            "type": "group",
            "repeats": True,
            "extension": [_x(CORE + "questionnaire-maxOccurs", valueInteger=3)],
            "item": [
                {
                    "linkId": "q.inner",
                    "type": "boolean",
                    "item": [{"linkId": "q.below", "type": "string"}],
                },
                {
                    "linkId": "q.then",
                    "type": "string",
                    "enableBehavior": "all",
                    "enableWhen": [
                        {"question": "q.inner", "operator": "=", "answerBoolean": True},
                        {"question": "q.integer", "operator": ">=", "answerInteger": 1},
                    ],
                },
                {"linkId": "q.note", "type": "display", "text": "A note"},
            ],
        },
    ]
    value_set = {
        "resourceType": "ValueSet",
        "id": "vs",
        "compose": {"include": [{"system": "urn:s", "concept": [{"code": "a"}]}]},
    }
    return {
        "resourceType": "Questionnaire",
        "url": "http://example.org/q",
        "version": "1",
        "status": "active",
        "subjectType": ["Patient"],
        "effectivePeriod": {"start": "2020"},
        "contained": [value_set],
        "item": items,
    }


def rich_response() -> Json:
    """A response without any fault to `rich_form`."""
    values: list[tuple[str, Any]] = [
        ("string", {"valueString": "abc"}),
        ("text", {"valueString": "two\nlines"}),
        ("boolean", {"valueBoolean": False}),
        ("integer", {"valueInteger": 3}),
        ("decimal", {"valueDecimal": Decimal("1.50")}),
        ("date", {"valueDate": "2024-05"}),
        ("dateTime", {"valueDateTime": "2024-05-06T07:08:09Z"}),
        ("time", {"valueTime": "10:00:00"}),
        ("url", {"valueUri": "http://example.org"}),
        ("choice", {"valueCoding": {"system": "urn:s", "code": "a"}}),
        ("open-choice", {"valueCoding": {"system": "urn:s", "code": "a"}}),
        ("quantity", {"valueQuantity": {"value": 6, "system": UCUM, "code": "kg"}}),
        (
            "attachment",
            {"valueAttachment": {"contentType": "image/png", "data": "YWJj", "size": 3}},
        ),
        ("reference", {"valueReference": {"reference": "Patient/1"}}),
    ]
    group = {
        "linkId": "q.group",
        "item": [
            {
                "linkId": "q.inner",
                "answer": [
                    {
                        "valueBoolean": True,
                        "item": [{"linkId": "q.below", "answer": [{"valueString": "x"}]}],
                    }
                ],
            },
            {"linkId": "q.then", "answer": [{"valueString": "x"}]},
            {"linkId": "q.note", "text": "A note"},
        ],
    }
    items: list[Json] = [
        {"linkId": f"q.{name}", "text": f"About {name}", "answer": [value]}
        for name, value in values
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q|1",
        "status": "completed",
        "authored": "2026-01-02T03:04:05Z",
        "subject": {"reference": "Patient/1"},
        "author": {"reference": "Patient/1"},
        "item": [*items, group, copy.deepcopy(group)],
    }


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        pairs = (
            here.items()
            if isinstance(here, dict)
            else enumerate(here)
            if isinstance(here, list)
            else ()
        )
        for key, below in pairs:
            found.append((here, key))
            waiting.append(below)
    return found


def damage(value: Json, dice: random.Random, times: int) -> Any:
    """A copy of `value` with something replaced, dropped, doubled, renamed or added, `times` times."""  # noqa: E501
    damaged = copy.deepcopy(value)
    for _ in range(times):
        places = _places(damaged)
        if not places:
            return dice.choice(_JUNK)
        here, key = dice.choice(places)
        kind = dice.randrange(6)
        if kind == 0:
            del here[key]
        elif kind == 1 and isinstance(here, list):
            here.insert(key, copy.deepcopy(here[key]))
        elif kind == 2 and isinstance(here, dict):
            here[
                dice.choice(
                    [
                        "item",
                        "answer",
                        "valueString",
                        "x",
                        "extension",
                        "modifierExtension",
                        "_text",
                    ]
                )
            ] = here.pop(key)
        elif kind == 3:
            here[key] = copy.deepcopy(dice.choice(places)[0])
        else:
            here[key] = copy.deepcopy(dice.choice(_JUNK))
        if len(json.dumps(damaged, default=str)) > 200_000:
            return damaged
    return damaged


@pytest.fixture
def rich() -> tuple[Json, Json]:
    """The form and the response without fault."""
    return rich_form(), rich_response()


@pytest.fixture
def damaging() -> Callable[[Json, random.Random, int], Any]:
    """The function that damages JSON."""
    return damage
