"""`--form-only`: each fault of a form is told once, and a sound form has none."""

import time
from typing import Any

import pytest

from cds.forms.checks.form_alone import form_issues
from cds.forms.form.versions import version_of
from tests.forms.rule_kit import CORE, SDC, Json, amount, coding, form, q, x

A, B = coding("a"), coding("b")
PATIENT = {"valueReference": {"reference": "Patient/1"}}


def when(question: str, operator: str = "exists", **answer: Any) -> Json:
    return {"question": question, "operator": operator, **(answer or {"answerBoolean": True})}


def calculated(text: str) -> Json:
    expression = {"language": "text/fhirpath", "expression": text}
    return x(SDC + "calculatedExpression", valueExpression=expression)


FAULTS: list[tuple[Json, str]] = [
    (form(q("group")), "que-1"),
    (form(q("display", item=[q()])), "que-1"),
    (form(q(), q()), "twice"),
    (form(q("display", code=[{"code": "x"}])), "que-3"),
    (form(q("choice", answerOption=[A], answerValueSet="http://x")), "que-4"),
    (form(q("boolean", answerOption=[A])), "que-5"),
    (form(q("display", required=True)), "que-6"),
    (form(q(), q("string", "t", enableWhen=[when("q", "exists", answerString="x")])), "exists"),
    (form(q("group", item=[q("string", "i")], initial=[{"valueString": "x"}])), "que-8"),
    (form(q("display", readOnly=True)), "que-9"),
    (form(q("quantity", maxLength=3)), "que-10"),
    (form(q("date", maxLength=3)), "que-10"),
    (form(q("integer", initial=[{"valueString": "a"}])), "initial value"),
    (form(q("string", maxLength=1, initial=[{"valueString": "xy"}])), "initial value"),
    (form(q(maxLength=2, extension=[x(CORE + "minLength", valueInteger=3)])), "least length"),
    (form(q("choice", answerOption=[A], initial=[A])), "que-11"),
    (form(q(), q("string", "t", enableWhen=[when("q"), when("q")])), "que-12"),
    (form(q(initial=[{"valueString": "x"}, {"valueString": "y"}])), "que-13"),
    (form(q("choice", answerOption=[A, A])), "listed twice"),
    (form(q("choice", answerOption=[PATIENT, PATIENT])), "listed twice"),
    (form(q("string", maxLength=1, answerOption=[{"valueString": "xy"}])), "never be chosen"),
    (form(q("integer", answerOption=[{"valueString": "x"}])), "never be chosen"),
    (form(q(enableWhen=[when("t")]), q("string", "t", enableWhen=[when("q")])), "back to itself"),
    (
        form(
            q("choice", answerOption=[A]),
            q("string", "t", enableWhen=[when("q", "=", answerCoding=B["valueCoding"])]),
        ),
        "does not offer",
    ),
    (
        form(
            q("integer"),
            q(
                "string",
                "t",
                enableBehavior="all",
                enableWhen=[when("q", "=", answerInteger=1), when("q", "=", answerInteger=2)],
            ),
        ),
        "two answers",
    ),
    (form(q("string", "t", enableWhen=[when("nowhere")])), "does not have"),
    (form(q("integer", extension=[calculated("1 +")])), "syntax error"),
    (form(q("integer", extension=[calculated("%nothing")])), "not defined"),
    (form(q("integer", extension=[calculated("item.answer.valueInteger")])), ""),
    (
        form(
            q(
                "quantity",
                extension=[
                    x(SDC + "minQuantity", **amount(2)),
                    x(SDC + "maxQuantity", **amount(9, code="g")),
                ],
            )
        ),
        "lower limit",
    ),
    (
        form(
            q(
                "integer",
                extension=[
                    x(CORE + "minValue", valueInteger=3),
                    x(CORE + "maxValue", valueInteger=2),
                ],
            )
        ),
        "lower limit",
    ),
    (form(q(), nonsense=1), "no element"),
    (form({"linkId": "q"}), "type"),
    (form(q("choice", answerOption=[coding("a", "relative")])), "absolute"),
]


@pytest.mark.parametrize(("faulty", "words"), FAULTS)
def test_a_fault_of_a_form_is_told_where_it_stands(faulty: Json, words: str) -> None:
    errors = [one for one in form_issues(faulty) if one.severity == "error"]

    assert all(one.source == "questionnaire" for one in errors)
    assert not words or any(words in one.text for one in errors)
    assert all(one.expression.startswith("Questionnaire") for one in errors)
    assert bool(errors) is bool(words)


def test_a_sound_form_has_no_fault() -> None:
    sound = form(
        q("choice", answerOption=[A, B]),
        q("choice", "p", answerOption=[PATIENT, {"valueReference": {"reference": "Patient/2"}}]),
        q("string", "t", maxLength=3, enableWhen=[when("q", "=", answerCoding=A["valueCoding"])]),
        {
            "linkId": "g",
            "type": "group",
            "text": "G",
            "item": [q("integer", "i", extension=[calculated("%resource.item.count()")])],
        },
    )

    assert form_issues(sound) == []


def test_conditions_that_lead_a_very_long_way_end_in_time_and_it_is_told() -> None:
    items = [q("string", f"q{one}", enableWhen=[when(f"q{one - 1}")]) for one in range(1, 9_000)]
    started = time.process_time()

    told = form_issues(form(q("string", "q0"), *items))

    assert time.process_time() - started < 3
    assert [one.text for one in told] == ["the form could not be judged in time"]


def test_what_is_no_form_is_fatal() -> None:
    assert [one.severity for one in form_issues({"resourceType": "Patient"})] == ["fatal"]


@pytest.mark.parametrize(
    ("asked", "given", "version"),
    [
        (form(q("coding")), {}, "5.0"),
        (form(q("choice")), {}, "4.0"),
        (form(q(answerConstraint="optionsOnly")), {}, "5.0"),
        (form(q("group", item=[q("coding", "i")])), {}, "5.0"),
        (form(q()), {"identifier": [{"value": "1"}]}, "5.0"),
        (form(q()), {"identifier": {"value": "1"}}, "4.0"),
    ],
)
def test_a_version_is_told_by_what_only_one_has(asked: Json, given: Json, version: str) -> None:
    assert version_of(asked, given) == version


@pytest.mark.parametrize("pattern", ["(", "a(?=b)", "[z-a]"])
def test_a_pattern_that_no_answer_is_matched_with_is_told(pattern: str) -> None:
    told = form_issues(form(q(extension=[x(CORE + "regex", valueString=pattern)])))

    assert [(one.rule, one.severity) for one in told] == [("regexNotChecked", "warning")]
    assert form_issues(form(q(extension=[x(CORE + "regex", valueString="[a-z]{2}")]))) == []


def test_a_link_id_that_only_an_expression_knows_is_told() -> None:
    text = "%resource.item.where(linkId = 'q').count() + item.where(linkId='gone').count()"

    (told,) = form_issues(form(q("integer", extension=[calculated(text)])))

    assert (told.rule, told.severity) == ("questionnaireItem", "warning")
    assert "gone" in told.text
