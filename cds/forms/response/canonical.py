"""JSON read with its canonical text (sorted keys, no space), which is what a response is known by.

Both are needed for every response, and together they are had faster than one by one.
"""

from typing import Any

from cds import lossless, wire


class Parsed:
    """A JSON value and its canonical JSON.

    `unproven`: what it was read from, where it may be nested too deep.
    """

    __slots__ = ("canonical", "unproven", "value")

    def __init__(self, value: Any, canonical: bytes, unproven: bytes | None = None) -> None:
        self.value = value
        self.canonical = canonical
        self.unproven = unproven


def read_with_canonical(data: bytes, *, where: str = "input") -> Parsed:
    """The JSON value in `data`, and its canonical JSON; see `proven`.

    Raises:
        Unreadable: as `wire.read` has it.
    """
    text = data.rstrip(b"\n")
    found = lossless.whole_with_canonical(text) if len(text) <= wire.MAX_BYTES else None
    return _strictly(data, where) if found is None else Parsed(found[0], found[1], text)


def proven(parsed: Parsed, where: str) -> Parsed:
    """What strict reading makes of it: for whoever did not find it nested little.

    Raises:
        Unreadable: as `wire.read` has it.
    """
    text = parsed.unproven
    if text is None:
        return parsed
    # An escaped quote ends no string, which looking for nesting in the bytes does not know.
    if b"\\" in text or wire.may_be_deep(text):
        return _strictly(text, where)
    return Parsed(parsed.value, parsed.canonical)


def _strictly(data: bytes, where: str) -> Parsed:
    value = wire.read(data, where=where)
    return Parsed(value, wire.write(value, sort_keys=True))
