"""The causes stand in one order: the most findings first, ties by name."""

import pytest

from cds.core.causes import supported_causes
from cds.core.scoring import NO_FACTS
from tests.strategies import Given, engine_of, read


@pytest.mark.parametrize(
    ("given", "causes"),
    [
        ({"safety.nerve": ("leg-weakness",)}, ["nerve-compression", "sciatica"]),
        (
            {"safety.nerve": ("leg-weakness",), "history.symptoms": ("pain-from-back-down-leg",)},
            ["sciatica", "nerve-compression"],
        ),
        ({}, []),
    ],
)
def test_the_causes_are_in_order(given: Given, causes: list[str]) -> None:
    found = supported_causes(engine_of("cramps").scorer, read("cramps", given), NO_FACTS)

    assert [one.cause.id for one in found] == causes
