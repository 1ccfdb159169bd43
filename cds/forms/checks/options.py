"""Answers are among the options of the form; an exclusive option stands alone."""

from collections.abc import Hashable, Iterator
from typing import Any

from cds.forms.checks.context import Answer, Context, issue
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.compare import MOMENTS, NUMBERS, TEXTS, equal, number
from cds.forms.response.tree import Node, kind_of, value_key
from cds.forms.values import dates
from cds.forms.values.primitives import well_formed
from cds.wire import JsonObject


class ItemOptions:
    """The options of one item, to be looked up: Codings by system and code, plain values as such.

    `exclusive` says whether one of them stands alone; `names` are what a person would call them.
    """

    def __init__(self, item: Item) -> None:
        self._codings = item.codings
        self._plain: dict[Hashable, JsonObject] = {}
        self._others: list[tuple[str, Any, JsonObject]] = []
        self.exclusive = any(map(_is_exclusive, item.options))
        self.names: set[str] = set()
        for option in item.options:
            key = value_key(option)
            if key is None:
                continue
            kind, value = kind_of(key), option[key]
            plain = _plain(kind, value)
            if plain is not None:
                self._plain.setdefault(plain, option)
            else:
                self._others.append((kind, value, option))
            names = (
                (value.get("display"), value.get("code")) if isinstance(value, dict) else (value,)
            )
            self.names.update(name.strip().casefold() for name in names if isinstance(name, str))

    def find(self, kind: str, value: Any) -> JsonObject | None:
        """The option equal to an answer; no system equals only no system."""
        if kind == "Coding":
            system, code = value.get("system"), value.get("code")
            if isinstance(code, str) and (system is None or isinstance(system, str)):
                return self._codings.get((system, code))
            others = (
                (expected, option) for other, expected, option in self._others if other == kind
            )
            return next((option for expected, option in others if _said(expected, value)), None)
        plain = _plain(kind, value)
        if plain is not None:
            return self._plain.get(plain)
        same = (option for *other, option in self._others if equal(kind, value, *other))
        return next(same, None)


def _said(expected: Any, value: JsonObject) -> bool:
    """Whether an option without a code has the display of the answer."""
    return (
        isinstance(expected, dict)
        and "code" not in expected
        and expected.get("display") == value.get("display")
    )


def _options_of(context: Context, item: Item) -> ItemOptions:
    """The options of an item, looked at once for the form."""
    known: dict[str, ItemOptions] = context.questionnaire.compiled.setdefault("options", {})
    found = known.get(item.link_id)
    if found is None:
        found = known[item.link_id] = ItemOptions(item)
    return found


def check_options(context: Context) -> Iterator[Issue]:
    """Judge answers to items with answerOption."""
    for answer in context.timed(context.answers):
        if answer.item.options:
            yield from _among(context, answer)
    for node in context.timed(context.live):
        item = node.item
        if item is not None and item.options and len(node.answers) > 1:
            options = _options_of(context, item)
            if options.exclusive:
                yield from _exclusive(context, node, item, options)


def _plain(kind: str, value: Any) -> Hashable | None:
    """A number, a moment or a text as something to look up; None for anything else.

    Numbers, moments and texts are kept apart: 1 is not true, and no text is a date.
    """
    if kind in NUMBERS:
        found: Hashable | None = number(value)
        return None if found is None else ("number", found)
    if kind in MOMENTS:
        moment = dates.parse(kind, value)
        return None if moment is None else ("moment", moment)
    return ("text", value) if kind in TEXTS and isinstance(value, str) else None


def _among(context: Context, answer: Answer) -> Iterator[Issue]:
    item, value = answer.item, answer.value
    options, constraint = _options_of(context, item), item.constraint
    if options.find(answer.kind, value) is not None or constraint == "optionsOrType":
        return
    if ext.ANSWER_EXPRESSION in item.extensions:
        return  # more options than these; `form.faults.not_judged` says so
    free = item.type == "open-choice" or constraint == "optionsOrString"
    text, severity = "", "warning"
    if free and answer.kind == "string":
        if isinstance(value, str) and value.strip().casefold() in options.names:
            text = "the free text equals an option; choose the option instead"
    elif free and answer.kind == "Coding" and "code" not in value:
        # Older renderers write free text as a Coding with only a display.
        text = "free text is expected as valueString, not as a Coding without code"
    elif "answerValueSet" not in item.raw:
        text, severity = f"the answer is not one of the {len(item.options)} options", "error"
    if text:
        yield answer.wrong("invalidAnswerOption", text, severity=severity)


def _is_exclusive(option: dict[str, Any]) -> bool:
    return ext.first_value(ext.extensions_of(option), ext.OPTION_EXCLUSIVE) is True


def _exclusive(context: Context, node: Node, item: Item, options: ItemOptions) -> Iterator[Issue]:
    for index, answer in context.timed(enumerate(node.answers)):
        key = value_key(answer)
        if key is None or not well_formed(kind_of(key), answer[key]):
            continue
        option = options.find(kind_of(key), answer[key])
        if option is not None and _is_exclusive(option):
            here = f"{node.expression}.answer[{index}].value.ofType({kind_of(key)})"
            yield issue(
                "exclusiveAnswerOption",
                here,
                "the option excludes every other answer",
                item=item,
                found=answer[key],
            )
            return
