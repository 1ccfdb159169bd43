"""Compact JSON read at half the price of strict reading, where writing it again proves it whole.

What a reader loses makes a text shorter: a key that stands twice, a space, an escape. Nothing is
written longer than it came; only what has an exponent could be, and is not taken here. So a value
that is written as long as it was read is what strict reading makes of it. All else is left to
strict reading (`cds.wire`), which finds it sound after all, or names the place and what to do.
"""

from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any, Final

import orjson

from cds.unreadable import MAX_DIGITS, MAX_NESTING

_BEGIN: Final = 64
_SHORT: Final = 2_048  # bytes; of so few, counting brackets takes less time than writing the lists
# To load msgspec takes as long as to read this many texts strictly: a command reads fewer.
FEW_TEXTS: Final = 200
_TEXTS: Final = count()
_INMOST: Final = object()


def whole_value(text: bytes) -> Any | None:
    """The value of a JSON object or list, as `wire.read` gives it; None if it is not proven."""
    value = _parsed(text)
    if value is None:
        return None
    around, levels = (_INMOST, 0) if _nests_little(text) else _nest()
    try:
        written = orjson.dumps(around, lambda found: value if found is _INMOST else _digits(found))
    except TypeError:  # nested too deep, or an integer of more than 64 bits
        return None
    return value if len(written) == len(text) + 2 * levels else None


def whole_with_canonical(text: bytes) -> tuple[Any, bytes] | None:
    """The value of a JSON object or list, and its canonical JSON; None if it is not proven.

    How deep it is nested is left to the caller: most find it out anyway.
    """
    value = _parsed(text)
    if value is None:
        return None
    try:
        canonical = orjson.dumps(value, _digits, orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits, say
        return None
    return (value, canonical) if len(canonical) == len(text) else None


def _parsed(text: bytes) -> Any | None:
    """What the text seems to say; None if it may not be written as long as it is."""
    if not _looks_as_written(text) or next(_TEXTS) < FEW_TEXTS:
        return None
    try:
        return _decode()(text)
    except (ValueError, RecursionError):
        return None


def _looks_as_written(text: bytes) -> bool:
    """Whether a text begins as we write, and its first escape, if it has any, could be ours."""
    if not text.startswith((b'{"', b"[{")) or text.find(b'": ', 0, _BEGIN) >= 0:
        return False
    escaped = text.find(b"\\") + 1  # with no backslash, the first byte
    return not text.startswith((b"/", b"u"), escaped)


def _nests_little(text: bytes) -> bool:
    """Whether a text is short and opens too little, even within strings, to be nested too deep."""
    return len(text) <= _SHORT and text.count(b"{") + text.count(b"[") <= MAX_NESTING


@cache
def _decode() -> Callable[[bytes], Any]:
    """What reads JSON, the last of two equal keys in silence. Only keys are cached."""
    from decimal import Decimal  # noqa: PLC0415 - see FEW_TEXTS

    import msgspec  # noqa: PLC0415

    def measured(digits: str) -> object:
        if len(digits) > MAX_DIGITS or "e" in digits or "E" in digits:
            message = "may be beyond a limit, or be written longer"
            raise ValueError(message)
        return Decimal(digits)

    return msgspec.json.Decoder(float_hook=measured).decode


def _digits(number: object) -> orjson.Fragment:
    return orjson.Fragment(str(number))


@cache
def _nest() -> tuple[object, int]:
    """Lists around `_INMOST`, and how many.

    So many that orjson, which writes only so deep, writes a value there if it keeps to MAX_NESTING
    and refuses all others: so it costs no look of its own. How deep that is, it is asked itself.
    """
    deepest: list[object] = []
    for _ in range(MAX_NESTING - 1):
        deepest = [deepest]
    around, levels = _INMOST, 0
    while True:
        try:
            orjson.dumps([around], lambda _: deepest)
        except TypeError:
            return around, levels
        around, levels = [around], levels + 1
