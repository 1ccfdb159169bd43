"""Which answers are one step away from those given: no other is tried, and none is left out."""

import pytest

from cds.core.why import Choice, _other_answers

Codes = tuple[str, ...]
NONE: frozenset[str] = frozenset()
SEVERAL = Choice(
    "q",
    ("a", "b", "c", "none", "unknown"),
    repeats=True,
    exclusive=frozenset({"none"}),
    unknown=frozenset({"unknown"}),
)


@pytest.mark.parametrize(
    ("current", "steps"),
    [
        ((), {("a",), ("b",), ("c",), ("none",)}),
        (("a",), {("b",), ("c",), ("none",), ("a", "b"), ("a", "c")}),
        (("none",), {("a",), ("b",), ("c",)}),
        (("unknown",), {("a",), ("b",), ("c",), ("none",)}),
        (
            ("a", "b", "c"),
            {("a",), ("b",), ("c",), ("none",), ("b", "c"), ("a", "c"), ("a", "b")},
        ),
    ],
)
def test_one_step_is_another_option_one_more_or_one_less(current: Codes, steps: set[Codes]) -> None:
    assert set(_other_answers(SEVERAL, current)) == steps


def test_one_of_several_that_exclude_each_other_is_never_one_more() -> None:
    alone = Choice("q", ("a", "b"), repeats=False, exclusive=NONE, unknown=NONE)

    assert set(_other_answers(alone, ("a",))) == {("b",)}


def test_an_answer_that_is_not_asked_for_can_only_go_as_well() -> None:
    hidden = Choice("q", ("a", "b"), repeats=False, exclusive=NONE, unknown=NONE, asked=False)

    assert () in set(_other_answers(hidden, ("a",)))
