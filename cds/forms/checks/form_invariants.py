"""The invariants of Questionnaire (que-1 … que-13), item by item."""

from collections.abc import Hashable, Iterator
from decimal import Decimal
from typing import Any

from cds.forms.form.items import CHOICES, Item
from cds.forms.response.tree import value_key

_Problem = tuple[str, str]  # key, words

_WITH_OPTIONS = CHOICES | {"decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
_WITH_LENGTH = frozenset(
    ("boolean", "decimal", "integer", "string", "text", "url", "open-choice", "coding")
)
_NOT_OF_A_DISPLAY = (
    ("code", "que-3"),
    ("required", "que-6"),
    ("repeats", "que-6"),
    ("readOnly", "que-9"),
    ("initial", "que-8"),
)


def problems_of(item: Item) -> Iterator[_Problem]:
    """What is wrong with one item of a form, whatever the others are."""
    raw = item.raw
    if item.type == "group":
        yield from _group(item)
    elif item.type == "display":
        yield from _display(item)
    if "answerOption" in raw and "answerValueSet" in raw:
        yield "que-4", "has both answerOption and answerValueSet"
    yield from _options(item)
    if "maxLength" in raw and item.type not in _WITH_LENGTH:
        yield "que-10", f"maxLength has no meaning for type {item.type}"
    initial = raw.get("initial")
    if isinstance(initial, list) and len(initial) > 1 and not item.repeats:
        yield "que-13", "has several initial values and does not repeat"


def _group(item: Item) -> Iterator[_Problem]:
    if not item.raw.get("item"):
        yield "que-1", "a group without items"
    if "initial" in item.raw:
        yield "que-8", "a group has no initial value"


def _display(item: Item) -> Iterator[_Problem]:
    if item.raw.get("item"):
        yield "que-1", "a display has no items below it"
    for name, key in _NOT_OF_A_DISPLAY:
        if name in item.raw:
            yield key, f"'{name}' has no meaning for a display"


def _options(item: Item) -> Iterator[_Problem]:
    raw = item.raw
    if "answerOption" in raw and item.type not in _WITH_OPTIONS:
        yield "que-5", f"options have no meaning for type {item.type}"
    if "answerValueSet" in raw and item.type not in CHOICES | {"string"}:
        yield "que-5", f"a value set has no meaning for type {item.type}"
    if "answerOption" in raw and "initial" in raw:
        yield "que-11", "with options, initialSelected says what is chosen at first, not initial"
    seen: set[Hashable] = set()
    for option in item.options:
        key = value_key(option)
        if key is not None:
            value = _known_by(key, option[key])
            if value in seen:
                yield "", "an option is listed twice"
            seen.add(value)


def _known_by(key: str, value: Any) -> Hashable:
    """What tells an option from others: a Coding's system and code, and all that another says."""
    if isinstance(value, int | Decimal):
        return value  # 1.0 is 1
    coding = isinstance(value, dict) and key == "valueCoding"
    said = (value.get("system"), value.get("code") or value.get("display")) if coding else value
    return repr(said)
