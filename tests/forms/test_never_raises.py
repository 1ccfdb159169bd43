"""No JSON value makes the validator raise; what is sound at a glance has no issue."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.forms.checks import shape
from cds.forms.checks.checks import context_of
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.support import Support
from cds.forms.validate import validate

Json = dict[str, Any]
SEVERITIES = {"fatal", "error", "warning", "information"}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "item",
                    "linkId",
                    "answer",
                    "type",
                    "text",
                    "extension",
                    "url",
                    "valueString",
                    "valueCoding",
                    "code",
                    "questionnaire",
                ]
            )
            | st.text(max_size=3),
            below,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_the_rich_pair_is_valid(rich: tuple[Json, Json]) -> None:
    assert validate(rich[1], rich[0]) == []


def _hammer(pair: tuple[Json, Json], damaging: Callable[..., Any], count: int, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test, not a secret
    form, response = pair
    for _ in range(count):
        wrong_form = damaging(form, dice, dice.randrange(4))
        wrong = damaging(response, dice, dice.randrange(1, 5))
        issues = validate(wrong, wrong_form, fhir_version=dice.choice(["4.0", "5.0"]))
        assert all(
            issue.severity in SEVERITIES and issue.text and issue.expression for issue in issues
        )


def test_damaged_responses_and_forms_are_judged_without_raising(
    rich: tuple[Json, Json], damaging: Callable[..., Any]
) -> None:
    _hammer(rich, damaging, 600, seed=1)


@pytest.mark.slow
def test_many_more_damaged_inputs_are_judged_without_raising(
    rich: tuple[Json, Json], damaging: Callable[..., Any]
) -> None:
    _hammer(rich, damaging, int(os.environ.get("CRAMP_CDS_FUZZ", "10000")), seed=2)


@given(response=ANY_JSON, form=ANY_JSON)
def test_any_json_is_judged_without_raising(response: Any, form: Any) -> None:
    assert isinstance(validate(response, form), list)
    if isinstance(response, dict):
        assert isinstance(
            validate({"resourceType": "QuestionnaireResponse", **response}, form), list
        )


def test_what_is_sound_at_a_glance_is_sound_at_a_walk(
    rich: tuple[Json, Json], damaging: Callable[..., Any]
) -> None:
    glance, form = (
        shape._sounding("4.0").of("QuestionnaireResponse"),
        compile_questionnaire(rich[0]),
    )
    dice = random.Random(4)  # noqa: S311 - a test, not a secret
    sound = 0
    for _ in range(600):
        wrong = damaging(rich[1], dice, 1)
        if isinstance(wrong, dict) and glance(wrong):
            sound += 1
            walk = shape._Walk(context_of(wrong, form, Support(), "4.0"), wrong)
            assert list(walk.resource(wrong, "QuestionnaireResponse", inside=False)) == []
    assert sound > 100
