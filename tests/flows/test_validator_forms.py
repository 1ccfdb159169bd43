"""A form is compiled once for what it says: the same words, whichever objects hold them."""

import json
from itertools import permutations
from typing import Any

import pytest

from cds.flows.validate import Validator

Json = dict[str, Any]
URL = "http://example.org/whole"
PART = "http://example.org/part"
SUB = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-subQuestionnaire"


WHOLE: Json = {
    "resourceType": "Questionnaire",
    "url": URL,
    "status": "active",
    "item": [
        {
            "linkId": "d",
            "type": "display",
            "extension": [{"url": SUB, "valueCanonical": PART}],
        }
    ],
}


def _bundle(part: list[Json] | None, answer: Json) -> Json:
    """A form that is put together from a part, that part, and a response at the end."""
    sub = {"resourceType": "Questionnaire", "url": PART, "status": "active", "item": part}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
        "item": [{"linkId": "q", "answer": [answer]}],
    }
    resources = [WHOLE, response] if part is None else [WHOLE, sub, response]
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


KINDS: dict[str, tuple[list[Json] | None, Json, set[str]]] = {
    "a text": ([{"linkId": "q", "type": "string"}], {"valueString": "x"}, set()),
    "a number": (
        [{"linkId": "q", "type": "integer"}],
        {"valueString": "x"},
        {"invalidAnswerType"},
    ),
    "another question": (
        [{"linkId": "other", "type": "string"}],
        {"valueString": "x"},
        {"invalidLinkId"},
    ),
    "nothing at hand": (None, {"valueString": "x"}, {"expressionNotChecked"}),
}


@pytest.mark.parametrize("where", ["in each Bundle", "beside all of them"])
@pytest.mark.parametrize("order", list(permutations(KINDS)), ids=str)
def test_bundles_in_a_row_are_each_judged_by_the_sub_form_that_they_hold(
    order: tuple[str, ...], where: str
) -> None:
    validator = Validator(support=[WHOLE] if where == "beside all of them" else [])

    for name in (*order, *order):
        part, answer, wanted = KINDS[name]
        bundle = json.loads(json.dumps(_bundle(part, answer)))
        if where == "beside all of them":
            del bundle["entry"][0]
        issues = validator.validate(bundle["entry"][-1]["resource"], beside=bundle)
        assert {one.rule for one in issues if one.severity != "information"} == wanted, name


def test_the_same_form_in_many_bundles_is_compiled_once() -> None:
    validator = Validator()
    forms = set()
    for _ in range(5):
        bundle = _bundle(*KINDS["a text"][:2])
        response = bundle["entry"][-1]["resource"]
        forms.add(id(validator._named(response, validator._opened(bundle))))  # what is kept

    assert len(forms) == 1
