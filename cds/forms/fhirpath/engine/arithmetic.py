"""The arithmetic of FHIRPath: numbers, texts, quantities, and dates with durations."""

import math
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from fractions import Fraction
from typing import Any

from cds.forms.fhirpath.engine.moments import DEFINITE, Moment, added
from cds.forms.fhirpath.engine.values import (
    Collection,
    Failed,
    Quantity,
    Refused,
    is_number,
    refuse_quantities,
    single_value,
)
from cds.forms.values.ucum import unit as ucum_unit

_INTEGERS = range(-(2**31), 2**31)
_DURATIONS = {code: name for name, code in DEFINITE.items()}


def apply(operator: str, left: Collection, right: Collection) -> Any:
    """The result of `left operator right`; None where it is empty."""
    one, other = single_value(left), single_value(right)
    if operator == "&":
        return _joined(one) + _joined(other)
    if one is None or other is None:
        return None
    if is_number(one) and is_number(other):
        return _numbers(operator, one, other)
    if operator == "+" and isinstance(one, str) and isinstance(other, str):
        return one + other
    refuse_quantities(one, other)
    if isinstance(one, Moment) and isinstance(other, Quantity) and operator in {"+", "-"}:
        return _moment(one, other if operator == "+" else Quantity(-other.value, other.unit))
    if isinstance(one, Quantity) or isinstance(other, Quantity):
        return _quantities(operator, _as_quantity(one), _as_quantity(other))
    raise Failed(f"'{operator}' is not defined for these types")


def _joined(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Failed("'&' joins texts")
    return value


def _numbers(operator: str, one: Any, other: Any) -> Any:
    if operator in {"/", "div", "mod"} and other == 0:
        return None
    try:
        match operator:
            case "+":
                return in_range(one + other)
            case "-":
                return in_range(one - other)
            case "*":
                return in_range(one * other)
            case "/":
                return Decimal(one) / Decimal(other)
            case "div":
                return in_range(
                    int((Decimal(one) / Decimal(other)).to_integral_value("ROUND_DOWN"))
                )
            case _:
                rest = Decimal(one) % Decimal(other)  # of the sign of the dividend
                whole = isinstance(one, int) and isinstance(other, int)
                return int(rest) if whole else rest
    except DecimalException:
        raise Refused("a number is too large or too small") from None


def in_range(value: Any) -> Any:
    """A number as it is; None for an integer that FHIRPath cannot hold."""
    if isinstance(value, int) and not isinstance(value, bool) and value not in _INTEGERS:
        return None
    return value


def _moment(moment: Moment, amount: Quantity) -> Moment | None:
    name = _DURATIONS.get(amount.unit, amount.unit)
    if amount.unit in {"s", "ms"} and amount.value != int(amount.value):
        raise Refused("a fraction of a second is not added")
    try:
        return added(moment, amount.value, name)
    except ValueError:
        raise Failed("a duration of the calendar is expected") from None


def _as_quantity(value: Any) -> Quantity:
    if isinstance(value, Quantity):
        return value
    if not is_number(value):
        raise Failed("a quantity goes with a quantity or a number")
    return Quantity(Decimal(value), "")  # a number has no unit, which is not the unit 1


def _quantities(operator: str, one: Quantity, other: Quantity) -> Any:
    if operator in {"+", "-"}:
        if one.unit != other.unit:
            one, other = _in_the_finer(one, other)
        sign = 1 if operator == "+" else -1
        return Quantity(one.value + sign * other.value, one.unit)
    if operator == "*" and one.unit == "":
        one, other = other, one
    if operator in {"*", "/"} and other.unit in {"", "1"}:
        value = _numbers(operator, one.value, other.value)
        return None if value is None else Quantity(Decimal(value), one.unit)
    if "" in {one.unit, other.unit}:
        raise Failed(f"'{operator}' is not defined for a number and a quantity")
    if operator == "/" and one.unit == other.unit and ucum_unit(one.unit) is not None:
        value = _numbers("/", one.value, other.value)
        return None if value is None else Quantity(Decimal(value))
    raise Refused("arithmetic over two units is not worked out")


def _in_the_finer(one: Quantity, other: Quantity) -> tuple[Quantity, Quantity]:
    """Two quantities in the more granular of their units, where that is exact."""
    if "" in {one.unit, other.unit}:
        raise Failed("a number is not added to a quantity")
    left, right = ucum_unit(one.unit), ucum_unit(other.unit)
    known = left is not None and right is not None
    if left is None or right is None or left.offset or right.offset:
        raise Refused("temperatures are not added" if known else "a unit is not known here")
    if left.dimension != right.dimension:
        raise Refused("quantities of two kinds are added")
    finer, factor = (
        (one.unit, left.factor) if left.factor <= right.factor else (other.unit, right.factor)
    )
    return (
        Quantity(_exactly(one.value, left.factor / factor), finer),
        Quantity(_exactly(other.value, right.factor / factor), finer),
    )


def _exactly(value: Decimal, factor: Fraction) -> Decimal:
    made = Fraction(value) * factor
    rest = made.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        raise Refused("one unit is not a finite number of the other")
    return Decimal(made.numerator) / Decimal(made.denominator)


def rounded(value: Any, places: int) -> Decimal:
    """Half away from zero, to so many places."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def whole(value: Any, how: str) -> int:
    """The integer above, below or towards zero."""
    return int(Decimal(value).to_integral_value(how))


def root_of(value: Any) -> Decimal | None:
    """The square root; None of a negative number."""
    return None if value < 0 else Decimal(value).sqrt()


def power(base: Any, exponent: Any) -> Any:
    """`base` to the power of `exponent`; None where the result is no real number."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) > 1 and exponent > 64:  # noqa: PLR2004 - beyond every integer of FHIRPath
            return None
        return in_range(base**exponent)
    if base < 0 and Decimal(exponent) != int(exponent):
        return None
    try:
        return Decimal(base) ** Decimal(exponent)
    except DecimalException:
        return None


def logarithm(value: Any, base: Any = None) -> Decimal | None:
    """The natural logarithm, or that of a base; None where there is none."""
    if value <= 0 or (base is not None and (base <= 0 or base == 1)):
        return None
    natural = Decimal(value).ln()
    if base is None:
        return natural
    found = natural / Decimal(base).ln()
    # 3 of log(8, 2) comes out as 2.999…: what is a whole number is given as one.
    near = Decimal(math.floor(found + Decimal("0.5")))
    return near if abs(found - near) < Decimal("1e-20") else found
