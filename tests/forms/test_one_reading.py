"""One walk or the whole tree: the same issues, for any form and any response to it."""

import copy
import random
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds import wire
from cds.forms.answers import answers_after
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.reader.reader import reader_of
from cds.forms.reading import Reading
from cds.forms.support import Support
from cds.forms.validate import issues_after, validate, validate_json
from tests.changes import changed, every_change
from tests.forms.random_pairs import Made
from tests.forms.test_random_forms import pairs

Json = dict[str, Any]
PROFILE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse"
# As servers and form fillers write it.
HEAD: Json = {
    "id": "r1",
    "meta": {
        "versionId": "3",
        "lastUpdated": "2026-11-20T15:00:01.123+00:00",
        "profile": [PROFILE, f"{PROFILE}|4.0.0"],
        "tag": [
            {"code": "lformsVersion: 41.3.0"},
            {"system": "http://example.org/x", "code": "a", "display": "An A"},
        ],
    },
    "subject": {"reference": "Patient/1", "type": "Patient", "display": "Example, Synthetic"},
    "author": {"reference": "Practitioner/1", "display": "Someone"},
}


def _in_order(issues: list[Issue]) -> list[str]:
    return sorted(map(repr, issues))


def agrees(response: Any, form: Questionnaire) -> bool:
    """Whether a walk sufficed; the tree must find what it finds, faults and answers."""
    walked = validate(response, form)
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        return False
    assert _in_order(walked) == _in_order(issues_after(None, response, form, Support()))
    walk = reader_of(form).walk(response)
    codes = (code for item in form.by_link_id.values() for code in item.codes)
    unknown = frozenset(islice(codes, 1))
    reading = Reading(form, {}, unknown=unknown, fail_safe=frozenset(), short=False)
    of_walk, of_tree = (answers_after(one, response, reading) for one in (walk, None))
    assert of_walk._replace(enablement=None) == of_tree._replace(enablement=None)
    return walk is not None


@given(pairs(), st.integers(0, 2**32))
def test_a_walk_through_any_form_finds_what_the_tree_finds(
    pair: tuple[Json, Json], seed: int
) -> None:
    _changed_and_compared(pair, seed, 12)


@pytest.mark.long
@settings(max_examples=2_000)
@given(pairs(), st.integers(0, 2**32))
def test_a_walk_finds_what_the_tree_finds_in_200_000_responses(
    pair: tuple[Json, Json], seed: int
) -> None:
    _changed_and_compared(pair, seed, 100)


@given(st.integers(0, 2**32))
def test_a_walk_finds_what_the_tree_finds_where_conditions_look_at_one_another(seed: int) -> None:
    made = Made(random.Random(seed))  # noqa: S311 - a test, not a secret
    form = made.form()
    compiled = compile_questionnaire(form)
    for _ in range(20):
        agrees(made.response(form), compiled)


def _changed_and_compared(pair: tuple[Json, Json], seed: int, count: int) -> None:
    """The response as it is, and with up to three changes."""
    form, response = pair
    compiled = compile_questionnaire(form)
    dice = random.Random(seed)  # noqa: S311 - a test, not a secret
    agrees(response, compiled)
    if seed % 2:
        response = {**response, **HEAD}
        assert agrees(response, compiled) or not agrees(pair[1], compiled)
    for _ in range(count):
        other = response
        for _ in range(dice.randrange(1, 4)):
            other = changed(other, dice.choice)
        agrees(other, compiled)


def _simple(pair: tuple[Json, Json]) -> tuple[Json, Json]:
    """The part of the rich pair that the quick look can judge."""
    left = {"q.open-choice", "q.attachment", "q.group"}
    kept = {item["linkId"] for item in pair[0]["item"]} - left
    form, response = copy.deepcopy(pair)
    del form["effectivePeriod"], form["contained"]
    (quantity,) = (item for item in form["item"] if item["type"] == "quantity")
    del quantity["extension"]
    form["item"] = [item for item in form["item"] if item["linkId"] in kept]
    when = [{"question": "q.boolean", "operator": "=", "answerBoolean": False}]
    (integer,) = (item for item in form["item"] if item["type"] == "integer")
    integer |= {"enableWhen": when, "required": True}
    options = [{"valueCoding": {"system": "urn:s", "code": "a", "display": "An A"}}]
    form["item"].append(
        {"linkId": "q.open", "type": "open-choice", "repeats": True, "answerOption": options}
    )
    response["item"] += [{"linkId": "q.open", "answer": [options[0], {"valueString": "free"}]}]
    kept.add("q.open")
    form["item"] = [{"linkId": "top", "type": "group", "required": True, "item": form["item"]}]
    response["item"] = [
        {"linkId": "top", "item": [item for item in response["item"] if item["linkId"] in kept]}
    ]
    return form, response


