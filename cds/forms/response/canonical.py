"""JSON read with its canonical text (sorted keys, no space), which is what a response is known by.

Both are needed for every response, and together they are had faster than one by one.
"""

from typing import Any

from cds import wire

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789-", b"0000000000")


class Parsed:
    """A JSON value and its canonical JSON.

    `unproven`: what it was read from, where it is only known to be whole if it holds no number and
    is not nested deeply.
    """

    __slots__ = ("canonical", "unproven", "value")

    def __init__(self, value: Any, canonical: bytes, unproven: bytes | None = None) -> None:
        self.value = value
        self.canonical = canonical
        self.unproven = unproven


def read_with_canonical(data: bytes, *, where: str = "input") -> Parsed:
    """The JSON value in `data`, and its canonical JSON; see `proven`.

    The fastest parser keeps the last of two equal keys in silence, and floats lose digits. But of
    texts alone the canonical JSON is as long as what was read only if nothing was lost: no key, no
    space, no escape. Anything shorter is read the strict way.

    Raises:
        Unreadable: as `wire.read` has it.
    """
    text = data.rstrip(b"\n")
    # Whether it begins as compact JSON does: most that are not need not be parsed twice.
    compact = text.startswith(b'{"') and not text.startswith(b" ", text.find(b'":') + 2)
    value = wire.parse_loosely(text) if compact else None
    if type(value) is dict:
        canonical = wire.write(value, sort_keys=True)
        if len(canonical) == len(text):
            return Parsed(value, canonical, text)
    return _strictly(data, where)


def proven(parsed: Parsed, where: str) -> Parsed:
    """What strict reading makes of it: for whoever did not find just texts in it, nested little.

    Raises:
        Unreadable: as `wire.read` has it.
    """
    text = parsed.unproven
    if text is None:
        return parsed
    # An escaped quote ends no string, which looking for nesting in the bytes does not know.
    if b"\\" in text or _holds_numbers(text) or wire.may_be_deep(text):
        return _strictly(text, where)
    return Parsed(parsed.value, parsed.canonical)


def _strictly(data: bytes, where: str) -> Parsed:
    value = wire.read(data, where=where)
    return Parsed(value, wire.write(value, sort_keys=True))


def _holds_numbers(compact: bytes) -> bool:
    """Whether compact JSON may hold a number: behind a key, or in an array."""
    zeros = compact.translate(_DIGITS_TO_ZERO)
    return b'":0' in zeros or b"[0" in zeros or b",0" in zeros
