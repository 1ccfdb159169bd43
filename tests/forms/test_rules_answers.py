"""Answers of the right type, among the options, within length and format."""

from decimal import Decimal
from typing import Any

import pytest

from tests.forms.rule_kit import (
    ABC,
    ANSWER,
    CORE,
    NONE,
    SDC,
    Case,
    a,
    coding,
    form,
    found,
    is_kept_or_broken,
    q,
    response,
    x,
)

CASES = [
    Case(
        "invalidAnswerType",
        form(q("integer")),
        response(a({"valueInteger": 1})),
        response(a({"valueDecimal": Decimal("1.0")})),
        f"{ANSWER}(decimal)",
    ),
    Case(
        "invalidAnswerType",
        form(q("url")),
        response(a({"valueUri": "http://x.org"})),
        response(a("http://x.org")),
        f"{ANSWER}(string)",
    ),
    Case(
        "invalidAnswerType",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a"))),
        response(a("a")),
        f"{ANSWER}(string)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a", display="Whatever"))),
        response(a(coding("d"))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=ABC)),
        response(a(coding("a"))),
        response(a(coding("a", None))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("choice", answerOption=[{"valueInteger": 1}])),
        response(a({"valueInteger": 1})),
        response(a({"valueInteger": 2})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "invalidAnswerOption",
        form(q("open-choice", answerOption=[coding("a", display="An A")])),
        response(a("other")),
        response(a("an a")),
        f"{ANSWER}(string)",
        "warning",
    ),
    Case(
        "exclusiveAnswerOption",
        form(q("choice", repeats=True, answerOption=[*ABC, NONE])),
        response(a(coding("a"), coding("b"))),
        response(a(coding("none"), coding("a"))),
        f"{ANSWER}(Coding)",
    ),
    Case(
        "maxLength",
        form(q("text", maxLength=3)),
        response(a("äöü")),
        response(a("four")),
        f"{ANSWER}(string)",
    ),
    Case(
        "minLength",
        form(q(extension=[x(CORE + "minLength", valueInteger=3)])),
        response(a("abc")),
        response(a("ab")),
        f"{ANSWER}(string)",
    ),
    Case(
        "regex",
        form(q(extension=[x(CORE + "regex", valueString="[a-z]+")])),
        response(a("abc")),
        response(a("abc1")),
        f"{ANSWER}(string)",
    ),
    Case(
        "regexNotChecked",
        form(q(extension=[x(CORE + "regex", valueString="(?=a).*")])),
        response(),
        response(a("b")),
        f"{ANSWER}(string)",
        "warning",
    ),
    Case(
        "invalidNewLine",
        form(q()),
        response(a("one line")),
        response(a("two\nlines")),
        f"{ANSWER}(string)",
        "warning",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)


def test_a_value_is_not_in_the_text_but_in_found() -> None:
    issue = found(form(q(maxLength=3)), response(a("secret")))[0]

    assert "secret" not in f"{issue.text}{issue.diagnostics}{issue.help}"
    assert issue.found == "secret"


def test_the_short_text_is_the_prompt() -> None:
    item = q(maxLength=1, extension=[x(SDC + "shortText", valueString="Short")])

    assert found(form(item), response(a("abc")))[0].text.startswith("Short (q): ")


def test_r5_answer_constraint_decides_on_free_answers() -> None:
    def rules(constraint: str | None, answer: Any) -> list[str]:
        item = q(
            "coding", answerOption=ABC, **({"answerConstraint": constraint} if constraint else {})
        )
        return [issue.rule for issue in found(form(item), response(a(answer)), fhir_version="5.0")]

    assert rules(None, coding("d")) == ["invalidAnswerOption"]
    assert rules("optionsOnly", coding("d")) == ["invalidAnswerOption"]
    assert rules("optionsOrType", coding("d")) == []
    assert rules("optionsOrString", "free") == []
    assert rules("optionsOnly", "free") == ["invalidAnswerType"]
