"""A JSON Schema of a response's structure: what a schema can say without the form."""

from typing import Any

Json = dict[str, Any]


def schema() -> Json:
    """A JSON Schema of the structure of a response: what a schema can say without the form."""
    text, ref = (
        {"type": "string"},
        {"type": "object", "properties": {"reference": {"type": "string"}}},
    )
    coding = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"system": text, "code": text, "display": text},
    }
    answer = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "valueCoding": coding,
            "valueBoolean": {"type": "boolean"},
            "valueInteger": {"type": "integer"},
            "valueString": text,
            "valueDecimal": {"type": "number"},
            "valueDate": {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"},
            "item": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        },
    }
    item = {
        "type": "object",
        "required": ["linkId"],
        "additionalProperties": False,
        "properties": {
            "linkId": text,
            "text": text,
            "answer": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/answer"}},
            "item": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
        },
    }
    return {
        "$defs": {"item": item, "answer": answer},
        "type": "object",
        "required": ["resourceType", "status"],
        "properties": {
            "resourceType": {"const": "QuestionnaireResponse"},
            "status": text,
            "subject": ref,
            "author": ref,
            "authored": text,
            "questionnaire": text,
            "item": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        },
    }
