"""A valid expression that is not run here is told as such, and never as a fault of the form."""

import pytest

from cds.forms.validate import validate
from tests.forms.rule_kit import CORE, a, form, q, response, x


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
