"""Random pairs over all item types: the product and a plain second validator say the same."""

import random

import pytest

from cds.forms.validate import validate
from tests.forms.oracle import judged
from tests.forms.random_pairs import Made

OPEN = frozenset(("limitNotChecked", "enableWhen"))


def _agree(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test, not a secret
    made = Made(dice)
    form = made.form()
    response = made.response(form)

    issues = validate(response, form)

    wrong, open_ = judged(form, response)
    errors = {(one.rule, one.link_id) for one in issues if one.severity == "error"}
    told = {one.link_id for one in issues if one.rule in OPEN and one.source == "response"}
    assert errors == wrong, (seed, form, response)
    assert told == open_, (seed, form, response)


def test_three_thousand_random_pairs_are_judged_alike() -> None:
    for seed in range(3_000):
        _agree(seed)


@pytest.mark.long
def test_a_hundred_thousand_random_pairs_are_judged_alike() -> None:
    for seed in range(3_000, 103_000):
        _agree(seed)
