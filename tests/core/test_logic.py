"""Unknown is never taken for false."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.core.logic import Truth, all_of, any_of, at_least, negate

TRUTHS = st.lists(st.sampled_from([True, False, None]), max_size=5)


@pytest.mark.parametrize(
    ("left", "right", "either", "both"),
    [
        (True, True, True, True),
        (True, None, True, None),
        (True, False, True, False),
        (None, None, None, None),
        (None, False, None, False),
        (False, False, False, False),
    ],
)
def test_kleene_tables_hold(left: Truth, right: Truth, either: Truth, both: Truth) -> None:
    assert any_of([left, right]) is either
    assert any_of([right, left]) is either
    assert all_of([left, right]) is both
    assert all_of([right, left]) is both


def test_nothing_is_neither_any_nor_a_counterexample_to_all() -> None:
    assert any_of([]) is False
    assert all_of([]) is True
    assert at_least(1, []) is False


@given(TRUTHS)
def test_at_least_one_is_any(values: list[Truth]) -> None:
    assert at_least(1, values) is any_of(values)


@given(TRUTHS)
def test_at_least_all_is_all(values: list[Truth]) -> None:
    assert not values or at_least(len(values), values) is all_of(values)


@given(TRUTHS)
def test_none_of_is_the_contrary_of_any(values: list[Truth]) -> None:
    assert negate(any_of(values)) is all_of(negate(value) for value in values)


@given(TRUTHS, st.integers(1, 5))
def test_a_settled_value_survives_every_completion(values: list[Truth], count: int) -> None:
    settled = at_least(count, values)
    for completion in (True, False):
        completed = at_least(count, [completion if value is None else value for value in values])
        assert settled is None or completed is settled
