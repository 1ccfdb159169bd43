"""The quick reading and the full one are one: what the first takes, the second finds faultless."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.errors import ResponseError
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.full_reading import read_fully
from cds.flows.synthetic.responses import response_of
from cds.forms.form.extensions import CORE
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.quick.plan import plan_of
from cds.forms.reading import Reading, reading_of
from tests.replies import CALM, Json, decide, reply
from tests.strategies import Given, engine_of, form_of, given_answers, quickly

FORMS = st.sampled_from([("cramps", False), ("cramps", True), ("boiler", False)])
GIVEN = FORMS.flatmap(lambda form: st.tuples(st.just(form), given_answers(form[0], short=form[1])))
World = tuple[tuple[str, bool], Given]

EXTRA = [{"url": "https://x.example", "valueString": "x"}]
# What is put in the place of any value, and what is added to any object.
VALUES: list[Any] = [
    None,
    "",
    " ",
    "x",
    "a b",
    "\n",
    "x\n",
    "\u0000",
    "２０２６-11-20T15:00:00Z",
    "none-new",
    "unknown",
    0,
    5,
    True,
    1.5,
    [],
    {},
    [[]],
    [{}],
    [None],
    ["x"],
    {"a": 1},
    {"url": "x"},
]
ADDED: dict[str, list[Any]] = {
    "id": ["a", "a b", "", 5],
    "extension": [[], EXTRA],
    "modifierExtension": [[], EXTRA],
    "meta": [
        None,
        {},
        5,
        {"lastUpdated": "x"},
        {"versionId": ""},
        {"versionId": "1"},
        {"foo": "x"},
    ],
    "encounter": [
        {},
        5,
        {"reference": "Encounter/1"},
        {"reference": "Patient/1"},
        {"reference": ""},
    ],
    "author": [{}, 5, {"reference": "Patient/1"}, {"reference": "Patient/a b"}, {"display": "x"}],
    "source": [{"reference": "Patient/1"}],
    "text": ["x", "", {}],
    "language": ["en"],
    "implicitRules": ["https://x.example"],
    "contained": [[], [{"resourceType": "Patient"}]],
    "_status": [{}, {"extension": EXTRA}],
    "_authored": [{"extension": EXTRA}],
    "definition": ["https://x.example"],
    "display": ["x", "", " ", 5],
    "version": ["1", ""],
    "userSelected": [True, "x"],
    "system": ["https://x.example"],
    "item": [[], [{}], None, [{"linkId": "x"}]],
    "answer": [[], [{}], None],
    "valueString": ["x", ""],
    "valueBoolean": [True],
    "linkId": ["x"],
    "type": ["Patient"],
    "foo": [1],
}


def agree(response: Json, engine: Engine) -> bool:
    """Whether the quick reading accepts; if so, the full one finds the same and no fault."""
    found = quickly(response, engine)
    if found is None:
        return False
    full, issues = read_fully(response, engine, assumed=False)
    assert issues == ()
    assert found == full
    return True


@pytest.mark.parametrize("form", [("cramps", False), ("cramps", True), ("boiler", False)])
def test_the_shipped_forms_can_be_read_quickly(form: tuple[str, bool]) -> None:
    assert engine_of(form[0], short=form[1]).plan is not None


def test_the_usual_response_is_read_quickly() -> None:
    assert agree(reply(), engine_of("cramps"))
    assert agree(reply(short=True), engine_of("cramps", short=True))


@given(GIVEN)
def test_what_is_read_quickly_is_read_alike_in_full(world: World) -> None:
    (name, short), answers = world
    engine = engine_of(name, short=short)

    agree(response_of(engine.form, answers, identifier="x"), engine)


@given(given_answers("cramps"))
def test_as_a_form_would_send_it_the_quick_reading_accepts(answers: Given) -> None:
    """Complete, and nothing answered that is not asked: this must be the fast way, or none is."""
    alone = {key: codes for key, codes in answers.items() if len(codes) == 1}
    changes: dict[str, Any] = {**alone, "safety.consciousness": "none", "safety.nerve-course": None}
    if "leg-weakness" in alone.get("safety.nerve", ()):
        changes["safety.nerve-course"] = "new-or-worse"
    if alone.get("history.site", ("calf",))[0] in {"arm-or-hand", "trunk", "other"}:
        changes["history.sleep-posture"] = None

    assert agree(reply(changes), engine_of("cramps"))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _paths(value[key], (*path, key))
    elif isinstance(value, list):
        for place in range(len(value)):
            yield from _paths(value[place], (*path, place))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _mutations(response: Json) -> Iterator[tuple[str, Json]]:
    """Every single change: a value replaced or removed, a key added, a list doubled or reversed."""
    for path in list(_paths(response)):
        here = _at(response, path)
        if path:
            for value in VALUES:
                yield f"{path} = {value!r}", _changed(response, path, value)
            removed = copy.deepcopy(response)
            del _at(removed, path[:-1])[path[-1]]
            yield f"without {path}", removed
        if isinstance(here, dict):
            for key, values in ADDED.items():
                for value in values:
                    yield f"{path}.{key} = {value!r}", _changed(response, (*path, key), value)
        if isinstance(here, list):
            yield f"{path} doubled", _changed(response, path, [*here, *here])
            yield f"{path} reversed", _changed(response, path, here[::-1])


def _changed(response: Json, path: tuple[Any, ...], value: Any) -> Json:
    """A copy, deep only along the path."""
    changed = copy.copy(response)
    at: Any = changed
    for key in path[:-1]:
        at[key] = copy.copy(at[key])
        at = at[key]
    at[path[-1]] = value
    return changed


HEAD: dict[str, Any] = {"meta": {"versionId": "1"}, "author": {"reference": "Patient/1"}}


def test_no_single_change_of_a_response_parts_the_two_readings() -> None:
    engine = engine_of("cramps")
    response = reply(
        {"safety.nerve": "leg-weakness", "safety.nerve-course": "new-or-worse"}, **HEAD
    )
    accepted = []

    for what, mutated in _mutations(response):
        try:
            if agree(mutated, engine):
                accepted.append(what)
        except Exception as error:
            error.add_note(what)
            raise

    # Texts and displays may go or differ; most else is a doubt.
    assert len(accepted) > 50
    assert not [what for what in accepted if "modifierExtension" in what or "system'" in what]


@pytest.mark.parametrize(
    "change",
    [
        {"readOnly": True},
        {"extension": [{"url": f"{CORE}questionnaire-minOccurs", "valueInteger": 2}]},
        {"extension": [{"url": f"{CORE}questionnaire-hidden", "valueBoolean": True}]},
        {"modifierExtension": [{"url": "https://x.example", "valueBoolean": True}]},
        {"answerValueSet": "https://x.example/ValueSet/x"},
    ],
)
def test_a_form_that_asks_for_more_is_not_read_quickly(change: Json) -> None:
    raw = copy.deepcopy(dict(form_of("cramps").raw))
    raw["item"][1]["item"][5] |= change

    assert plan_of(_reading(raw)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"status": "retired"},
        {"effectivePeriod": {"end": "2020-01-01"}},
        {"subjectType": ["Group"]},
        {"modifierExtension": [{"url": "https://x.example", "valueBoolean": True}]},
    ],
)
def test_a_form_whose_head_wants_judging_is_not_read_quickly(change: Json) -> None:
    assert plan_of(_reading(dict(form_of("cramps").raw) | change)) is None


def _reading(raw: Json) -> Reading:
    reading = engine_of("cramps").reading
    return reading_of(
        compile_questionnaire(raw),
        reading.alarms,
        unknown=reading.unknown,
        fail_safe=reading.fail_safe,
        short=False,
    )


def test_no_single_change_ends_in_an_error() -> None:
    response = reply(dict.fromkeys(CALM) | {"safety.consciousness": "unresponsive-now"}, **HEAD)

    for what, mutated in _mutations(response):
        if mutated.get("resourceType") != "QuestionnaireResponse":
            continue
        try:
            assessed = decide(mutated)
            assert not assessed.level.reassures, what
            assert wire.write(assessed.document()), what
        except ResponseError as error:
            assert error.where == "QuestionnaireResponse.questionnaire", what  # noqa: PT017
        except Exception as error:
            error.add_note(what)
            raise
