"""What a response leaves open is said, and neither taken for kept nor for broken."""

from typing import Any

import pytest

from cds.forms.support import Support, version_order
from cds.forms.validate import validate
from cds.forms.values.orders import orders_of_moments, orders_of_quantities
from tests.forms.rule_kit import (
    CORE,
    SDC,
    UCUM,
    URL,
    Json,
    a,
    amount,
    coding,
    form,
    q,
    response,
    x,
)

R4_CONSTRAINT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item."
KEPT, OPEN, LOW, HIGH = None, "limitNotChecked", "minValue", "maxValue"


def told(given: Json, asked: Json, **more: Any) -> list[tuple[str, str]]:
    issues = validate(given, asked, **more)
    return [(one.severity, one.rule) for one in issues if one.severity != "information"]


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (amount(30, "<"), LOW),  # all of it lies below 30
        (amount(31, "<"), OPEN),
        (amount(30, "<="), OPEN),
        (amount(29, "<="), LOW),
        (amount(30, ">="), OPEN),  # it may be above 40
        (amount(40, ">"), HIGH),
        (amount(40, ">="), OPEN),
        (amount(41, ">="), HIGH),
        (amount(35_000, "<", "g"), OPEN),
        (amount(30_000, "<", "g"), LOW),
        (amount(35), KEPT),
        (amount(40), KEPT),
    ],
)
@pytest.mark.parametrize(
    "prefix", [SDC + "minQuantity " + SDC + "maxQuantity", CORE + "minValue " + CORE + "maxValue"]
)
def test_a_comparator_keeps_breaks_or_leaves_open_a_limit(
    answer: Json, rule: str | None, prefix: str
) -> None:
    least, most = prefix.split()
    item = q("quantity", extension=[x(least, **amount(30)), x(most, **amount(40))])

    rules = [rule for _, rule in told(response(a(answer)), form(item))]

    assert rules == ([] if rule is KEPT else [rule])


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("2025-03", OPEN),
        ("2025", OPEN),
        ("2024", LOW),
        ("2026", KEPT),
        ("2025-03-15", KEPT),
        ("2025-03-14", LOW),
    ],
)
def test_a_coarse_date_may_leave_a_limit_open(answer: str, rule: str | None) -> None:
    item = q("date", extension=[x(CORE + "minValue", valueDate="2025-03-15")])

    rules = [rule for _, rule in told(response(a({"valueDate": answer})), form(item))]

    assert rules == ([] if rule is KEPT else [rule])


def test_a_coarse_limit_holds_the_whole_of_its_month() -> None:
    item = q("date", extension=[x(CORE + "maxValue", valueDate="2022-06")])

    assert told(response(a({"valueDate": "2022-06-30"})), form(item)) == []
    assert told(response(a({"valueDate": "2022-07-01"})), form(item)) == [("error", "maxValue")]


@pytest.mark.parametrize("unit", [{"system": UCUM, "code": "kg"}, {"display": "kg"}, None])
def test_a_bare_limit_is_in_the_unit_of_the_form(unit: Json | None) -> None:
    extension = [x(CORE + "minValue", valueDecimal=2)]
    if unit is not None:
        extension.append(x(CORE + "questionnaire-unit", valueCoding=unit))

    rules = [
        rule
        for _, rule in told(
            response(a(amount(1000, code="g"))), form(q("quantity", extension=extension))
        )
    ]

    assert rules == ["minValue" if unit and "code" in unit else OPEN]


@pytest.mark.parametrize("element", [True, False])
@pytest.mark.parametrize(
    ("constraint", "answer", "passes"),
    [
        ("optionsOrType", coding("zzz"), True),
        ("optionsOnly", coding("zzz"), False),
        ("optionsOrString", {"valueString": "words"}, True),
        (None, coding("zzz"), False),
    ],
)
def test_what_may_be_answered_beside_options_is_an_element_or_an_extension(
    constraint: str | None, answer: Json, *, passes: bool, element: bool
) -> None:
    more: Json = {}
    if constraint and element:
        more = {"answerConstraint": constraint}
    elif constraint:
        more = {"extension": [x(R4_CONSTRAINT + "answerConstraint", valueCode=constraint)]}
    item = q("choice", answerOption=[coding("a")], **more)

    assert ("error" not in dict(told(response(a(answer)), form(item)))) is passes


