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


def check_options(context: Context) -> Iterator[Issue]:
    """Judge answers to items with answerOption."""
    for answer in context.timed(context.answers):
        if answer.item.options:
            yield from _among(context, answer)
    for node in context.timed(context.live):
        if node.item is not None and len(node.answers) > 1 and _has_exclusive(context, node.item):
            yield from _exclusive(node, node.item)


def option_of(item: Item, kind: str, value: Any) -> dict[str, Any] | None:
    """The option that an answer equals.

    A Coding by system and code, an absent system equals only an absent one.
    """
    if kind == "Coding":
        system, code = value.get("system"), value.get("code")
        if isinstance(code, str) and (system is None or isinstance(system, str)):
            return item.codings.get((system, code))
    for option in item.options:
        key = value_key(option)
        if key is None:
            continue
        expected = option[key]
        if kind == "Coding":
            if (
                isinstance(expected, dict)
                and "code" not in expected
                and expected.get("display") == value.get("display")
            ):
                return option
        elif equal(kind, value, kind_of(key), expected):
            return option
    return None


def _is_listed(context: Context, answer: Answer) -> bool:
    """Whether the answer is an option; of plain values a table is made once for the form."""
    item = answer.item
    plain = _plain(answer.kind, answer.value)
    if plain is None:
        return option_of(item, answer.kind, answer.value) is not None
    tables: dict[str, frozenset[Hashable]] = context.questionnaire.compiled.setdefault(
        "options", {}
    )
    if item.link_id not in tables:
        keys = [(option, key) for option in item.options if (key := value_key(option))]
        values = (_plain(kind_of(key), option[key]) for option, key in keys)
        tables[item.link_id] = frozenset(value for value in values if value is not None)
    return plain in tables[item.link_id]


def _plain(kind: str, value: Any) -> Hashable | None:
    """A number, a moment or a text as something to look up; None for anything else."""
    if kind in NUMBERS:
        return number(value)
    if kind in MOMENTS:
        return dates.parse(kind, value)
    return value if kind in TEXTS and isinstance(value, str) else None


def _among(context: Context, answer: Answer) -> Iterator[Issue]:
    item, value = answer.item, answer.value
    if _is_listed(context, answer):
        return
    constraint = item.raw.get("answerConstraint")
    if constraint == "optionsOrType":
        return
    if ext.ANSWER_EXPRESSION in item.extensions:
        return  # more options than these; `check_unjudged` says so
    free = item.type == "open-choice" or constraint == "optionsOrString"
    if free and answer.kind == "string":
        if isinstance(value, str) and _names_an_option(item, value):
            text = "the free text equals an option; choose the option instead"
            yield issue(
                "invalidAnswerOption",
                answer.expression,
                text,
                item=item,
                found=value,
                severity="warning",
            )
        return
    if free and answer.kind == "Coding" and "code" not in value:
        # Older renderers write free text as a Coding with only a display.
        text = "free text is expected as valueString, not as a Coding without code"
        yield issue(
            "invalidAnswerOption",
            answer.expression,
            text,
            item=item,
            found=value,
            severity="warning",
        )
        return
    if "answerValueSet" not in item.raw:
        text = f"the answer is not one of the {len(item.options)} options"
        yield issue("invalidAnswerOption", answer.expression, text, item=item, found=value)


def _names_an_option(item: Item, text: str) -> bool:
    wanted = text.strip().casefold()
    for option in item.options:
        key = value_key(option)
        value = option[key] if key else None
        names = (value.get("display"), value.get("code")) if isinstance(value, dict) else (value,)
        if any(isinstance(name, str) and name.strip().casefold() == wanted for name in names):
            return True
    return False


def _has_exclusive(context: Context, item: Item) -> bool:
    known: dict[str, bool] = context.questionnaire.compiled.setdefault("exclusive", {})
    if item.link_id not in known:
        known[item.link_id] = any(map(_is_exclusive, item.options))
    return known[item.link_id]


def _is_exclusive(option: dict[str, Any]) -> bool:
    return ext.first_value(ext.extensions_of(option), ext.OPTION_EXCLUSIVE) is True


def _exclusive(node: Node, item: Item) -> Iterator[Issue]:
    for index, answer in enumerate(node.answers):
        key = value_key(answer)
        if key is None or not well_formed(kind_of(key), answer[key]):
            continue
        option = option_of(item, kind_of(key), answer[key])
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