@pytest.mark.parametrize("status", ["active", "draft"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_walk_through_damaged_responses_finds_what_the_tree_finds(
    rich: tuple[Json, Json], damaging: Callable[..., Any], status: str, whole: bool
) -> None:
    form, response = rich if whole else _simple(rich)
    response = {**response, "language": "en", "meta": {"versionId": "1"}}
    compiled = compile_questionnaire({**form, "status": status})
    dice = random.Random(3)  # noqa: S311 - a test, not a secret

    walked = sum(agrees(damaging(response, dice, 1), compiled) for _ in range(500))

    assert walked > 100 or whole


@pytest.mark.parametrize("left_out", [("subject",), ("author",), ("authored", "subject")])
def test_a_walk_tells_what_is_recommended(
    rich: tuple[Json, Json], left_out: tuple[str, ...]
) -> None:
    form, response = _simple(rich)
    compiled = compile_questionnaire(form)
    for name in left_out:
        del response[name]

    assert agrees(response, compiled)
    assert validate(response, compiled) != []


@pytest.mark.parametrize("items", [(), [], None, {}, "x", [()], [{}], ({},)])
def test_what_is_no_list_of_items_is_told(rich: tuple[Json, Json], items: Any) -> None:
    form, response = _simple(rich)

    agrees({**response, "item": items}, compile_questionnaire(form))
    assert [one for one in validate({**response, "item": items}, form) if one.severity == "error"]


def _unasked() -> tuple[Json, Json]:
    """A form whose first question shuts a group in a group, and a question with one below it."""
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    option = {"valueCoding": {"system": "urn:s", "code": "o", "display": "An O"}}
    choice = {"type": "choice", "answerOption": [option]}
    text = {"linkId": "g.t", "type": "string", "text": "In words?", "required": True}
    number = {"linkId": "h.n", "type": "integer", "required": True}
    inner = {"linkId": "h", "type": "group", "required": True, "item": [number]}
    group = [text, {"linkId": "g.c", "repeats": True, **choice}, inner]
    form = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/unasked",
        "status": "active",
        "item": [
            {"linkId": "a", "type": "boolean"},
            {"linkId": "g", "type": "group", "enableWhen": when, "item": group},
            {
                "linkId": "q",
                "enableWhen": when,
                **choice,
                "item": [{"linkId": "q.n", "type": "string"}],
            },
            {"linkId": "z", "type": "string", "required": True},
        ],
    }
    below = {"linkId": "q.n", "answer": [{"valueString": "below"}]}
    answers = [
        {"linkId": "g.t", "text": "In words?", "answer": [{"valueString": "said"}]},
        {"linkId": "g.c", "answer": [option]},
        {"linkId": "h", "item": [{"linkId": "h.n", "answer": [{"valueInteger": 3}]}]},
    ]
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/unasked",
        "status": "completed",
        "item": [
            {"linkId": "a", "answer": [{"valueBoolean": False}]},
            {"linkId": "g", "item": answers},
            {"linkId": "q", "answer": [{**option, "item": [below]}]},
            {"linkId": "z", "answer": [{"valueString": "z"}]},
        ],
    }
    return form, response


def test_what_is_answered_though_it_is_not_asked_is_judged_as_in_the_tree() -> None:
    form, response = _unasked()
    compiled = compile_questionnaire(form)
    told = [one for one in validate(response, compiled) if one.rule == "notEnabled"]
    assert [one.expression for one in told] == [
        "QuestionnaireResponse.item[1]",
        "QuestionnaireResponse.item[2]",
    ]
    assert agrees(response, compiled)

    changes = [mutated for _, mutated in every_change(response)]
    dice = random.Random(4)  # noqa: S311 - a test, not a secret
    changes += [changed(changed(response, dice.choice), dice.choice) for _ in range(400)]
    walked = sum(agrees(one, compiled) for one in changes)

    assert walked > len(changes) / 4


@given(pairs(), st.integers(0, 2**32))
def test_bytes_are_validated_as_what_strict_reading_makes_of_them(
    pair: tuple[Json, Json], seed: int
) -> None:
    form, response = pair
    compiled = compile_questionnaire(form)
    dice = random.Random(seed)  # noqa: S311 - a test, not a secret
    for _ in range(12):
        other = changed(response, dice.choice)
        data = wire.write(other, indent=dice.random() < 0.2)

        assert validate_json(data, compiled) == validate(wire.read(data), compiled)


def _turned(value: Any) -> Any:
    """The same JSON with the members of every object the other way round."""
    if isinstance(value, list):
        return [_turned(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _turned(value[key]) for key in reversed(value)}


def _places(response: Any, form: Questionnaire) -> list[tuple[str, str, str]]:
    return sorted((one.rule, one.severity, one.expression) for one in validate(response, form))


@given(pairs(), st.integers(0, 2**32))
def test_the_order_of_members_decides_nothing(pair: tuple[Json, Json], seed: int) -> None:
    form, response = pair
    compiled = compile_questionnaire(form)
    dice = random.Random(seed)  # noqa: S311 - a test, not a secret
    for _ in range(12):
        other = changed(changed(response, dice.choice), dice.choice)

        assert _places(_turned(other), compiled) == _places(other, compiled)
