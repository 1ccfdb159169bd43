"""Bytes ↔ JSON: read strictly, write fast, lose no digit.

Two readers of one text must see one decision, so whatever readers disagree about is refused with
its place: duplicate keys, NaN, half surrogate pairs, a byte order mark. What could exhaust a reader
is refused as well: depth, size, numbers no measurement needs. Messages never quote a value.
"""

import re
from typing import Any

import jiter
import orjson

from cds import lossless
from cds.errors import Unreadable
from cds.unreadable import (
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_NESTING,
    TOO_DEEP,
    TOO_LONG,
    as_unreadable,
    unreadable_at,
)

# `Any` enters here: the shape of FHIR JSON is what `forms` and `record` are there to check.
JsonObject = dict[str, Any]
# JSON that is bytes already, to stand as a value in what `write` is given.
Written = orjson.Fragment
parse_own = orjson.loads  # of what `write` has written

MAX_BYTES = 16 * 1024 * 1024
_BRIEF = 65_536  # bytes

_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SORTED = _OPTIONS | orjson.OPT_SORT_KEYS
_INT64 = range(-(2**63), 2**64)


def read(data: bytes, *, max_bytes: int = MAX_BYTES, where: str = "input") -> Any:
    """The JSON value in `data`; numbers with a point or an exponent are exact `Decimal`s.

    Raises:
        Unreadable: not strict JSON, or beyond one of the limits of this module.
    """
    if len(data) > max_bytes:
        problem = f"is {len(data):,} bytes long; at most {max_bytes:,} are read."
        raise Unreadable(where, problem, "Send one response at a time, or use `bulk` for many.")
    # Of more, a second parser and a second text would cost memory as well.
    value = lossless.whole_value(data.rstrip(b"\n")) if len(data) <= _BRIEF else None
    return _read_strictly(data, where) if value is None else value


def _read_strictly(data: bytes, where: str) -> Any:
    try:
        # Only keys are cached: a value may be a patient's answer and must not outlive its request.
        value = jiter.from_json(
            data,
            allow_inf_nan=False,
            cache_mode="keys",
            catch_duplicate_keys=True,
            float_mode="decimal",
        )
    except ValueError as error:
        raise as_unreadable(data, str(error), where) from None
    _refuse_beyond_limits(data, where)
    return value


