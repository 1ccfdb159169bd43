"""Which form a response answers: found, named, in force; and what is unknown about it."""

import pytest

from cds.forms.checks.rules import RULES
from cds.forms.support import Support
from cds.forms.validate import validate
from tests.forms.rule_kit import (
    CORE,
    QR,
    SDC,
    URL,
    Case,
    Json,
    a,
    form,
    found,
    is_kept_or_broken,
    q,
    response,
    x,
)

CASES = [
    Case(
        "modifierExtension",
        form(q()),
        response(a("x")),
        response(a("x", modifierExtension=[x("http://x.org", valueBoolean=True)])),
        f"{QR}.item[0]",
        "warning",
    ),
    Case(
        "questionnaireMismatch",
        form(q()),
        response(questionnaire=f"{URL}|1"),
        response(questionnaire="http://example.org/other"),
        f"{QR}.questionnaire",
    ),
    Case(
        "questionnaireVersion",
        form(q()),
        response(questionnaire=f"{URL}|1"),
        response(questionnaire=f"{URL}|2"),
        f"{QR}.questionnaire",
        "warning",
    ),
    Case(
        "questionnaireInactive",
        form(effectivePeriod={"start": "2026-05"}),
        response(authored="2026-05-01"),
        response(authored="2026-04-30"),
        f"{QR}.authored",
        "warning",
    ),
    Case(
        "questionnaireInactive",
        form(effectivePeriod={"end": "2026-05"}),
        response(authored="2026-05-31"),
        response(authored="2026-06-01"),
        f"{QR}.authored",
        "warning",
    ),
    Case(
        "subjectType",
        form(subjectType=["Patient"]),
        response(),
        response(subject={"reference": "Group/1"}),
        f"{QR}.subject",
        "warning",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)


def test_a_retired_form_is_a_warning_and_a_draft_is_told() -> None:
    assert [issue.rule for issue in found(form(status="retired"), response())] == [
        "questionnaireRetired"
    ]
    assert [issue.rule for issue in validate(response(), form(status="draft"))] == [
        "questionnaireDraft"
    ]


def test_information_is_given_on_what_should_be_there() -> None:
    issues = validate(response(subject=None, author=None, questionnaire=None), form())

    assert {(issue.rule, issue.severity) for issue in issues} == {
        ("subject", "information"),
        ("authored", "information"),
        ("questionnaireMissing", "information"),
    }


def test_r5_demands_the_canonical() -> None:
    issues = found(form(), response(questionnaire=None), fhir_version="5.0")

    assert [(issue.rule, issue.severity) for issue in issues] == [("questionnaireMissing", "error")]


@pytest.mark.parametrize(
    ("canonical", "rule", "severity"),
    [
        ("http://nowhere.example/q", "questionnaireNotFound", "warning"),
        ("#nothing", "questionnaireNotFound", "warning"),
        ("http://hl7.org/fhir/ValueSet/yesnodontknow", "questionnaireWrongType", "error"),
        (None, "questionnaireMissing", "warning"),
    ],
)
def test_a_form_that_cannot_be_had_is_said(canonical: str | None, rule: str, severity: str) -> None:
    issues = found(None, response(a("x"), questionnaire=canonical))

    assert [(issue.rule, issue.severity) for issue in issues] == [(rule, severity)]


def test_the_form_is_found_in_the_support_and_among_the_contained() -> None:
    contained = {**form(q(required=True)), "id": "f"}

    assert [
        issue.rule for issue in found(None, response(), support=Support([form(q(required=True))]))
    ] == ["required"]
    assert [
        issue.rule for issue in found(None, response(questionnaire="#f", contained=[contained]))
    ] == ["required"]


def test_every_rule_has_a_severity_and_advice() -> None:
    assert all(rule.severity in {"error", "warning", "information"} for rule in RULES.values())
    assert all(rule.help for name, rule in RULES.items() if name != "ok")
    assert len({rule.title for rule in RULES.values()}) == len(RULES)


def test_the_items_of_another_form_are_not_held_against_this_one() -> None:
    strange = response(a("x", link_id="p1"), a("y", link_id="p2"), questionnaire="http://other/q")

    assert [issue.rule for issue in found(form(q(required=True)), strange)] == [
        "questionnaireMismatch"
    ]


def test_known_items_are_judged_although_the_response_names_another_form() -> None:
    wrong = response(a("too long"), questionnaire="http://other/q")

    assert [issue.rule for issue in found(form(q(maxLength=3)), wrong)] == [
        "questionnaireMismatch",
        "maxLength",
    ]


def test_r5_demands_the_canonical_also_where_no_form_is_given() -> None:
    issues = found(None, response(questionnaire=None), fhir_version="5.0")

    assert [(issue.rule, issue.severity) for issue in issues] == [("questionnaireMissing", "error")]


CQF = {"extension": [x(CORE + "cqf-expression", valueExpression={"expression": "true"})]}


@pytest.mark.parametrize(
    "more",
    [
        {"extension": [x(SDC + "subQuestionnaire", valueCanonical="http://other")]},
        {"extension": [x(SDC + "answerExpression", valueExpression={})]},
        {"extension": [x(SDC + "answerOptionsToggleExpression")]},
        {"_required": CQF},
        {"_maxLength": CQF},
    ],
)
def test_what_a_form_asks_and_is_not_judged_is_said_of_the_form(more: Json) -> None:
    (issue,) = found(form(q(**more)), response(a("x")))

    assert (issue.rule, issue.code, issue.source) == (
        "expressionNotChecked",
        "not-supported",
        "questionnaire",
    )
    assert issue.expression == "Questionnaire.item[0]"
