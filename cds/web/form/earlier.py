"""A response that was begun elsewhere, or half filled from the record, as the fields of a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.form.items import CHOICES
from cds.forms.questionnaire import Item, Questionnaire
from cds.web.form.fields import OTHER_PART, UNIT_PART, Place
from cds.web.form.filled import repeats_in_rows
from cds.web.form.posted import Fields
from cds.web.form.typed import key_of
from cds.wire import JsonObject

SOURCE = "/StructureDefinition/answer-source"
Marks = dict[str, dict[str, list[JsonObject]]]


def fields_from(form: Questionnaire, response: Mapping[str, Any]) -> tuple[Fields, Marks]:
    """The fields that would make this response, and where each answer is from, if it says so."""
    reading = _Reading(form)
    reading.items(response.get("item"), ())
    return reading.fields, reading.marks


class _Reading:
    def __init__(self, form: Questionnaire) -> None:
        self.form = form
        self.fields: Fields = {}
        self.marks: Marks = {}

    def items(self, listed: Any, above: tuple[int, ...]) -> None:
        seen: dict[str, int] = {}
        for entry in listed if isinstance(listed, list) else ():
            link_id = entry.get("linkId") if isinstance(entry, dict) else None
            item = self.form.by_link_id.get(link_id) if isinstance(link_id, str) else None
            if item is None:
                continue
            number = seen.get(item.link_id, 0)
            seen[item.link_id] = number + 1
            if item.type == "group":
                self.items(entry.get("item"), (*above, number) if item.repeats else above)
            else:
                self.question(item, entry.get("answer"), above)

    def question(self, item: Item, answers: Any, above: tuple[int, ...]) -> None:
        rows = repeats_in_rows(item)
        for number, answer in enumerate(answers if isinstance(answers, list) else ()):
            if not isinstance(answer, dict):
                continue
            place = Place(item.link_id, (*above, number) if rows else above)
            self.answer(item, place, answer)
            self.items(answer.get("item"), place.rows)

    def answer(self, item: Item, place: Place, answer: Mapping[str, Any]) -> None:
        kind, value = ext.value_of({k: v for k, v in answer.items() if k != "item"}) or ("", None)
        if value is None:
            return
        if item.options or item.type in CHOICES:
            key = _key(item, kind, value)
            if key is None:
                if kind == "String":
                    self.fields[place.part(OTHER_PART)] = [str(value)]
                return
            self.fields.setdefault(place.name, []).append(key)
            self.mark(place, value, answer)
            return
        self.fields[place.name] = [_text(kind, value)]
        if kind == "Quantity" and isinstance(value, dict):
            self.fields[place.part(UNIT_PART)] = [str(value.get("code") or value.get("unit") or "")]

    def mark(self, place: Place, value: Any, answer: Mapping[str, Any]) -> None:
        sources = [
            one
            for one in answer.get("extension", ())
            if isinstance(one, dict) and str(one.get("url", "")).endswith(SOURCE)
        ]
        if sources and isinstance(value, dict):
            self.marks.setdefault(place.name, {})[str(value.get("code", ""))] = sources


def _key(item: Item, kind: str, value: Any) -> str | None:
    for option in item.options:
        found = ext.value_of(option)
        if found is None or found[0] != kind:
            continue
        if kind == "Coding" and isinstance(value, dict):
            same = all(found[1].get(key) == value.get(key) for key in ("system", "code"))
        else:
            same = found[1] == value
        if same:
            return key_of(item, option)
    return None


def _text(kind: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, dict):
        return str(value)
    if kind == "Attachment":
        name = str(value.get("title", ""))
        return f"data:{value.get('contentType')};name={name};base64,{value.get('data')}"
    return str(value.get("value", value.get("display", value.get("reference", ""))))


def newest_unfinished(responses: Sequence[JsonObject], url: str) -> JsonObject | None:
    """The newest response to this form that was begun and not finished."""
    begun = [
        one
        for one in responses
        if one.get("status") == "in-progress"
        and str(one.get("questionnaire", "")).partition("|")[0] == url
    ]
    return max(begun, key=lambda one: str(one.get("authored", "")), default=None)