def parse_loosely(data: bytes) -> Any | None:
    """The JSON value in `data` by the fastest parser, or None if it is no JSON, or too long.

    Of two equal keys it keeps the last in silence, and floats lose digits. It is for a
    first look; what counts is read again with `read`.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def write(value: object, *, sort_keys: bool = False, indent: bool = False) -> bytes:
    """`value` as UTF-8 JSON, no newline at the end; Decimals and long integers keep their digits.

    Raises:
        TypeError: a value that JSON has no form for (a date, a set, a NaN, a key that is not text).
    """
    options = _SORTED if sort_keys else _OPTIONS
    if indent:
        options |= orjson.OPT_INDENT_2
    try:
        return orjson.dumps(value, _digits, options)
    except TypeError:
        # orjson stops at 64 bits without asking `_digits`; too rare to look for before.
        return orjson.dumps(_with_long_integers(value), _digits, options)


def written(value: object) -> Written:
    """`value` as JSON that is written once, to stand for it in all that `write` is given."""
    return Written(write(value))


def _digits(value: object) -> orjson.Fragment:
    """A Decimal as it was written."""
    from decimal import Decimal  # noqa: PLC0415 - a text decision has none, and a start pays for it

    if not isinstance(value, Decimal):
        message = f"{type(value).__name__} has no JSON form."
        raise TypeError(message)
    if not value.is_finite():
        message = "NaN and infinity have no JSON form."
        raise TypeError(message)
    return orjson.Fragment(str(value))


def _with_long_integers(value: object) -> object:
    """The same value with integers over 64 bits written out."""
    match value:
        case dict():
            return {key: _with_long_integers(member) for key, member in value.items()}
        case list() | tuple():
            return [_with_long_integers(element) for element in value]
        case int() if value not in _INT64:
            return orjson.Fragment(str(value))
        case _:
            return value


# jiter nests to 200 and takes 4,300 digits. Walking the values costs as much as parsing them, so a
# few passes over the bytes settle every text within the limits: what looks suspicious is looked at
# again without its strings. Only to name the place is a text scanned token by token.
# The patterns are compiled when they are first needed (`re` keeps them): most runs need none.

_NUMERIC = b"0123456789.eE+-"
_SHAPE = bytes.maketrans(b"123456789E+" + b'"[]{}:,', b"000000000e-" + b"       ")
_NO_SKETCH = bytes(set(range(256)) - set(b'"[]{}:,' + _NUMERIC))
_NO_NESTING = bytes(set(range(256)) - set(b'"[]{}'))
_FEW = 1_000  # backslashes; of more, their pieces would take memory
_STRETCH = 32  # brackets that are counted together
# More than 40 digits in at most two runs and an exponent of two: one run has at least 20.
_LONG_RUN = b"0" * ((MAX_DIGITS - 1) // 2 + 1)
_LONG_EXPONENT = rb"0e-?000"
_HUGE = rb"[-+0-9.eE]{%d}|[0-9][eE][-+]?[0-9]{3}" % (MAX_DIGITS + 1)

_TOKEN = (
    rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<open>[\[{])|(?P<close>[\]}])'
)


def _refuse_beyond_limits(data: bytes, where: str) -> None:
    """Raise if well-formed JSON is nested too deep or holds a number beyond the limits."""
    # Leaving out letters and spaces joins what was apart, so it may raise suspicion, never lull it.
    sketch = _without_escapes(data).translate(None, _NO_SKETCH)
    huge = _may_hold_huge_number(sketch) and re.search(_HUGE, _outside_strings(sketch))
    if huge or may_be_deep(sketch):
        _scan(data, where)


def _without_escapes(data: bytes) -> bytes:
    """The text without what could be taken for the end of a string, and is none."""
    if b"\\" not in data:
        return data
    if data.count(b"\\") <= _FEW:  # cut at each, without what it escapes: a third of the time
        first, *rest = data.split(b"\\")
        if b"" not in rest:  # none stands before another
            return first + b"".join([piece[1:] for piece in rest])
    return data.replace(b"\\\\", b"").replace(b'\\"', b"")


def _may_hold_huge_number(sketch: bytes) -> bool:
    """Whether some run of characters, even inside a string, could be a number too long."""
    shape = sketch.translate(_SHAPE)
    if _LONG_RUN in shape:
        return True
    before, looked_at = -1, 0
    for exponent in re.finditer(_LONG_EXPONENT, shape):
        # A long string may hold a great many of them: nothing is looked through twice.
        before = max(before, shape.rfind(b" ", looked_at, exponent.start()))
        looked_at = exponent.start()
        if before < 0 or sketch[before] in b":,[":  # not so in a UUID, where 4e1000 is usual
            return True
    return False


def _outside_strings(bare: bytes) -> bytes:
    """The text without its strings; no quote in it is escaped, so every second one ends a string.

    Numbers stay apart: between two stands a comma or a colon.
    """
    return b"".join(bare.split(b'"')[::2])


def may_be_deep(sketch: bytes) -> bool:
    """Whether the nesting of JSON, or of what is left of it, could exceed the limit."""
    nesting = sketch.translate(None, _NO_NESTING)
    # Before a place no more can be open than was opened, and behind it than is closed.
    half = len(nesting) // 2
    opened = nesting.count(b"{", 0, half) + nesting.count(b"[", 0, half)
    closed = nesting.count(b"}", half) + nesting.count(b"]", half)
    if max(opened, closed) <= MAX_NESTING:
        return False
    # Two quotes side by side go: how many stand before a bracket stays even, or odd.
    nesting = nesting.replace(b'""', b"")
    if b'"' in nesting:  # of strings with brackets, such as the names of laboratory tests
        nesting = _outside_strings(nesting)
    depth = 0
    for start in range(0, len(nesting), _STRETCH):
        stretch = nesting[start : start + _STRETCH]
        opened = stretch.count(b"{") + stretch.count(b"[")
        if depth + opened > MAX_NESTING:  # nowhere in the stretch is it deeper than that
            return True
        depth += 2 * opened - len(stretch)
    return False


def _scan(data: bytes, where: str) -> None:
    """Read well-formed JSON token by token; raise at the first that goes beyond a limit."""
    depth = 0
    for token in re.finditer(_TOKEN, data):
        match token.lastgroup:
            case "open":
                depth += 1
                if depth > MAX_NESTING:
                    raise unreadable_at(data, token.start(), where, *TOO_DEEP)
            case "close":
                depth -= 1
            case "number":
                if _is_huge(token[0]):
                    raise unreadable_at(data, token.start(), where, *TOO_LONG)
            case _:
                pass  # a string


def _is_huge(number: bytes) -> bool:
    """Whether a number has more digits, or a larger exponent, than any measurement needs."""
    if sum(map(number.count, b"0123456789")) > MAX_DIGITS:
        return True
    exponent = number.lower().partition(b"e")[2]
    return bool(exponent) and abs(int(exponent)) > MAX_EXPONENT


def objects(value: object) -> list[JsonObject]:
    """The objects in a JSON array; nothing of anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
