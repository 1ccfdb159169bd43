"""Conditions over answers that leave them open: it is said, not guessed."""

from typing import Any

import pytest

from cds.forms.validate import validate
from tests.forms.rule_kit import UCUM, Json, a, amount, coding, form, q, response


def condition(operator: str, **answer: Any) -> Json:
    return q("string", "t", enableWhen=[{"question": "q", "operator": operator, **answer}])


KG = {"answerQuantity": {"value": 1, "system": UCUM, "code": "kg"}}
TO = {"reference": "Patient/1"}
DAY = {"answerDate": "2025-03-01"}


@pytest.mark.parametrize(
    ("type_", "answers", "operator", "expected", "enabled"),
    [
        ("quantity", [amount(2, "<")], ">", KG, None),
        ("quantity", [amount(1, "<")], ">", KG, False),
        ("quantity", [amount(1, "<")], "=", KG, False),
        ("quantity", [amount(2, "<")], "=", KG, None),
        ("quantity", [amount(2, "<")], "!=", KG, None),
        ("quantity", [amount(1, ">=")], ">=", KG, True),
        ("quantity", [amount(1, "ad")], "=", KG, None),
        ("quantity", [amount(2, code="furlong")], ">", KG, None),
        ("quantity", [amount(2, code="m")], ">", KG, None),
        ("quantity", [amount(2, code="m")], "=", KG, False),
        ("quantity", [amount(1000, code="g")], "=", KG, True),
        ("date", [{"valueDate": "2025"}], ">=", DAY, None),
        ("date", [{"valueDate": "2025"}], "<=", DAY, None),
        ("date", [{"valueDate": "2025"}], "=", DAY, None),
        ("date", [{"valueDate": "2025"}], "!=", DAY, None),
        ("date", [{"valueDate": "2024"}], "!=", DAY, True),
        ("date", [{"valueDate": "2026"}], ">=", DAY, True),
        ("date", [{"valueDate": "2025"}, {"valueDate": "2026"}], ">=", DAY, True),
        ("date", [{"valueDate": "2025-02"}], ">=", DAY, False),
        ("dateTime", [{"valueDateTime": "2025-03-01T10:00:00Z"}], ">=", DAY, True),
        ("choice", [coding("a")], ">", {"answerCoding": {"code": "a"}}, None),
        ("boolean", [{"valueBoolean": True}], ">=", {"answerBoolean": True}, None),
        ("reference", [{"valueReference": TO}], "<", {"answerReference": TO}, None),
        ("string", [{"valueString": "b"}], ">", {"answerString": "a"}, True),
        ("integer", [{"valueInteger": 1}, {"valueInteger": 2}], "!=", {"answerInteger": 2}, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inside", [False, True])
def test_a_condition_holds_or_not_or_cannot_be_told(
    type_: str,
    answers: list[Json],
    operator: str,
    expected: Json,
    *,
    enabled: bool | None,
    inside: bool,
) -> None:
    target = condition(operator, **expected)

    def verdict(*given: Json, **more: Any) -> set[str]:
        source, items = q(type_, repeats=True), [a(*answers), *given]
        asked = form(source, {**target, **more})
        made = response(*items)
        if inside:
            asked = form({"linkId": "g", "type": "group", "text": "G", "item": asked["item"]})
            made = response({"linkId": "g", "item": items})
        issues = validate(made, asked)
        return {
            one.rule for one in issues if one.source == "response" and one.severity != "information"
        }

    answered, required = verdict(a("x", link_id="t")), verdict(required=True)
    noise = {"unitCode", "binding"}
    assert answered - noise == (
        {"enableWhen"} if enabled is None else set() if enabled else {"notEnabled"}
    )
    assert required - noise == (
        {"enableWhen"} if enabled is None else {"required"} if enabled else set()
    )


@pytest.mark.parametrize("kind", [{"answerCoding": {"code": "a"}}, {"answerBoolean": True}])
def test_an_order_over_what_has_none_is_the_fault_of_the_form(kind: Json) -> None:
    type_ = "choice" if "answerCoding" in kind else "boolean"
    issues = validate(response(), form(q(type_), condition(">", **kind)))

    assert [one.source for one in issues if one.rule == "enableWhen"] == ["questionnaire"]
