"""Whether answers meet a condition `operator answer[x]`: yes, no, or not to be told.

`=` and the orders ask for one answer that does; `!=` for none that equals (value set
questionnaire-enable-operator). An order of what has none, and a text compared with a number, are
faults of the form: whether they are met is not to be told.
"""

from collections.abc import Sequence
from typing import Any

from cds.core.logic import any_of
from cds.forms.form.items import ORDERLESS, EnableWhen
from cds.forms.response.compare import MOMENTS, NUMBERS, TEXTS, equal, ordered
from cds.forms.response.tree import kind_of, value_key
from cds.forms.values.orders import Orderings, orders_of_moments, orders_of_quantities

_SAME = frozenset((0,))
_MEETING = {
    ">": frozenset((1,)),
    "<": frozenset((-1,)),
    ">=": frozenset((0, 1)),
    "<=": frozenset((-1, 0)),
    "=": frozenset((0,)),
}


def condition_holds(when: EnableWhen, answers: Sequence[dict[str, Any]]) -> bool | None:
    """Whether a condition holds, given all answers (each with a value) to its question.

    Without an answer only `exists = false` does.
    """
    if when.operator == "exists":
        return bool(answers) is (when.answer is not False)
    if when.mistaken and answers:
        return None
    if when.operator == "!=":
        same = any_of([_meets(answer, when, "=") for answer in answers])
        return bool(answers) and (None if same is None else not same)
    return any_of([_meets(answer, when, when.operator) for answer in answers])


def _meets(answer: dict[str, Any], when: EnableWhen, operator: str) -> bool | None:
    key = value_key(answer)
    if key is None:
        return False
    kind, value = kind_of(key), answer[key]
    if operator != "=" and when.kind in ORDERLESS:
        return None
    if kind in MOMENTS and when.kind in MOMENTS:
        orders = orders_of_moments(kind, value, when.kind, when.answer)
        if orders == _SAME and operator == "=" and not equal(kind, value, when.kind, when.answer):
            return None  # a day of the month that is asked for
        return False if orders is None else _told(orders, operator)
    if kind == when.kind == "Quantity":
        return _quantity(value, when.answer, operator)
    if operator == "=":
        return equal(kind, value, when.kind, when.answer)
    if not (kind in NUMBERS and when.kind in NUMBERS) and not (
        kind in TEXTS and when.kind in TEXTS
    ):
        return False
    order = ordered(kind, value, when.kind, when.answer)
    return False if order is None else order in _MEETING[operator]


def _told(orders: Orderings, operator: str) -> bool | None:
    if orders <= _MEETING[operator]:
        return True
    return None if orders & _MEETING[operator] else False


def _quantity(value: Any, expected: Any, operator: str) -> bool | None:
    orders = orders_of_quantities(value, expected)
    if orders is not None:
        return _told(orders, operator)
    from cds.forms.values.ucum import comparable  # noqa: PLC0415 - the table of units, as above

    if not isinstance(value, dict) or not isinstance(expected, dict):
        return False
    # Units that cannot be converted are not equal; which of two is more is asked in vain.
    return False if operator == "=" and comparable(value, expected) is False else None
