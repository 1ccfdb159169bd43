"""What was typed or ticked for one question, as answers of a QuestionnaireResponse.

What cannot be read is a fault beside the field, in the words that the page has for it; the text
itself stays in the field. Nothing is guessed: a comma is a decimal point only where it can be none
else.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from cds.forms.form import extensions as ext
from cds.forms.form.items import CHOICES
from cds.forms.questionnaire import Item
from cds.web.form.fields import OTHER_PART, UNIT_PART, ZONE_PART, Place, first_of
from cds.wire import JsonObject

TypedFields = Mapping[str, Sequence[str]]
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,20})?")
_COMMA = re.compile(r"[+-]?\d{1,30},(?:\d{1,2}|\d{4,20})")
_FILE = re.compile(r"data:([\w.+-]+/[\w.+-]+);name=([^;,]*);base64,(.*)", re.DOTALL)
_MINUTES = 16  # the length of 2026-11-30T10:00
_CLOCK = 5  # and of 10:00
MOST_INTEGER = 2**31 - 1
VALUE = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "reference": "valueReference",
    "quantity": "valueQuantity",
    "attachment": "valueAttachment",
}


class Typed(NamedTuple):
    """Answers, and the faults of what is none (keys of the page's words)."""

    answers: tuple[JsonObject, ...] = ()
    faults: tuple[str, ...] = ()


def typed(item: Item, place: Place, draft: TypedFields) -> Typed:
    """The answers in the fields of one place."""
    values = [value for value in draft.get(place.name, ()) if value and not value.isspace()]
    if item.options or item.type in CHOICES:
        return _chosen(item, place, draft, values)
    if not values:
        return Typed()
    if item.type == "quantity":
        return _quantity(item, place, draft, values[0])
    return _simple(item.type, values[0], first_of(draft, place.part(ZONE_PART)))


def key_of(item: Item, option: Mapping[str, Any]) -> str:
    """What stands for an option in a field: its code where that says which one is meant."""
    kind, value = ext.value_of(option) or ("", "")
    if kind == "Coding" and isinstance(value, dict):
        code = str(value.get("code", value.get("display", "")))
        others = [one for one in item.options if one.get("valueCoding", {}).get("code") == code]
        return code if len(others) == 1 else f"{value.get('system', '')}|{code}"
    if isinstance(value, dict):
        return str(value.get("reference", value.get("display", "")))
    return str(value)


@lru_cache(maxsize=4096)
def keys_of(item: Item) -> tuple[str, ...]:
    """What stands for each option, in their order; a form lives long, so it is worked out once."""
    return tuple(key_of(item, option) for option in item.options)


def answer_of(option: Mapping[str, Any]) -> JsonObject:
    """The answer that choosing an option gives."""
    kind, value = ext.value_of(option) or ("", "")
    if kind == "Coding" and isinstance(value, dict):
        kept = ("system", "version", "code", "display")
        value = {key: value[key] for key in kept if key in value}
    return {f"value{kind}": value}


@lru_cache(maxsize=4096)
def _answers_of(item: Item) -> dict[str, JsonObject]:
    """What choosing each option gives, by key, in their order."""
    return {key: answer_of(option) for key, option in zip(keys_of(item), item.options, strict=True)}


def _chosen(item: Item, place: Place, draft: TypedFields, values: Sequence[str]) -> Typed:
    answers: list[JsonObject] = []
    faults: list[str] = []
    if values:
        by_key = _answers_of(item)
        faults = [] if all(value in by_key for value in values) else ["not-an-option"]
        # A copy: an answer from the record is given its source, and one above others their items.
        answers = [{**answer} for key, answer in by_key.items() if key in values]
    if item.type == "open-choice":
        text = first_of(draft, place.part(OTHER_PART)).strip()
        if text:
            answers.append({"valueString": text})
    if len(answers) > 1 and not item.repeats:
        faults.append("one-only")
    return Typed(tuple(answers), tuple(faults))


def _simple(kind: str, value: str, zone: str) -> Typed:
    text = value if kind == "text" else value.strip()
    match kind:
        case "boolean":
            found: Any = {"true": True, "false": False}.get(text)
            return _one(kind, found) if found is not None else Typed(faults=("not-an-option",))
        case "decimal" | "integer":
            number = _number_of(text)
            if number is None or (kind == "integer" and not _is_whole(number)):
                return Typed(faults=(f"not-{kind}",))
            return _one(kind, int(number) if kind == "integer" else number)
        case "dateTime":
            return _one(kind, _moment(text, zone))
        case "time":
            return _one(kind, f"{text}:00" if len(text) == _CLOCK else text)
        case "reference":
            return _one(kind, {"display": text})
        case "attachment":
            return _file(text)
        case _:
            return _one(kind, text) if kind in VALUE else Typed(faults=("not-supported",))


def _one(kind: str, value: Any) -> Typed:
    return Typed(({VALUE[kind]: value},))


def _number_of(text: str) -> Decimal | None:
    """The number, or None: `1,000` is a thousand to one reader and one to another."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value() and abs(number) <= MOST_INTEGER


def _moment(text: str, zone: str) -> str:
    """A moment with its zone: the browser's where it told one, else the service's own."""
    if len(text) != _MINUTES:
        return text
    if not re.fullmatch(r"[+-]\d\d:\d\d", zone):
        try:
            return datetime.fromisoformat(text).astimezone().isoformat()
        except ValueError:
            return text
    return f"{text}:00{zone}"


def _quantity(item: Item, place: Place, draft: TypedFields, text: str) -> Typed:
    number = _number_of(text)
    if number is None:
        return Typed(faults=("not-decimal",))
    value: JsonObject = {"value": number}
    units = units_of(item)
    chosen = first_of(draft, place.part(UNIT_PART)).strip()
    if len(units) == 1:
        value |= _unit(units[0])
    elif units:
        found = next((one for one in units if one.get("code") == chosen), None)
        if found is None:
            return Typed(faults=("no-unit",))
        value |= _unit(found)
    elif chosen:
        value["unit"] = chosen
    return Typed(({"valueQuantity": value},))


def units_of(item: Item) -> tuple[Mapping[str, Any], ...]:
    """The units that a quantity may have, as Codings; none where any will do."""
    listed = [
        value[1]
        for url in (ext.UNIT, ext.UNIT_OPTION)
        for one in item.extensions.get(url, ())
        if (value := ext.value_of(one)) is not None and isinstance(value[1], dict)
    ]
    return tuple(listed)


def _unit(coding: Mapping[str, Any]) -> JsonObject:
    named = {"unit": coding.get("display", coding.get("code"))}
    return {**named, **{key: coding[key] for key in ("system", "code") if key in coding}}


def _file(text: str) -> Typed:
    found = _FILE.fullmatch(text)
    if found is None:
        return Typed(faults=("not-a-file",))
    try:
        size = len(base64.b64decode(found[3], validate=True))
    except binascii.Error:
        return Typed(faults=("not-a-file",))
    value = {"contentType": found[1], "data": found[3], "size": size}
    return _one("attachment", {**value, "title": found[2]} if found[2] else value)
