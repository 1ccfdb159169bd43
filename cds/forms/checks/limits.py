"""Numbers, dates and times within their limits; decimals with no more digits than allowed."""

from collections.abc import Iterator
from decimal import Decimal

from cds.forms.checks.bounds import bound_of, not_worked_out, whole_of
from cds.forms.checks.context import Answer, Context, shown
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.response.compare import MOMENTS, NUMBERS, is_coarser, ordered
from cds.forms.values import dates


def check_limits(context: Context) -> Iterator[Issue]:
    """Judge minValue, maxValue (inclusive, at the coarser precision) and maxDecimalPlaces."""
    for answer in context.of(*NUMBERS, *MOMENTS):
        yield from _limits(context, answer)
    for answer in context.of("decimal"):
        yield from _places(context, answer, answer.value)
    for answer in context.of("Quantity"):
        yield from _places(context, answer, answer.value.get("value"))


def _limits(context: Context, answer: Answer) -> Iterator[Issue]:
    for rule, url, wrong, word in (
        ("minValue", ext.MIN_VALUE, -1, "least"),
        ("maxValue", ext.MAX_VALUE, 1, "most"),
    ):
        if url not in answer.item.extensions:
            continue
        bound = bound_of(context, answer.node, answer.item, url)
        if bound is None:
            yield from not_worked_out(context, answer.item, answer.expression, rule)
            continue
        order = ordered(answer.kind, answer.value, *bound)
        order = _mixed(answer, *bound) if order is None else order
        if order == wrong:
            yield answer.wrong(rule, f"at {word} {shown(bound[1])} is allowed")
        elif not order:
            yield from _unsettled(context, answer, rule, order, *bound)


def _unsettled(  # noqa: PLR0917 - the kind and the value of the limit
    context: Context, answer: Answer, rule: str, order: int | None, kind: str, limit: object
) -> Iterator[Issue]:
    """What is said where the two cannot be compared, or the answer is on both sides."""
    if order is None:
        if context.first(rule, answer.item):
            text = f"the form's {rule} is a {kind}; it is not compared with a {answer.kind}"
            yield answer.issue("limitNotChecked", text, source="questionnaire")
    elif is_coarser(answer.kind, answer.value, kind, limit) and context.first(
        f"{rule}Coarse", answer.item
    ):
        text = f"the answer is too coarse to tell whether it keeps the form's {rule}"
        yield answer.issue("limitNotChecked", text)


def _mixed(answer: Answer, kind: str, bound: object) -> int | None:
    """A limit written as an instant or as a bare string, as evaluated expressions may give it."""
    if answer.kind in MOMENTS and kind in {"instant", "string"}:
        left, right = (
            dates.parse(answer.kind, answer.value),
            dates.parse_date_time(bound) or dates.parse_time(bound),
        )
        if left is not None and right is not None and (answer.kind == "time") == (right[0] == 0):
            return dates.compare(left, right)
    return None


def decimal_places(value: object) -> int:
    """Digits after the point as written: 5.12340 has 5, 5 has none.

    >>> decimal_places(Decimal("5.12340"))
    5
    """
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal):
        return 0
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _places(context: Context, answer: Answer, value: object) -> Iterator[Issue]:
    if ext.MAX_DECIMAL_PLACES not in answer.item.extensions:
        return
    most = whole_of(context, answer.node, answer.item, ext.MAX_DECIMAL_PLACES)
    if most is None:
        yield from not_worked_out(context, answer.item, answer.expression, "maxDecimalPlaces")
    elif decimal_places(value) > most:
        text = f"at most {most} decimal places are allowed, {decimal_places(value)} are given"
        yield answer.wrong("maxDecimalPlaces", text)
