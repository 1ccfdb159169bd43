"""What the tests of `flows.validate` share: one form, responses to it, and how bytes are judged."""

from io import BufferedReader, BytesIO
from typing import Any

from cds.flows.validate import Validated, Validator
from cds.flows.validate_inputs import documents

Json = dict[str, Any]
FORM: Json = {
    "resourceType": "Questionnaire",
    "url": "u",
    "status": "active",
    "item": [{"linkId": "q", "type": "string", "maxLength": 5, "required": True}],
}


def answered(*texts: str, **more: Any) -> Json:
    """A response with these answers to the one question."""
    items = [{"linkId": "q", "answer": [{"valueString": text} for text in texts]}] if texts else []
    return (
        {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "u"}
        | ({"item": items} if items else {})
        | more
    )


def judged(data: bytes, form: Json | None = FORM, **more: Any) -> list[Validated]:
    """What comes of these bytes."""
    stream = BufferedReader(BytesIO(data))
    return list(Validator(form).results(documents("-", stdin=stream, where="in.json", **more)))
