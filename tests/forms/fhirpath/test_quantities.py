"""Quantities in two units: added where that is exact, in the finer one; else not judged."""

from typing import Any

import pytest

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.values import Failed, Refused, system_value


def values(expression: str) -> list[Any]:
    response = {"resourceType": "QuestionnaireResponse"}
    return [system_value(one) for one in evaluated(expression, response, definitions("4.0"))]


@pytest.mark.parametrize(
    "expression",
    [
        "(2 'kg' + 500 'g').toString() = '2500 \\'g\\''",
        "(500 'g' + 2 'kg').toString() = '2500 \\'g\\''",
        "2 'kg' - 500 'g' = 1.5 'kg'",
        "500 'g' - 2 'kg' = -1.5 'kg'",
        "2 'cm' + 1 'm' = 102 'cm'",
        "1 'h' + 20 'min' = 80 'min'",
        "1 'mg/dL' + 1 'g/L' = 101 'mg/dL'",
        "2 'kg' / 1 'kg' = 2",
        "2 = 2 'kg' / 1 'kg'",
        "2 'kg' / 1 'kg' > 1",
        "1 < 2 'kg' / 1 'kg'",
        "(2 'kg' / 1 'kg' = 3) = false",
    ],
)
def test_it_is_worked_out_exactly(expression: str) -> None:
    assert values(expression) == [True]


@pytest.mark.parametrize(
    "expression",
    [
        "1 'kg' + 1 'm'",
        "1 '[lb_av]' + 1 'kg'",  # no finite number of pounds, nor of kilograms in the finer
        "37 'Cel' + 1 'K'",
        "1 'foo' + 1 'g'",
        "4 days + 1 week",
        "2 'kg' = 2",
        "2 'kg' / 1 'g'",
    ],
)
def test_what_is_not_exact_is_not_judged(expression: str) -> None:
    with pytest.raises(Refused):
        values(expression)


@pytest.mark.parametrize("expression", ["1 'kg' + 1", "1 - 1 'kg'", "2 'kg' > 1"])
def test_a_number_is_no_quantity_of_another_unit(expression: str) -> None:
    with pytest.raises(Failed):
        values(expression)
