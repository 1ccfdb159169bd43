"""weight(): a coded answer's own score, or that of the option it equals; else not judged."""

from decimal import Decimal
from typing import Any

import pytest

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.values import ElementNode, Refused

Json = dict[str, Any]
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def scored(code: str, score: str | None, *, on: str = "coding") -> Json:
    coding: Json = {"system": "urn:s", "code": code}
    extension = [{"url": ORDINAL, "valueDecimal": Decimal(score)}] if score else None
    if extension and on == "coding":
        coding["extension"] = extension
    return {"valueCoding": coding} | (
        {"extension": extension} if extension and on == "option" else {}
    )


def weights(expression: str, item: Json, *answers: Json) -> list[Any]:
    form = {"resourceType": "Questionnaire", "item": [{"linkId": "q", "type": "choice", **item}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "q", "answer": list(answers)}],
    }
    known = definitions("4.0")
    names = {"questionnaire": [ElementNode(form, "Questionnaire", known)]}
    return evaluated(expression, response, known, names)


@pytest.mark.parametrize("on", ["coding", "option"])
@pytest.mark.parametrize(
    "expression",
    ["item.answer.value.weight()", "item.answer.weight()", "item.answer.value.ordinal()"],
)
def test_the_score_is_that_of_the_option(on: str, expression: str) -> None:
    options = [scored("a", "1", on=on), scored("b", "2.5", on=on), scored("c", None)]
    given = [scored("b", None), scored("c", None), scored("a", None)]

    assert weights(expression, {"answerOption": options}, *given) == [Decimal("2.5"), Decimal(1)]
    assert weights(f"{expression}.sum()", {"answerOption": options}, *given) == [Decimal("3.5")]


def test_the_answer_s_own_score_comes_first() -> None:
    options = [scored("a", "1")]

    assert weights("item.answer.weight()", {"answerOption": options}, scored("a", "7")) == [7]


@pytest.mark.parametrize("item", [{"answerValueSet": "#vs"}, {"answerOption": [scored("a", None)]}])
def test_a_score_that_may_lie_elsewhere_is_not_judged(item: Json) -> None:
    with pytest.raises(Refused):
        weights("item.answer.weight()", item, scored("a", None))
