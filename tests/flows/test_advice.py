"""Advice: never with an emergency, never two pieces that contradict."""

from typing import Any

import pytest
from hypothesis import given, settings

from cds.core.model import Facts
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.advice import advice_for
from tests.replies import decide, reply
from tests.strategies import Given, given_answers, pack_of

HEAT = {"safety.fluid-loss": "heavy-sweating-or-heat"}


def ids(assessed: Assessed) -> list[str]:
    return [one.id for one in advice_for(assessed)]


@given(given_answers("cramps"))
@settings(max_examples=60)
def test_no_advice_goes_with_an_alarm_and_none_contradicts(answers: Given) -> None:
    assessed = decide(reply(answers))
    given_ = advice_for(assessed)

    if assessed.level.alert:
        assert given_ == ()
    for one in given_:
        assert assessed.level.code in one.levels
        assert not {other.id for other in given_} & set(one.contradicts)


@pytest.mark.parametrize(
    ("changes", "fluids"),
    [
        (HEAT, "fluids"),
        ({"history.triggers": "hot-weather"}, "fluids"),
        ({}, None),
        ({**HEAT, "history.hemodialysis": "yes"}, "fluid-limits"),
        ({**HEAT, "history.hemodialysis": "unknown"}, None),
        ({**HEAT, "history.hemodialysis": None}, None),
        ({**HEAT, "history.conditions": "kidney-disorder"}, "fluid-limits"),
        ({**HEAT, "history.conditions": "unknown"}, None),
        ({**HEAT, "history.conditions": None}, None),
        ({**HEAT, "history.medications": "diuretic"}, "fluid-limits"),
        ({**HEAT, "history.medications": None}, None),
        ({**HEAT, "history.triggers": "dialysis-session"}, "fluid-limits"),
    ],
)
def test_fluids_are_advised_only_where_no_limit_may_apply(
    changes: dict[str, Any], fluids: str | None
) -> None:
    found = [one for one in ids(decide(reply(changes))) if one.startswith("fluid")]

    assert found == ([fluids] if fluids else [])


def test_medicines_are_to_be_reviewed_never_stopped() -> None:
    assessed = decide(reply({"history.medications": "statin"}))

    assert "review-medicines" in ids(assessed)
    for advice in pack_of("cramps").advice:
        assert "quinine" not in advice.text.casefold()
        assert "stop" not in advice.text.casefold() or "do not stop" in advice.text.casefold()


def test_self_care_ends_with_when_to_come_back() -> None:
    assert ids(decide(reply())) == ["stretching", "massage", "return-if-not-relieved"]


def test_nothing_is_advised_without_answers_or_while_not_settled() -> None:
    assert ids(decide(reply({"safety.limb": None}))) == []
    assert ids(decide(reply(status="in-progress"))) == []
    assert decide(reply()).facts == Facts()
