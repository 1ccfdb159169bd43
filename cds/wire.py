"""Bytes ↔ JSON: read strictly, write fast, lose no digit.

Two readers of one text must see one decision, so whatever readers disagree about is refused with
its place: duplicate keys, NaN, half surrogate pairs, a byte order mark. What could exhaust a reader
is refused as well: depth, size, numbers no measurement needs. Messages never quote a value.
"""

import re
from typing import Any

import jiter
import orjson

from cds.errors import Unreadable

# `Any` enters here: the shape of FHIR JSON is what `forms` and `record` are there to check.
JsonObject = dict[str, Any]
# JSON that is bytes already, to stand as a value in what `write` is given.
Written = orjson.Fragment
parse_own = orjson.loads  # of what `write` has written

MAX_BYTES = 16 * 1024 * 1024
MAX_NESTING = 64
MAX_DIGITS = 40
MAX_EXPONENT = 99

_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_INT64 = range(-(2**63), 2**64)


def read(data: bytes, *, max_bytes: int = MAX_BYTES, where: str = "input") -> Any:
    """The JSON value in `data`; numbers with a point or an exponent are exact `Decimal`s.

    Raises:
        Unreadable: not strict JSON, or beyond one of the limits of this module.
    """
    if len(data) > max_bytes:
        problem = f"is {len(data):,} bytes long; at most {max_bytes:,} are read."
        raise Unreadable(where, problem, "Send one response at a time, or use `bulk` for many.")
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
        raise _unreadable(data, str(error), where) from None
    _refuse_beyond_limits(data, where)
    return value


def parse_loosely(data: bytes) -> Any | None:
    """The JSON value in `data` by the fastest parser, or None if it is no JSON, or too long.

    Of two equal keys it keeps the last in silence, and floats lose digits. It is for those who find
    out whether anything was lost (`cds.forms.response.canonical`), and then read again with `read`.
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
    options = _OPTIONS
    if sort_keys:
        options |= orjson.OPT_SORT_KEYS
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
    bare = data
    if b"\\" in bare:
        bare = bare.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Leaving out letters and spaces joins what was apart, so it may raise suspicion, never lull it.
    sketch = bare.translate(None, _NO_SKETCH)
    huge = _may_hold_huge_number(sketch) and re.search(_HUGE, _outside_strings(sketch))
    if huge or may_be_deep(sketch):
        _scan(data, where)


def _may_hold_huge_number(sketch: bytes) -> bool:
    """Whether some run of characters, even inside a string, could be a number too long."""
    shape = sketch.translate(_SHAPE)
    if _LONG_RUN in shape:
        return True
    for exponent in re.finditer(_LONG_EXPONENT, shape):
        before = shape.rfind(b" ", 0, exponent.start())
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
    if nesting.count(b"{") + nesting.count(b"[") <= MAX_NESTING:
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
                    raise _at(data, token.start(), where, *_TOO_DEEP)
            case "close":
                depth -= 1
            case "number":
                if _is_huge(token[0]):
                    raise _at(data, token.start(), where, *_TOO_LONG)
            case _:
                pass  # a string


def _is_huge(number: bytes) -> bool:
    """Whether a number has more digits, or a larger exponent, than any measurement needs."""
    if sum(map(number.count, b"0123456789")) > MAX_DIGITS:
        return True
    exponent = number.lower().partition(b"e")[2]
    return bool(exponent) and abs(int(exponent)) > MAX_EXPONENT


_TOO_DEEP = (
    f"is nested more than {MAX_NESTING} deep.",
    "No FHIR response needs this; look for a loop.",
)
_TOO_LONG = (
    f"has a number of more than {MAX_DIGITS} digits, or with an exponent beyond ±{MAX_EXPONENT}.",
    "Send the measured value as it was measured.",
)
_SURROGATE = ("has half of a surrogate pair.", "Write the character itself, in UTF-8.")
_UNFINISHED = ("ends before its JSON does.", "It may have been cut off; send the whole of it.")
_NUMBER = (
    "has a number that is not JSON.",
    "Write it as 0.5, 12 or 1e3: no plus, no leading zero.",
)
_TRAILING = ("goes on after its JSON value.", "Send one value, or NDJSON (one value a line).")
_CONTROL = ("has a control character in a string.", r"Write it as an escape, such as \n.")

# What jiter says → what the sender can do. Its own words are not shown: some quote the text.
_WORDS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("EOF while", _UNFINISHED),
    ("trailing characters", _TRAILING),
    ("trailing comma", ("has a comma with nothing after it.", "Remove the comma.")),
    ("recursion limit", _TOO_DEEP),
    ("number out of range", _TOO_LONG),
    ("Internal error", _TOO_LONG),  # an exponent that Decimal cannot hold
    ("invalid number", _NUMBER),
    ("invalid unicode", ("is not UTF-8.", "Save it as UTF-8 and send it again.")),
    ("unexpected end of hex", _SURROGATE),
    ("lone leading surrogate", _SURROGATE),
    ("invalid escape", ("has an escape that JSON does not know.", r"Write a backslash as \\.")),
    ("control character", _CONTROL),
    ("key must be a string", ("has a key without double quotes.", 'Write keys as "key".')),
)
_UTF16 = ("is not UTF-8.", "It looks like UTF-16; save it as UTF-8.")
_MARKS = (
    (b"\xef\xbb\xbf", ("begins with a byte order mark.", "Save it as UTF-8 without BOM.")),
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
)
_PLACE = r" at line (\d+) column (\d+)$"
_DUPLICATE = r'Detected duplicate key "([A-Za-z][A-Za-z0-9_.-]{0,63})"'


def _unreadable(data: bytes, message: str, where: str) -> Unreadable:
    """Say what jiter refused in words that the sender can act on."""
    if not data.strip(b" \t\r\n"):
        return Unreadable(where, "is empty.", "Give a JSON document.")
    for mark, words in _MARKS:
        if data.startswith(mark):
            return _at(data, 0, where, *words)
    place = re.search(_PLACE, message)
    if place is None:
        return Unreadable(where, *_in_words(message, b""))
    offset = max(_start_of_line(data, int(place[1])) + int(place[2]) - 1, 0)
    return _at(data, offset, where, *_in_words(message, data[offset : offset + 8]))


def _in_words(message: str, found: bytes) -> tuple[str, str]:
    """Give problem and hint for one message of jiter about the text that begins with `found`."""
    if message.startswith("Detected duplicate key"):
        key = re.match(_DUPLICATE, message)
        name = f'the key "{key[1]}"' if key else "a key"
        return f"has {name} twice in one object.", "Keep one: readers differ in which they believe."
    if found.startswith((b"NaN", b"Infinity")):
        return "has a NaN or an Infinity.", "JSON has no such number; leave the element out."
    for prefix, words in _WORDS:
        if message.startswith(prefix):
            return words
    return "is not JSON.", "There is something other than a JSON value here."


def _start_of_line(data: bytes, line: int) -> int:
    """Find where a line begins; lines count from 1."""
    start = 0
    for _ in range(line - 1):
        start = data.index(b"\n", start) + 1
    return start


def _at(data: bytes, offset: int, where: str, problem: str, hint: str) -> Unreadable:
    """Build the error at a byte; the column counts characters, as an editor does."""
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode("utf-8", "replace")) + 1
    return Unreadable(where, problem, hint, line=line, column=column)
