"""A condition written as FHIRPath: shown while answering, and settled by the server when sent."""

from typing import Any

from tests.form.conftest import Visit
from tests.form.kit import one, response_of

Json = dict[str, Any]
ENABLES = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
FORM: list[Json] = [
    one("integer", linkId="age"),
    one(
        "string",
        linkId="school",
        required=True,
        extension=[
            {
                "url": ENABLES,
                "valueExpression": {
                    "language": "text/fhirpath",
                    "expression": "%resource.item.where(linkId = 'age').answer.value < 18",
                },
            }
        ],
    ),
]


def test_a_question_whose_expression_holds_must_be_answered(visit: Visit) -> None:
    person = visit(FORM)
    person.open("/forms/any")
    page = person.press(age="12")

    assert "These questions still need an answer" in page.text
    person.press(school="Green Hill")
    assert person.look("/forms/any/result").status_code == 200


def test_a_question_whose_expression_does_not_hold_is_not_asked_for(visit: Visit) -> None:
    person = visit(FORM)
    page = person.open("/forms/any")
    assert "school" not in page.hidden
    assert "This may not apply." in page.text
    person.press(age="40")

    assert person.look("/forms/any/result").status_code == 200
    assert [item["linkId"] for item in response_of(person)["item"]] == ["age"]


def test_an_answer_that_the_expression_excludes_is_told_beside_its_question(visit: Visit) -> None:
    person = visit(FORM)
    person.open("/forms/any")
    page = person.press(age="40", school="Green Hill")

    assert page.status == 422
    assert page.fields["school"] == ["Green Hill"]
    assert person.look("/forms/any/result").status_code == 404
