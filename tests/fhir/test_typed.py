import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from cds import wire
from cds.core.model import Assessment
from cds.core.pack import Pack
from cds.errors import Unreadable
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.emit import emit
from cds.fhir.typed import to_json, to_models

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]


def moments(value: Any) -> Any:
    """The value with every time of day as a moment: two spellings of one moment are equal."""
    if isinstance(value, dict):
        return {key: moments(member) for key, member in value.items()}
    if isinstance(value, list):
        return [moments(member) for member in value]
    if isinstance(value, str) and value[10:11] == "T" and value[4:5] == "-":
        return datetime.fromisoformat(value)
    return value


@pytest.mark.parametrize(
    "authored", ["2026-11-20T15:00:00Z", "2026-11-20T15:00:00.12+02:00", "2026"]
)
@pytest.mark.parametrize("kind", ["collection", TRANSACTION])
def test_the_models_serialise_to_the_same_content(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, kind: str, authored: str
) -> None:
    context = make_context({"authored": authored}, bundle=kind)
    bundle = emit(make_assessment("S1", "S2"), pack, context)

    again = json.loads(to_models(bundle).model_dump_json())

    assert moments(again) == moments(bundle)
    if "." not in authored:
        assert again == bundle


RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "authored": "2026-11-20T15:00:00Z",
    "item": [
        {
            "linkId": "a",
            "answer": [
                {"valueDecimal": Decimal("1.50")},
                {"valueQuantity": {"value": Decimal("0.0010"), "unit": "g"}},
                {"valueCoding": {"code": "x"}, "item": [{"linkId": "b", "text": "t"}]},
            ],
        }
    ],
}


def test_a_model_becomes_plain_json_with_its_digits() -> None:
    model = QuestionnaireResponse.model_validate(RESPONSE)

    plain = to_json(model)

    assert plain == RESPONSE
    assert b'"valueDecimal":1.50' in wire.write(plain)
    assert b'"value":0.0010' in wire.write(plain)


@pytest.mark.parametrize("other", [object(), QuestionnaireResponse, {1, 2}])
def test_what_is_no_model_is_refused(other: object) -> None:
    with pytest.raises(Unreadable) as refused:
        to_json(other, "call")

    assert refused.value.where == "call"
    assert "not a FHIR resource" in refused.value.problem
