"""HAPI's validator beside the oracle on random pairs: each difference is a known one."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forms.random_pairs import Json, Made
from tests.hapi.differences import CASES, KNOWN, of_pair
from tests.hapi.hapi import NotThere, errors, libraries, run, write_pairs

PAIRS = 3_000
RIGHT = {"ours", "hapi", "both", "unsettled"}


def random_pairs(count: int) -> Iterator[tuple[Json, Json]]:
    """The pairs of tests/forms/test_oracle.py, each form under an url of its own."""
    for seed in range(count):
        made = Made(random.Random(seed))  # noqa: S311 - a test, not a secret
        form = made.form()
        response = made.response(form)
        form["url"] = response["questionnaire"] = f"http://example.org/q{seed}"
        yield form, response


def compared(jars: Path, folder: Path, count: int) -> Counter[str]:
    """How often each known difference occurs; "none" counts the pairs without any."""
    pairs = list(random_pairs(count))
    write_pairs(folder / "pairs.ndjson", pairs)
    seen: Counter[str] = Counter()
    for (form, response), messages in zip(pairs, run(jars, folder / "pairs.ndjson"), strict=True):
        differences = list(of_pair(form, response, *errors(messages, response)))
        seen.update(differences or ["none"])
    return seen


@pytest.mark.long
def test_each_difference_from_hapi_is_a_known_one(tmp_path: Path) -> None:
    try:
        jars = libraries(tmp_path)
    except NotThere as error:
        pytest.skip(str(error))

    seen = compared(jars, tmp_path, PAIRS)

    assert not [one for one in seen if one.startswith("?")]
    assert {one["id"] for one in KNOWN} <= seen.keys(), "a difference that HAPI no longer has"


def test_the_known_differences_say_who_is_right_and_why() -> None:
    assert len({one["id"] for one in KNOWN}) == len(KNOWN)
    for one in KNOWN:
        assert one["right"] in RIGHT, one
        assert one["why"].endswith("."), one
        assert one["case"] in CASES, one
        assert one["rules"], one


def test_a_difference_that_is_not_known_is_told() -> None:
    form = {"item": [{"linkId": "a", "type": "string", "maxLength": 2}]}
    response = {
        "status": "completed",
        "item": [{"linkId": "a", "answer": [{"valueString": "abc"}]}],
    }

    assert list(of_pair(form, response, {("maxLength", "a")}, "")) == []
    (told,) = of_pair(form, response, set(), "")
    assert told.startswith("? ")
