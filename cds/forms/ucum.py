"""Quantities compared in one unit: UCUM codes of a table of common units, converted exactly.

No UCUM library for Python keeps exact decimals and is maintained; a table says what it knows, and
what it does not know is answered with None: not comparable, never guessed.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from cds.forms.units import UNITS

ANNOTATION = re.compile(r"\{[^{}]*\}")
UCUM = "http://unitsofmeasure.org"


def exact(value: object) -> Fraction | None:
    """A JSON number as a fraction, digits kept.

    None for anything else or for a number out of all measure.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or not -400 < number.adjusted() < 400:  # noqa: PLR2004 - keeps fractions small
        return None
    return Fraction(number)


def factor_of(code: str) -> tuple[str, Fraction, Fraction] | None:
    """Dimension, factor and offset of a UCUM code to the base of its dimension; None if not known.

    Reads `unit`, `unit/unit` and `/unit` over the table; annotations in braces carry no meaning in
    UCUM.

    >>> factor_of("mg/dL")[0], factor_of("furlong")
    ('mass/volume', None)
    """
    bare = ANNOTATION.sub("", code) or "1"
    top, *per = bare.split("/")
    unit = UNITS.get(top or "1")
    if unit is None or not per:
        return unit
    dimension, factor, offset = unit
    for code_below in per:
        below = UNITS.get(code_below or "1")
        if below is None or below[2] or offset:
            return None
        dimension, factor = f"{dimension}/{below[0]}", factor / below[1]
    return dimension, factor, offset


def unit_of(quantity: Mapping[str, object]) -> tuple[str | None, str | None]:
    """System and code; without a code, the unit's text stands for it."""
    system, code = quantity.get("system"), quantity.get("code")
    if isinstance(code, str):
        return (system if isinstance(system, str) else None), code
    unit = quantity.get("unit")
    return None, unit if isinstance(unit, str) else None


def compare_quantities(left: object, right: object) -> int | None:
    """-1, 0, 1, or None where the two have no unit in common that this table knows."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return None
    one, other = exact(left.get("value")), exact(right.get("value"))
    if one is None or other is None:
        return None
    if not same_unit(left, right):
        known = _factor(left), _factor(right)
        if known[0] is None or known[1] is None or known[0][0] != known[1][0]:
            return None
        one = one * known[0][1] + known[0][2]
        other = other * known[1][1] + known[1][2]
    return (one > other) - (one < other)


def same_unit(left: Mapping[str, object], right: Mapping[str, object]) -> bool:
    """Whether both carry one unit: equal system and code; without codes, equal unit texts.

    A unit without a code is compared with the code of the other as a text.
    """
    if isinstance(left.get("code"), str) == isinstance(right.get("code"), str):
        return unit_of(left) == unit_of(right)
    one, other = unit_of(left)[1], unit_of(right)[1]
    if one is None or other is None:
        return False
    return one == other or (isinstance(left.get("unit"), str) and left["unit"] == right.get("unit"))


def _factor(quantity: Mapping[str, object]) -> tuple[str, Fraction, Fraction] | None:
    system, code = unit_of(quantity)
    return factor_of(code) if code is not None and system == UCUM else None