@pytest.mark.parametrize("order", [1, -1])
def test_without_a_version_the_newest_form_counts(order: int) -> None:
    old, new = form(q(), version="1.9"), form(q(required=True), version="1.10")
    support = Support([old, new][::order])

    assert told(response(), None, support=support) == [("error", "required")]  # type: ignore[arg-type]
    named = response(questionnaire=f"{URL}|1.9")
    assert told(named, None, support=support) == []  # type: ignore[arg-type]


def test_versions_sort_by_their_numbers() -> None:
    versions = ["", "1.0-ballot", "1.0", "1.0.1", "1.9", "1.10", "2024-01-31", "2024-02-01"]
    turned = versions[::-1]

    assert sorted(turned, key=version_order) == versions


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [("|2", ["valueSetNotChecked"]), ("|1", ["invalidCoding"]), ("", ["invalidCoding"])],
)
def test_another_version_of_a_value_set_decides_nothing(wanted: str, rules: list[str]) -> None:
    url = "http://example.org/ValueSet/v"
    include = {"system": "urn:s", "concept": [{"code": "a"}]}
    support = Support(
        [
            {
                "resourceType": "ValueSet",
                "url": url,
                "version": "1",
                "compose": {"include": [include]},
            }
        ]
    )
    item = q("choice", answerValueSet=url + wanted)

    assert [
        rule for _, rule in told(response(a(coding("b"))), form(item), support=support)
    ] == rules


def test_another_version_of_a_code_system_decides_nothing() -> None:
    url = "http://example.org/ValueSet/v"
    include = {"system": "urn:s", "version": "2"}
    system = {
        "resourceType": "CodeSystem",
        "url": "urn:s",
        "version": "1",
        "content": "complete",
        "concept": [{"code": "a"}],
    }
    support = Support(
        [{"resourceType": "ValueSet", "url": url, "compose": {"include": [include]}}, system]
    )

    assert told(
        response(a(coding("b"))), form(q("choice", answerValueSet=url)), support=support
    ) == [("warning", "valueSetNotChecked")]


@pytest.mark.parametrize(
    ("address", "is_other"),
    [
        ("Questionnaire/1", False),
        ("Questionnaire/1/_history/2", False),
        ("https://ehr.example/fhir/Questionnaire/1/_history/2", False),
        (f"{URL}/_history/2", False),
        ("Questionnaire/2/_history/1", True),
        ("https://ehr.example/fhir/Questionnaire/2/_history/2", True),
        ("http://example.org/Questionnaire/other", True),
    ],
)
def test_the_address_of_a_version_on_a_server_leads_to_its_form(
    address: str, *, is_other: bool
) -> None:
    found = told(response(questionnaire=address), form(q(), id="1"))

    assert ("questionnaireMismatch" in {rule for _, rule in found}) is is_other


def test_a_disabled_group_without_answers_says_nothing() -> None:
    group = {
        "linkId": "g",
        "type": "group",
        "text": "G",
        "item": [q("string", "i")],
        "enableWhen": [{"question": "q", "operator": "exists", "answerBoolean": True}],
    }
    empty = {"linkId": "g", "item": [{"linkId": "i"}]}

    assert told(response(empty), form(q(), group)) == []
    assert told(response({**empty, "item": [a("x", link_id="i")]}), form(q(), group)) == [
        ("error", "notEnabled")
    ]


ABSENT = {"extension": [x(CORE.replace("/", "/") + "data-absent-reason", valueCode="unknown")]}


def test_an_answer_that_says_why_it_is_absent_is_no_wrong_option() -> None:
    for item, answer in (
        (q("choice", answerOption=[coding("a")]), {"valueCoding": ABSENT}),
        (q("quantity", extension=[x(SDC + "minQuantity", **amount(1))]), {"valueQuantity": ABSENT}),
        (q("string", maxLength=1), {"_valueString": ABSENT}),
    ):
        assert told(response(a(answer)), form(item)) == []


def test_orders_are_those_of_every_value_that_may_be_meant() -> None:
    for comparator, kept in (("<", (4,)), ("<=", (4, 5)), (">", (6,)), (">=", (5, 6))):
        for limit in (4, 5, 6):
            orders = orders_of_quantities({"value": 5, "comparator": comparator}, {"value": limit})
            # Halves stand for all that lies between and beyond.
            samples = [
                n / 2
                for n in range(40)
                if (n / 2 in kept) or ((comparator[0] == "<") is (n / 2 < 5) and n / 2 != 5)
            ]
            assert set(orders or ()) == {(one > limit) - (one < limit) for one in samples}
    assert orders_of_moments("date", "2025", "time", "10:00:00") is None
