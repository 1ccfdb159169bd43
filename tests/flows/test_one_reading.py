"""A walk and the tree are one reading: the same answers, the same faults, for every change."""

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.errors import ResponseError
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.faults import weighed
from cds.flows.deciding.reading import read_answered
from cds.flows.synthetic.responses import response_of
from cds.forms.answers import answers_after
from cds.forms.reader.reader import reader_of
from tests.changes import every_change
from tests.replies import CALM, Json, decide, reply
from tests.strategies import Given, engine_of, given_answers

FORMS = st.sampled_from([("cramps", False), ("cramps", True), ("boiler", False)])
GIVEN = FORMS.flatmap(lambda form: st.tuples(st.just(form), given_answers(form[0], short=form[1])))
World = tuple[tuple[str, bool], Given]


def agree(response: Json, engine: Engine) -> bool:
    """Whether a walk sufficed; as a tree the response must be read alike."""
    found = read_answered(response, engine, assumed=False)
    answers, issues = weighed(None, answers_after(None, response, engine.reading), response, engine)
    assert found[0]._replace(notes=()) == answers
    assert {type(one.excused) for one in (found[0], answers)} == {frozenset}
    assert sorted(map(repr, found[1])) == sorted(map(repr, issues))
    return is_walked(response, engine)


def is_walked(response: Json, engine: Engine) -> bool:
    return reader_of(engine.reading.questionnaire).walk(response) is not None


def is_plain(response: Json, engine: Engine) -> bool:
    walk = reader_of(engine.reading.questionnaire).walk(response)
    return walk is not None and walk.plain


def test_the_usual_response_is_plain() -> None:
    for short in (False, True):
        assert is_plain(reply(short=short), engine_of("cramps", short=short))
        assert agree(reply(short=short), engine_of("cramps", short=short))


@pytest.mark.parametrize("canonical", [None, 7, ["x"], {"x": 1}])
def test_a_form_that_is_named_by_no_text_is_read_alike(canonical: object) -> None:
    agree({**reply(), "questionnaire": canonical}, engine_of("cramps"))


@given(GIVEN)
def test_whatever_is_answered_a_walk_and_the_tree_read_alike(world: World) -> None:
    (name, short), answers = world
    engine = engine_of(name, short=short)

    agree(response_of(engine.form, answers, identifier="x"), engine)


@given(given_answers("cramps"))
def test_as_a_form_would_send_it_a_response_is_plain(answers: Given) -> None:
    alone = {key: codes for key, codes in answers.items() if len(codes) == 1}
    changes: dict[str, Any] = {**alone, "safety.consciousness": "none", "safety.nerve-course": None}
    if "leg-weakness" in alone.get("safety.nerve", ()):
        changes["safety.nerve-course"] = "new-or-worse"
    if alone.get("history.site", ("calf",))[0] in {"arm-or-hand", "trunk", "other"}:
        changes["history.sleep-posture"] = None

    assert is_plain(reply(changes), engine_of("cramps"))
    assert agree(reply(changes), engine_of("cramps"))


HEAD: dict[str, Any] = {
    "meta": {"versionId": "1", "profile": ["http://example.org/p|1"], "tag": [{"code": "a b"}]},
    "author": {"reference": "Patient/1", "type": "Patient", "display": "Someone"},
}


@pytest.mark.slow
def test_no_single_change_of_a_response_parts_a_walk_from_the_tree() -> None:
    engine = engine_of("cramps")
    response = reply(
        {"safety.nerve": "leg-weakness", "safety.nerve-course": "new-or-worse"}, **HEAD
    )
    accepted = []

    # One in six, another one at every place.
    for what, mutated in islice(every_change(response), 0, None, 6):
        try:
            if agree(mutated, engine):
                accepted.append(what)
        except Exception as error:
            error.add_note(what)
            raise

    # Only what stands in a wrong place, or is modified, is read as a tree.
    assert len(accepted) > 200


def test_no_single_change_ends_in_an_error() -> None:
    response = reply(dict.fromkeys(CALM) | {"safety.consciousness": "unresponsive-now"}, **HEAD)

    for what, mutated in every_change(response):
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
