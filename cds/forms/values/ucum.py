"""Quantities compared in one unit: UCUM codes read by their grammar and converted exactly.

No UCUM library for Python keeps exact decimals and is maintained. The table of atoms says what it
knows; a code with any other atom is answered with None: not known, and never guessed.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from cds.core.remember import remember
from cds.forms.values.units import METRIC, PLAIN_UNITS, PREFIXES, SCALES, Atom

UCUM = "http://unitsofmeasure.org"
_MAX_CODE = 60
_MAX_EXPONENT = 30
_MAX_KNOWN = 256
_TOKEN = re.compile(
    r"(?P<atom>10[*^]|(?:[A-Za-z%]|\[[^\[\]]+\])+(?:_j)?)(?P<exponent>[+-]?\d{1,3})?"
    r"|(?P<number>\d+)|(?P<note>\{[^{}]*\})|(?P<sign>[./()])",
    re.ASCII,
)


class Unit(NamedTuple):
    """`value * factor + offset` is in the base units of `dimension`."""

    factor: Fraction
    dimension: Mapping[str, int]
    offset: Fraction = Fraction(0)


def exact(value: object) -> Fraction | None:
    """An exact fraction; None if it is not a number, or beyond 10^±400."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or not -400 < number.adjusted() < 400:  # noqa: PLR2004 - keeps fractions small
        return None
    return Fraction(number)


_known: dict[str, Unit] = {}


def unit(code: str) -> Unit | None:
    """What a UCUM code stands for; None if it is no UCUM code or has an atom that is not known.

    >>> unit("mg/dL").dimension == unit("kg/m3").dimension, unit("furlong")
    (True, None)
    """
    found = _known.get(code)
    if found is None:
        found = _read(code)
        # What is no unit, or has a note, may be a patient's words: it is not kept.
        if found is not None and "{" not in code:
            remember(_known, code, found, _MAX_KNOWN)
    return found


def _read(code: str) -> Unit | None:
    if len(code) > _MAX_CODE:
        return None
    if code in SCALES:
        factor, offset = SCALES[code]
        return Unit(factor, MappingProxyType({"K": 1}), offset)
    try:
        tokens = _tokens(code)
        factor, dimension = _term(tokens)
    except (ValueError, IndexError):
        return None
    return Unit(factor, MappingProxyType(dimension)) if not tokens else None


def _tokens(code: str) -> list[re.Match[str]]:
    """The parts of a code, last one first."""
    found: list[re.Match[str]] = []
    at = 0
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            raise ValueError(code)
        found.append(token)
        at = token.end()
    return found[::-1]


def _term(tokens: list[re.Match[str]]) -> tuple[Fraction, dict[str, int]]:
    """One term: factors joined by `.` and `/`, worked out from the left."""
    factor, dimension = Fraction(1), dict[str, int]()
    power = 1
    if tokens[-1]["sign"] == "/":
        tokens.pop()
        power = -1
    while True:
        one, below = _component(tokens)
        factor *= one**power
        for base, exponent in below.items():
            dimension[base] = dimension.get(base, 0) + exponent * power
        if not tokens or tokens[-1]["sign"] not in {".", "/"}:
            return factor, {base: exponent for base, exponent in dimension.items() if exponent}
        power = 1 if tokens.pop()["sign"] == "." else -1


def _component(tokens: list[re.Match[str]]) -> Atom:
    token = tokens.pop()
    found: Atom = (Fraction(1), {})
    if token["sign"] == "(":
        found = _term(tokens)
        if tokens.pop()["sign"] != ")":
            raise ValueError(")")
    elif token["number"]:
        found = (Fraction(int(token["number"])), {})
    elif token["atom"]:
        factor, dimension = _atom(token["atom"])
        exponent = int(token["exponent"] or 1)
        if abs(exponent) > _MAX_EXPONENT:
            raise ValueError(exponent)
        found = factor**exponent, {base: one * exponent for base, one in dimension.items()}
    elif token["sign"]:
        raise ValueError(token["sign"])
    if not token["note"] and tokens and tokens[-1]["note"]:
        tokens.pop()  # an annotation carries no meaning
    return found


def _atom(name: str) -> Atom:
    known = PLAIN_UNITS.get(name) or METRIC.get(name)
    if known:
        return known
    for length in (1, 2):
        scale, below = PREFIXES.get(name[:length]), METRIC.get(name[length:])
        if scale and below:
            return scale * below[0], below[1]
    raise ValueError(name)


def unit_of(quantity: Mapping[str, object]) -> tuple[str | None, str | None]:
    """System and code; without a code, the unit's text stands for it."""
    system, code = quantity.get("system"), quantity.get("code")
    if isinstance(code, str):
        return (system if isinstance(system, str) else None), code
    text = quantity.get("unit")
    return None, text if isinstance(text, str) else None


def compare_quantities(left: object, right: object) -> int | None:
    """-1, 0, 1, or None where the two have no unit in common that is known here."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return None
    one, other = exact(left.get("value")), exact(right.get("value"))
    if one is None or other is None:
        return None
    if not same_unit(left, right):
        known = _unit(left), _unit(right)
        if known[0] is None or known[1] is None or known[0].dimension != known[1].dimension:
            return None
        one = one * known[0].factor + known[0].offset
        other = other * known[1].factor + known[1].offset
    return (one > other) - (one < other)


def converted(quantity: Mapping[str, object], like: Mapping[str, object]) -> Decimal | None:
    """The value of a quantity in the unit of another; None where that is not known here."""
    value = exact(quantity.get("value"))
    if value is None:
        return None
    if not same_unit(quantity, like):
        known = _unit(quantity), _unit(like)
        if known[0] is None or known[1] is None or known[0].dimension != known[1].dimension:
            return None
        value = (value * known[0].factor + known[0].offset - known[1].offset) / known[1].factor
    return Decimal(value.numerator) / Decimal(value.denominator)


def comparable(answer: Mapping[str, object], limit: Mapping[str, object]) -> bool | None:
    """Whether the two units can be compared; None where that cannot be told here.

    An answer without a code has only its text, which is not the limit's: that is settled. A code of
    another system than UCUM, or one that is not known here, may mean anything.
    """
    if same_unit(answer, limit):
        return True
    if unit_of(limit)[1] is None:
        return None
    if not isinstance(answer.get("code"), str):
        return False
    known = _unit(answer), _unit(limit)
    if known[0] is None or known[1] is None:
        return None
    return known[0].dimension == known[1].dimension


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


def _unit(quantity: Mapping[str, object]) -> Unit | None:
    system, code = unit_of(quantity)
    return unit(code) if code is not None and system == UCUM else None
