"""JSON read with its canonical text (sorted keys, no space), which is what a response is known by.

Both are needed for every response, and together they are had faster than one by one.
"""

from typing import Any

from cds import wire

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789-", b"0000000000")


def read_with_canonical(data: bytes, *, where: str = "input") -> tuple[Any, bytes]:
    """The JSON value in `data`, and its canonical JSON.

    The fastest parser keeps the last of two equal keys in silence, and floats lose digits. But of
    texts alone the canonical JSON is as long as what was read only if nothing was lost: no key, no
    space, no escape. Anything shorter, and whatever holds a number, is read the strict way.

    Raises:
        Unreadable: as `wire.read` has it.
    """
    text = data.rstrip(b"\n")
    value = wire.parse_loosely(text)
    if type(value) is dict:
        canonical = wire.write(value, sort_keys=True)
        if len(canonical) == len(text) and not _holds_numbers(text) and not wire.may_be_deep(text):
            return value, canonical
    value = wire.read(data, where=where)
    return value, wire.write(value, sort_keys=True)


def _holds_numbers(compact: bytes) -> bool:
    """Whether compact JSON may hold a number: behind a key, or in an array."""
    zeros = compact.translate(_DIGITS_TO_ZERO)
    return b'":0' in zeros or b"[0" in zeros or b",0" in zeros
