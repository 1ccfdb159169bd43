"""Numbers, dates and quantities within their limits, in a unit that fits."""

from decimal import Decimal

import pytest

from tests.forms.rule_kit import (
    ANSWER,
    CORE,
    KG_LIMITS,
    SDC,
    UCUM,
    Case,
    Json,
    a,
    form,
    found,
    is_kept_or_broken,
    q,
    quantity,
    response,
    x,
)

UNKNOWN = ("limitNotChecked", "warning")
CASES = [
    Case(
        "minValue",
        form(q("integer", extension=[x(CORE + "minValue", valueInteger=3)])),
        response(a({"valueInteger": 3})),
        response(a({"valueInteger": 2})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "maxValue",
        form(q("decimal", extension=[x(CORE + "maxValue", valueDecimal=Decimal("1.5"))])),
        response(a({"valueDecimal": Decimal("1.50")})),
        response(a({"valueDecimal": Decimal("1.51")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "maxValue",
        form(q("date", extension=[x(CORE + "maxValue", valueDate="2022-06")])),
        response(a({"valueDate": "2022-06-30"})),
        response(a({"valueDate": "2022-07-01"})),
        f"{ANSWER}(date)",
    ),
    Case(
        "minValue",
        form(q("time", extension=[x(CORE + "minValue", valueTime="08:00:00")])),
        response(a({"valueTime": "08:00:00"})),
        response(a({"valueTime": "07:59:59"})),
        f"{ANSWER}(time)",
    ),
    Case(
        "maxDecimalPlaces",
        form(q("decimal", extension=[x(CORE + "maxDecimalPlaces", valueInteger=2)])),
        response(a({"valueDecimal": Decimal("1.10")})),
        response(a({"valueDecimal": Decimal("1.100")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "maxValue",
        form(q("quantity", extension=KG_LIMITS)),
        response(a(quantity(50000, "g"))),
        response(a(quantity(50001, "g"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "minValue",
        form(q("quantity", extension=KG_LIMITS[:1])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(11, "[lb_av]"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "minValueIncompatUnits",
        form(q("quantity", extension=KG_LIMITS[:1])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5, "km"))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "maxValueIncompatUnits",
        form(q("quantity", extension=KG_LIMITS[1:])),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5))),
        f"{ANSWER}(Quantity)",
    ),
    Case(
        "invalidUnit",
        form(
            q(
                "quantity",
                extension=[
                    x(CORE + "questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"})
                ],
            )
        ),
        response(a(quantity(5, "kg"))),
        response(a(quantity(5, "g"))),
        f"{ANSWER}(Quantity)",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)


@pytest.mark.parametrize(
    ("answer", "rule", "severity"),
    [
        (quantity(6, "kg"), None, None),
        (quantity(5, "[Btu]"), "limitNotChecked", "warning"),
        ({"valueQuantity": {"value": 5, "system": "http://other", "code": "kg"}}, *UNKNOWN),
        (quantity(5, unit="pounds"), "minValueIncompatUnits", "error"),
        (quantity(5, "mm[Hg]"), "minValueIncompatUnits", "error"),
    ],
)
def test_a_unit_that_is_not_known_is_said_and_one_that_cannot_fit_is_an_error(
    answer: Json, rule: str | None, severity: str | None
) -> None:
    issues = found(form(q("quantity", extension=KG_LIMITS[:1])), response(a(answer)))

    assert [(issue.rule, issue.severity) for issue in issues] == (
        [(rule, severity)] if rule else []
    )


def test_a_limit_without_a_unit_is_not_known() -> None:
    bare = [x(SDC + "minQuantity", valueQuantity={"value": 5})]

    assert [
        issue.rule
        for issue in found(form(q("quantity", extension=bare)), response(a(quantity(3, "kg"))))
    ] == ["limitNotChecked"]


def test_what_is_not_known_is_said_once_for_an_item() -> None:
    item = q("quantity", repeats=True, extension=KG_LIMITS[:1])

    answers = response(a(quantity(5, "[Btu]"), quantity(6, "[Btu]")))

    assert [issue.rule for issue in found(form(item), answers)] == ["limitNotChecked"]


def test_a_unit_is_an_option_or_in_the_value_set() -> None:
    kg = x(CORE + "questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"})
    units = x(CORE + "questionnaire-unitValueSet", valueCanonical="#units")
    concepts = [{"code": "g"}]
    contained = {
        "resourceType": "ValueSet",
        "id": "units",
        "compose": {"include": [{"system": UCUM, "concept": concepts}]},
    }
    both = form(q("quantity", extension=[kg, units]), contained=[contained])

    assert found(both, response(a(quantity(5, "kg")))) == []
    assert found(both, response(a(quantity(5, "g")))) == []
    assert [issue.rule for issue in found(both, response(a(quantity(5, "m"))))] == [
        "invalidUnitValueSet"
    ]
