"""A form by itself: name and address, what its extensions lack, expressions on made-up answers."""

from typing import Any

import pytest

from cds.forms.validate import issues_of_form
from tests.forms.rule_kit import CORE, SDC, UCUM, Json, coding, form, found, q, response, x

KEY = x("key", valueId="k")
SEVERITY = x("severity", valueCode="error")
HUMAN = x("human", valueString="must hold")
TRUE = x("expression", valueString="true")
WHOLE = [KEY, SEVERITY, HUMAN, TRUE]


def constraint(*parts: Json) -> Json:
    return x(CORE + "questionnaire-constraint", extension=list(parts))


def fhirpath(expression: str, **more: Any) -> Json:
    return {"language": "text/fhirpath", "expression": expression, **more}


def variable(**more: Any) -> Json:
    return x(CORE + "variable", valueExpression=fhirpath("1", **more))


def unit(code: str) -> Json:
    option = x(CORE + "questionnaire-unitOption", valueCoding={"system": UCUM, "code": code})
    return q("quantity", extension=[option])


VALUES = {"resourceType": "ValueSet", "id": "v", "status": "active"}


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (form(q(), name="Visit_1"), form(q(), name="the visit"), "que-0"),
        (form(q(), url="urn:oid:1.2"), form(q(), url="visit"), "not absolute"),
        *(
            (
                form(q(), extension=[constraint(*WHOLE)]),
                form(q(), extension=[constraint(*(one for one in WHOLE if one != part))]),
                f"no {part['url']}",
            )
            for part in (KEY, SEVERITY, HUMAN)
        ),
        (
            form(q(extension=[constraint(*WHOLE)])),
            form(q(extension=[constraint(TRUE)])),
            "no key and no severity and no human",
        ),
        (form(q(extension=[variable(name="v")])), form(q(extension=[variable()])), "no name"),
        (form(unit("mg/dL")), form(unit("mgg")), "not a code of UCUM"),
        (form(q(maxLength=1)), form(q(maxLength=0)), "maxLength"),
        (form(q(maxLength=1)), form(q(maxLength=-1)), "maxLength"),
        (
            form(q("choice", answerValueSet="#v"), contained=[VALUES]),
            form(q("choice", answerValueSet="#w"), contained=[VALUES]),
            "no ValueSet with the id w",
        ),
    ],
)
def test_a_fault_is_told_and_what_is_right_is_not(right: Json, wrong: Json, words: str) -> None:
    assert not any(words in one.text for one in issues_of_form(right))

    told = [one for one in issues_of_form(wrong) if words in one.text]

    assert [one.source for one in told] == ["questionnaire"]


def test_a_constraint_on_answers_without_options_is_told_in_r5() -> None:
    bare = form(q("coding", answerConstraint="optionsOnly"))
    offered = form(q("coding", answerConstraint="optionsOnly", answerOption=[coding("a")]))

    assert "que-14" in " ".join(one.text for one in issues_of_form(bare, None, "5.0"))
    assert "que-14" not in " ".join(one.text for one in issues_of_form(offered, None, "5.0"))


TYPES = ("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url")
OTHERS = ("reference", "attachment", "quantity", "choice", "open-choice")


@pytest.mark.parametrize("type_", [*TYPES, *OTHERS])
def test_an_element_that_no_answer_has_is_told_without_any_answer(type_: str) -> None:
    def asked(expression: str) -> Json:
        calculated = x(SDC + "calculatedExpression", valueExpression=fhirpath(expression))
        return form(q(type_, "a"), q("string", "b", extension=[calculated]))

    right = asked("%resource.item.where(linkId = 'a').answer.value.exists().toString()")
    wrong = asked("%resource.item.where(linkId = 'a').answer.valueFoo")

    assert issues_of_form(right) == []
    (told,) = issues_of_form(wrong)
    assert (told.severity, told.rule, told.link_id) == ("error", "questionnaireItem", "b")
    assert "valueFoo" in told.text


def test_what_only_some_answers_break_is_no_fault_of_the_form() -> None:
    one = "%resource.item.where(linkId = 'a').answer.value.single()"
    calculated = x(SDC + "calculatedExpression", valueExpression=fhirpath(one))

    asked = form(q("string", "a", repeats=True), q("string", "b", extension=[calculated]))

    assert issues_of_form(asked) == []


def test_an_expression_without_end_is_not_the_fault_of_answers() -> None:
    much = "'a'" + ".replace('a', 'aaaaaaaaaa')" * 9 + ".length() > 0"
    limited = form(
        q(), extension=[constraint(KEY, SEVERITY, HUMAN, x("expression", valueString=much))]
    )

    (told,) = found(limited, response(q_answer()))

    assert "limit was reached" in told.text
    assert "nothing is wrong with it" in str(told.help)


def q_answer() -> Json:
    return {"linkId": "q", "answer": [{"valueString": "x"}]}
