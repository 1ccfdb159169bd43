"""Quantities within their limits and in the units that the form allows."""

from collections.abc import Iterator
from typing import Any

from cds.forms.checks.bounds import bound_of, not_worked_out
from cds.forms.checks.context import Answer, Context, shown
from cds.forms.checks.terminology import is_member
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.response.compare import number
from cds.forms.values.orders import orders_of_quantities
from cds.forms.values.ucum import comparable, exact, unit_of

UNIT_OPEN = ext.SDC + "unitOpen"
_LIMITS = (
    ("minValue", ext.MIN_QUANTITY, -1, "least"),
    ("minValue", ext.MIN_VALUE, -1, "least"),
    ("maxValue", ext.MAX_QUANTITY, 1, "most"),
    ("maxValue", ext.MAX_VALUE, 1, "most"),
)


def check_quantities(context: Context) -> Iterator[Issue]:
    """Judge every Quantity: limits (converted between UCUM units), unit options, unit value set."""
    for answer in context.of("Quantity"):
        yield from _limits(context, answer)
        yield from _units(context, answer)


def _limits(context: Context, answer: Answer) -> Iterator[Issue]:
    for rule, url, wrong, word in _LIMITS:
        if url not in answer.item.extensions:
            continue
        if answer.value.get("value") is None:
            yield from _without_value(context, answer, rule)
            continue
        limit = _limit(context, answer, url)
        if limit is None:
            yield from not_worked_out(context, answer.item, answer.expression, rule)
            continue
        orders = orders_of_quantities(answer.value, limit)
        if orders is None:
            yield from _incomparable(context, answer, rule, limit)
        elif orders == {wrong}:
            yield answer.wrong(rule, f"at {word} {shown(limit)} is allowed")
        elif wrong in orders and context.first(f"{rule}Comparator", answer.item):
            text = f"'{answer.value.get('comparator')}' does not tell whether it keeps the limit"
            yield answer.issue("limitNotChecked", text)


def _without_value(context: Context, answer: Answer, rule: str) -> Iterator[Issue]:
    if context.first(f"{rule}Value", answer.item):
        text = f"the answer has no value: whether it keeps the form's {rule} is not told"
        help_ = "Not checked: give the quantity a value."
        yield answer.issue("limitNotChecked", text, help_=help_)


def _limit(context: Context, answer: Answer, url: str) -> Any | None:
    """The limit as a Quantity; None if it cannot be read or worked out.

    A bare number is in the unit that the form gives the item, if it gives one.
    """
    bound = bound_of(context, answer.node, answer.item, url)
    if bound is None or bound[0] == "Quantity":
        return None if bound is None else bound[1]
    if number(bound[1]) is None:
        return None
    coding = ext.first_value(answer.item.extensions, ext.UNIT)
    unit = coding if isinstance(coding, dict) else {}
    known = {name: unit[name] for name in ("system", "code") if name in unit}
    if "display" in unit and "code" not in unit:
        known["unit"] = unit["display"]
    return {"value": bound[1], **known}


def _incomparable(context: Context, answer: Answer, rule: str, limit: Any) -> Iterator[Issue]:
    """The units do not fit each other, or it is not known here whether they do."""
    if not isinstance(limit, dict) or exact(limit.get("value")) is None:
        yield from not_worked_out(context, answer.item, answer.expression, rule)
    elif exact(answer.value.get("value")) is None:
        return  # what is no number is reported by its shape
    elif comparable(answer.value, limit) is False:
        text = f"the unit cannot be compared with the form's limit {shown(limit)}"
        yield answer.wrong(f"{rule}IncompatUnits", text)
    elif context.first(f"{rule}Unit", answer.item):
        text = f"cannot tell whether the unit is comparable with the form's limit {shown(limit)}"
        help_ = "Not checked: use a UCUM code for the unit."
        yield answer.wrong("limitNotChecked", text, help_=help_)


def _units(context: Context, answer: Answer) -> Iterator[Issue]:
    item, value = answer.item, answer.value
    if ext.first_value(item.extensions, UNIT_OPEN) not in (None, "optionsOnly"):
        return
    options = [
        typed[1]
        for extension in item.extensions.get(ext.UNIT_OPTION, ())
        if (typed := ext.value_of(extension))
    ]
    canonical = ext.first_value(item.extensions, ext.UNIT_VALUE_SET)
    if any(_is_unit(value, option) for option in options):
        return
    if options and canonical is None:
        names = ", ".join(
            str(option.get("code") or option.get("display"))
            for option in options[:8]
            if isinstance(option, dict)
        )
        yield answer.wrong("invalidUnit", f"the unit is not one of: {names}")
    if isinstance(canonical, str):
        system, code = unit_of(value)
        membership = is_member(context, canonical, {"system": system, "code": code})
        if membership.holds is None:
            if context.first("valueSetNotChecked", item):
                text = f"the unit value set cannot be checked ({membership.reason})"
                yield answer.issue("valueSetNotChecked", text, diagnostics=canonical)
        elif not membership.holds:
            text = "the unit is not in the value set of the form"
            yield answer.wrong("invalidUnitValueSet", text, diagnostics=canonical)


def _is_unit(quantity: dict[str, Any], option: object) -> bool:
    if not isinstance(option, dict):
        return False
    if quantity.get("code") is not None:
        return bool(quantity["code"] == option.get("code")) and quantity.get(
            "system"
        ) == option.get("system")
    unit = quantity.get("unit")
    return isinstance(unit, str) and unit in {str(option.get("code")), str(option.get("display"))}
