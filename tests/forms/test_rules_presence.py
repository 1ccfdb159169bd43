"""What must be there, and what must not: required items, counts, enablement."""

import pytest

from tests.forms.rule_kit import (
    ANSWER,
    CORE,
    DEPENDENT,
    GROUP,
    IF_YES,
    NO,
    QR,
    YES,
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
    Case("required", form(q(required=True)), response(a("x")), response(), QR),
    Case(
        "required",
        form(q(required=True)),
        response(a("x")),
        response({"linkId": "q"}),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form(q(required=True)),
        response(a("x")),
        response(status="in-progress"),
        QR,
        "warning",
    ),
    Case(
        "required",
        form({**GROUP, "required": True}),
        response({"linkId": "g", "item": [a("x")]}),
        response(),
        QR,
    ),
    Case(
        "required",
        form({**GROUP, "required": True}),
        response({"linkId": "g", "item": [a("x")]}),
        response({"linkId": "g", "item": [{"linkId": "q"}]}),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form({**GROUP, "item": [q(required=True)]}, q("string", "beside")),
        response(a("x", link_id="beside")),
        response({"linkId": "g"}, a("x", link_id="beside")),
        f"{QR}.item[0]",
    ),
    Case(
        "required",
        form(q(item=[q("string", "r", required=True)])),
        response(),
        response(a("x")),
        f"{QR}.item[0].answer[0]",
    ),
    Case("required", DEPENDENT, response(a(NO, link_id="if")), response(a(YES, link_id="if")), QR),
    Case(
        "minCount",
        form(
            q(
                repeats=True,
                required=True,
                extension=[x(CORE + "questionnaire-minOccurs", valueInteger=2)],
            )
        ),
        response(a("x", "y")),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case(
        "maxCount",
        form(q(repeats=True, extension=[x(CORE + "questionnaire-maxOccurs", valueInteger=2)])),
        response(a("x", "y")),
        response(a("x", "y", "z")),
        f"{QR}.item[0]",
    ),
    Case(
        "maxCount",
        form(
            {
                **GROUP,
                "repeats": True,
                "extension": [x(CORE + "questionnaire-maxOccurs", valueInteger=1)],
            }
        ),
        response({"linkId": "g", "item": [a("x")]}),
        response(*[{"linkId": "g", "item": [a("x")]}] * 2),
        QR,
    ),
    Case(
        "notEnabled",
        DEPENDENT,
        response(a(YES, link_id="if"), a("x")),
        response(a(NO, link_id="if"), a("x")),
        f"{QR}.item[1]",
    ),
    Case(
        "notEnabled",
        form(q("boolean", "if"), {**GROUP, "enableWhen": IF_YES}),
        response(a(NO, link_id="if")),
        response({"linkId": "g", "item": [a("x")]}),
        f"{QR}.item[0]",
    ),
    Case(
        "readOnly",
        form(q(readOnly=True, initial=[{"valueString": "x"}])),
        response(a("x")),
        response(a("y")),
        f"{ANSWER}(string)",
        "warning",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)


def test_an_optional_group_that_is_absent_excuses_its_required_items() -> None:
    issues = found(form({**GROUP, "item": [q(required=True)]}), response())

    # What SDC excuses is still told where it leaves nothing answered.
    assert [(one.severity, one.rule) for one in issues] == [("warning", "unanswered")]


def test_a_hidden_item_is_checked_but_not_demanded() -> None:
    hidden = form(
        q("integer", required=True, extension=[x(CORE + "questionnaire-hidden", valueBoolean=True)])
    )

    assert found(hidden, response()) == []
    assert [issue.rule for issue in found(hidden, response(a("x")))] == ["invalidAnswerType"]


def test_what_an_answer_of_a_wrong_type_disables_is_not_reported_again() -> None:
    issues = found(DEPENDENT, response(a("yes", link_id="if"), a("x")))

    assert [issue.rule for issue in issues] == ["invalidAnswerType"]


def by_expression(url: str, text: str) -> Json:
    expression = {"language": "text/fhirpath", "expression": text}
    inside = [x(CORE + "cqf-expression", valueExpression=expression)]
    return {"url": CORE + url, "_valueInteger": {"extension": inside}}


def test_a_count_may_be_an_expression() -> None:
    def rules(text: str) -> list[str]:
        item = q(repeats=True, extension=[by_expression("questionnaire-maxOccurs", text)])
        return [issue.rule for issue in found(form(item), response(a("x", "y")))]

    assert rules("1 + 1") == []
    assert rules("2 - 1") == ["maxCount"]
    assert rules("nonsense()") == ["limitNotChecked"]


def test_counts_bind_groups_and_only_what_is_completed() -> None:
    least = [x(CORE + "questionnaire-minOccurs", valueInteger=2)]
    twice = form({**GROUP, "repeats": True, "required": True, "extension": least})
    group = {"linkId": "g", "item": [a("x")]}

    assert [issue.rule for issue in found(twice, response(group))] == ["minCount"]
    assert found(twice, response(group, status="in-progress")) == []
    assert found(twice, response(group, group)) == []


@pytest.mark.parametrize("answers", [[], [{}]])
def test_an_empty_answer_is_not_reported_as_missing_too(answers: list[Json]) -> None:
    issues = found(form(q(required=True)), response({"linkId": "q", "answer": answers}))

    assert [issue.rule for issue in issues] == ["emptyAnswer"]


def test_an_answer_that_says_why_it_is_absent_is_missing() -> None:
    why = x(CORE + "data-absent-reason", valueCode="unknown")
    node = {"linkId": "q", "answer": [{"extension": [why]}]}

    assert [issue.rule for issue in found(form(q(required=True)), response(node))] == ["required"]
