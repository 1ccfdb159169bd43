"""A valid expression that is not run here is told as such, and never as a fault of the form."""

import pytest

from cds.forms.validate import validate
from tests.forms.rule_kit import CORE, UCUM, Json, a, form, q, response, x


@pytest.mark.parametrize(
    "valid", ["answer.value.memberOf('x')", "1.5.lowBoundary() > 1", "2 'kg' * 2 'm' > 1 'kg.m'"]
)
def test_what_is_not_run_here_is_no_fault_of_the_form(valid: str) -> None:
    rule = x(
        CORE + "questionnaire-constraint",
        extension=[x("key", valueId="k"), x("expression", valueString=valid)],
    )
    asked = form(q("integer", extension=[rule]))

    issues = [
        one for one in validate(response(a({"valueInteger": 3})), asked) if one.code != "required"
    ]

    assert [(one.rule, one.code, one.source) for one in issues] == [
        ("invariantExecution", "not-supported", "response")
    ]
    assert "nothing is wrong with it" in (issues[0].help or "")


@pytest.mark.parametrize(
    "valid",
    ["answer.value > 1 'g'", "answer.value + 1 'kg' = 2 'kg'", "answer.value.abs() > 1 'g'"],
)
@pytest.mark.parametrize(
    "left_open",
    [
        {"value": 1, "comparator": "<", "system": UCUM, "code": "kg"},
        {"value": 1, "unit": "sack"},
    ],
)
def test_a_quantity_that_leaves_open_what_it_is_is_no_fault_of_the_form(
    valid: str, left_open: Json
) -> None:
    rule = x(
        CORE + "questionnaire-constraint",
        extension=[x("key", valueId="k"), x("expression", valueString=valid)],
    )
    asked = form(q("quantity", extension=[rule]))

    issues = validate(response(a({"valueQuantity": left_open})), asked)

    told = [one for one in issues if one.rule == "invariantExecution"]
    assert [(one.code, one.source) for one in told] == [("not-supported", "response")]
