"""Answers given as codes, written out as the QuestionnaireResponse that a form would send."""

from collections.abc import Iterable, Mapping

from cds.core.pack import Form
from cds.forms.form.every_item import every_item
from cds.forms.response.written import written_items
from cds.wire import JsonObject

# Free text among the answers: {"free-text": "..."} in a case, this class in Python.
_Given = str | Iterable[str | Mapping[str, str]] | Mapping[str, str]


def response_of(
    form: Form,
    given: Mapping[str, _Given],
    *,
    identifier: str | None = None,
    status: str = "completed",
    subject: str | None = "Patient/example",
    authored: str | None = "2026-11-20T15:00:00Z",
) -> JsonObject:
    """A response with these answers, in the form's order, texts and displays included.

    Raises:
        KeyError: a linkId that the form does not have, or a code that is no option of its item.
    """
    unknown = set(given) - {item["linkId"] for item in every_item(form.raw)}
    if unknown:
        raise KeyError(min(unknown))
    response: JsonObject = {"resourceType": "QuestionnaireResponse"}
    if identifier:
        response["id"] = identifier
    response["questionnaire"] = f"{form.url}|{form.version}"
    response["status"] = status
    if subject:
        response["subject"] = {"reference": subject}
    if authored:
        response["authored"] = authored
    items = written_items(form.raw.get("item", ()), lambda item: _answers(item, given))
    if items:
        response["item"] = items
    return response


def _answers(item: JsonObject, every: Mapping[str, _Given]) -> list[JsonObject]:
    given = every.get(item["linkId"], ())
    listed = [given] if isinstance(given, str | Mapping) else list(given)
    return [_answer(item, one) for one in listed]


def _answer(item: JsonObject, one: str | Mapping[str, str]) -> JsonObject:
    if not isinstance(one, str):
        return {"valueString": one["free-text"]}
    for option in item.get("answerOption", []):
        coding: JsonObject = option.get("valueCoding", {})
        if coding.get("code") == one:
            kept = ("system", "code", "display")
            return {"valueCoding": {key: coding[key] for key in kept if key in coding}}
    message = f"{item['linkId']}: {one}"
    raise KeyError(message)
