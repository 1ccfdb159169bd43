"""The causes stand in one order: the most findings first, ties by name."""

import pytest

from cds.core.causes import supported_causes
from cds.core.conditions import AllOf, Equals
from cds.core.model import Because
from cds.core.scorer import Scorer
from cds.core.scoring import NO_FACTS
from cds.core.sides import NONE
from tests.strategies import Given, engine_of, pack_of, read


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
    found = supported_causes(
        engine_of("cramps").scorer, read("cramps", given), NO_FACTS, NONE, NONE
    )

    assert [one.cause.id for one in found] == causes


def test_answers_that_support_a_cause_only_together_need_no_record() -> None:
    weak, worse = ("safety.nerve", "leg-weakness"), ("safety.nerve-course", "new-or-worse")
    both = AllOf(tuple(Equals(question, (code,)) for question, code in (weak, worse)))
    rules = pack_of("cramps").rules
    scorer = Scorer(rules._replace(causes=(rules.causes[0]._replace(supported_by=(both,)),)))

    one = supported_causes(scorer, read("cramps", {weak[0]: (weak[1],)}), NO_FACTS, NONE, NONE)
    answers = read("cramps", {weak[0]: (weak[1],), worse[0]: (worse[1],)})
    two = supported_causes(scorer, answers, NO_FACTS, NONE, NONE)

    assert one == ()
    assert [cause.supported_by for cause in two] == [(Because(*weak), Because(*worse))]
