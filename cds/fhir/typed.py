"""The door to fhir.resources: typed models out, typed models in. No other module imports it.

R4B models are R4's wire form for every resource used here. They check structure, not the codes of
required bindings, invariants or reference targets, so they are for programs that want types; the
decision itself never passes through them. Importing this module costs a quarter of a second.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from pydantic import BaseModel, ValidationError

from cds import wire
from cds.errors import Unreadable
from cds.wire import JsonObject

__all__ = ["Bundle", "QuestionnaireResponse", "to_json", "to_models"]


def to_models(bundle: Mapping[str, Any]) -> Bundle:
    """The Bundle as models, which serialise to the same content.

    A fraction of a second comes back with six digits: the models keep the moment, not its spelling.
    """
    models: Bundle = Bundle.model_validate(bundle)
    return models


def to_json(model: object, where: str = "input") -> JsonObject:
    """A model (of any FHIR release of fhir.resources) as plain JSON; decimals keep their digits.

    Raises:
        Unreadable: it is not a model of fhir.resources.
    """
    if not isinstance(model, BaseModel) or not hasattr(model, "get_alias_mapping"):
        raise Unreadable(
            where,
            f"is a {type(model).__name__}, not a FHIR resource.",
            "Give bytes, a dict, or a model of fhir.resources.",
        )
    try:
        plain = wire.read(model.model_dump_json().encode())
    except ValidationError as error:  # a model that was changed after it was made
        raise Unreadable(where, "is no longer valid.", "Create the model again.") from error
    _restore_digits(model, plain)
    result: JsonObject = plain
    return result


def _restore_digits(model: Any, plain: JsonObject) -> None:
    """Put the model's own decimals back: it writes them as binary fractions, 1.50 as 1.5."""
    # By the fields, not by the aliases: those leave out what stands beside a primitive (_status).
    for attribute, field in type(model).model_fields.items():
        name, value = field.alias or attribute, getattr(model, attribute, None)
        if isinstance(value, Decimal):
            plain[name] = value
        elif isinstance(value, BaseModel):
            _restore_digits(value, plain[name])
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, Decimal):
                    plain[name][index] = one
                elif isinstance(one, BaseModel):
                    _restore_digits(one, plain[name][index])
