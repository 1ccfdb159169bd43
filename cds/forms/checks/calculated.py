"""Answers that the form fixes or calculates: another answer is a warning."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cds.forms.checks.context import Answer, Context, issue
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.compare import equal, number
from cds.forms.response.tree import Node, kind_of, value_key
from cds.forms.values.ucum import converted, unit_of


def check_calculated(context: Context) -> Iterator[Issue]:
    """Check answered readOnly items against `initial`, others against their calculation."""
    form = context.questionnaire
    if "fixes" not in form.compiled:
        form.compiled["fixes"] = any(map(_fixes, form.by_link_id.values()))
    if not form.compiled["fixes"]:
        return
    answers: dict[int, list[Answer]] = {}
    for answer in context.answers:
        answers.setdefault(id(answer.node), []).append(answer)
    for node in context.timed(context.live):
        item, given = node.item, answers.get(id(node), [])
        if item is None or not given:
            continue
        if ext.CALCULATED_EXPRESSION in item.extensions:
            yield from _calculated(context, node, item, given)
        elif item.read_only and "initial" in item.raw:
            yield from _fixed(context, item, given)


def _fixes(item: Item) -> bool:
    return ext.CALCULATED_EXPRESSION in item.extensions or (
        item.read_only and "initial" in item.raw
    )


def _fixed(context: Context, item: Item, given: list[Answer]) -> Iterator[Issue]:
    raw = item.raw["initial"]
    initial = [entry for entry in raw if value_key(entry)] if isinstance(raw, list) else []
    keys = [key for entry in initial if (key := value_key(entry))]
    values = [(kind_of(key), entry[key]) for key, entry in zip(keys, initial, strict=True)]
    for answer in context.timed(given):
        if values and not any(equal(answer.kind, answer.value, *value) for value in values):
            text = "the item is read-only, but its value differs from that of the form"
            yield answer.wrong("readOnly", text)


def _calculated(context: Context, node: Node, item: Item, given: list[Answer]) -> Iterator[Issue]:
    language, text = ext.expression_of(
        ext.first_value(item.extensions, ext.CALCULATED_EXPRESSION)
    ) or ("", "")
    outcome = context.expressions.value(item, node, language, text)
    if outcome.problem:
        reason = f"the calculated value could not be evaluated ({outcome.problem})"
        here, help_ = node.expression, outcome.help
        yield issue("expressionNotChecked", here, reason, item=item, diagnostics=text, help_=help_)
    elif not _agree(given, list(outcome.values)):
        words = "the answer is not what the form calculates"
        yield given[0].wrong("calculatedExpression", words, diagnostics=text)


def _agree(given: list[Answer], values: list[Any]) -> bool:
    return len(given) == len(values) and all(
        _same(answer, value) for answer, value in zip(given, values, strict=True)
    )


def _in_unit_of(mine: dict[str, Any], value: Any) -> Any:
    """A calculated quantity as a number in the unit of the answer; itself where it is a number."""
    if not isinstance(value, dict):
        return value
    if unit_of(mine)[1] is None or unit_of(value)[1] is None:
        return value.get("value")
    return converted(value, mine)


def _same(answer: Answer, value: Any) -> bool:
    mine = answer.value
    if answer.kind == "Quantity":
        mine, value = mine.get("value"), _in_unit_of(mine, value)
    left, right = number(mine), number(value)
    if left is not None and right is not None:
        # A calculated 2.3333333 is the answer 2.33 at the digits that were written.
        digits = left.as_tuple().exponent if isinstance(left, Decimal) else 0
        return abs(Decimal(left) - Decimal(right)) < Decimal(1).scaleb(
            digits if isinstance(digits, int) else 0
        )
    if isinstance(mine, dict) and isinstance(value, dict):
        return bool(
            mine.get("code") == value.get("code") and mine.get("system") == value.get("system")
        )
    if isinstance(mine, dict):
        return (
            value in {mine.get("code"), mine.get("reference")} if isinstance(value, str) else False
        )
    return bool(mine == value)
