"""A limit that a form sets: a fixed value, or an expression that is worked out for the response."""

from collections.abc import Iterator
from typing import Any

from cds.forms.checks.context import Context, issue
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.compare import number
from cds.forms.response.tree import Node, kind_of

_PRIMITIVE_RESULT = {bool: "boolean", int: "integer", str: "string"}


def bound_of(context: Context, node: Node | None, item: Item, url: str) -> tuple[str, Any] | None:
    """Type and value of the limit with this url; None if it cannot be read or worked out."""
    extension = item.extensions[url][0]
    typed = ext.value_of(extension)
    if typed is not None and typed[0] != "Expression":
        expression = ext.calculation(typed[1]) if isinstance(typed[1], dict) else None
        if expression is None:
            return kind_of(f"value{typed[0]}"), typed[1]
        return _worked_out(context, node, item, expression)
    expression = typed[1] if typed else _hidden_expression(extension)
    return None if expression is None else _worked_out(context, node, item, expression)


def whole_of(context: Context, node: Node | None, item: Item, url: str) -> int | None:
    """The limit with this url as a whole number; None if it cannot be read or worked out."""
    bound = bound_of(context, node, item, url)
    value = number(bound[1]) if bound is not None else None
    return int(value) if value is not None and value == int(value) else None


def not_worked_out(context: Context, item: Item, here: str, name: str) -> Iterator[Issue]:
    """What is said, once for an item, of a limit that is not known."""
    if context.first(name, item):
        yield issue("limitNotChecked", here, f"the form's {name} could not be evaluated", item=item)


def _hidden_expression(extension: dict[str, Any]) -> Any | None:
    """The cqf-expression on `_value[x]`, where the value itself is left out."""
    for key, value in extension.items():
        if key.startswith("_value"):
            return ext.calculation(value)
    return None


def _worked_out(
    context: Context, node: Node | None, item: Item, expression: object
) -> tuple[str, Any] | None:
    read = ext.expression_of(expression)
    if read is None:
        return None
    outcome = context.expressions.value(item, node, *read)
    if outcome.problem or len(outcome.values) != 1:
        return None
    value = outcome.values[0]
    if isinstance(value, dict):
        return "Quantity", value
    return _PRIMITIVE_RESULT.get(type(value), "decimal"), value
