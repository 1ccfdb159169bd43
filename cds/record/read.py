"""Bytes of a record → its resources: a Bundle of any type, NDJSON, or one resource.

A large Bundle is read entry by entry and never held whole; the same strictness holds for both.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

import ijson

from cds import wire
from cds.errors import Unreadable
from cds.wire import JsonObject

# Up to here a document is read at once, by the stricter and faster reader.
AT_ONCE = 2 * 1024 * 1024
MAX_RESOURCE = wire.MAX_BYTES


class _Strict(dict[str, object]):
    """An object that refuses a second value for one key, as the reader of small documents does."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in self:
            raise _Twice
        super().__setitem__(key, value)


class _Twice(ValueError):
    """A key stands twice in one object."""


def read_record(source: bytes | BinaryIO, *, where: str = "record") -> Iterator[JsonObject]:
    """The entries of a Bundle ({fullUrl, resource}), the lines of an NDJSON file, or one resource.

    `facts_of` takes what comes out of here, in any mixture.

    Raises:
        Unreadable: not strict JSON, or not FHIR.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(AT_ONCE + 1)
    first, newline, rest = head.partition(b"\n")
    if not head.strip():
        raise Unreadable(where, "is empty.", "Hand in a FHIR Bundle, a resource or NDJSON.")
    if newline and first.strip() and rest.strip() and _is_whole(first, where):
        yield from _lines(head, stream, where)
    elif len(head) <= AT_ONCE:
        yield from _entries_of(wire.read(head, where=where), where)
    else:
        yield from _streamed(head, stream, where)


def _is_whole(line: bytes, where: str) -> bool:
    """Whether one line is an object of its own; the first line of an indented document is not."""
    text = line.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    try:
        return isinstance(wire.read(text, where=where), dict)
    except Unreadable:
        return False


def _lines(head: bytes, stream: BinaryIO, where: str) -> Iterator[JsonObject]:
    number, rest = 0, head
    while rest:
        *lines, rest = rest.split(b"\n")
        for line in lines:
            number += 1
            yield from _line(line, f"{where}: line {number}")
        more = stream.read(AT_ONCE)
        if not more:
            yield from _line(rest, f"{where}: line {number + 1}")
            return
        rest += more
        if len(rest) > MAX_RESOURCE + AT_ONCE and b"\n" not in rest:
            raise Unreadable(f"{where}: line {number + 1}", "is too long.", "One resource a line.")


def _line(line: bytes, where: str) -> Iterator[JsonObject]:
    if line.strip():
        yield from _entries_of(wire.read(line, where=where), where)


def _entries_of(document: object, where: str) -> Iterator[JsonObject]:
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        hint = "Hand in a FHIR Bundle, a resource or NDJSON."
        raise Unreadable(where, "is not a FHIR resource.", hint)
    if document["resourceType"] != "Bundle":
        yield document
        return
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise Unreadable(
            f"{where}: Bundle.entry", "is not a list.", "Each entry holds one resource."
        )
    yield from (entry for entry in entries if isinstance(entry, dict))


def _streamed(head: bytes, stream: BinaryIO, where: str) -> Iterator[JsonObject]:
    """The entries of a Bundle that is too large to hold."""
    _check_is_bundle(head, where)
    joined = _Joined(head, stream)
    try:
        for entry in ijson.items(joined, "entry.item", map_type=_Strict):
            if isinstance(entry, dict):
                yield entry
    except _Twice:
        raise Unreadable(where, "has a key twice in one object.", "Write it once.") from None
    except (ijson.JSONError, UnicodeDecodeError, ValueError):
        raise Unreadable(where, "is not JSON from some point on.", "Send it whole.") from None


def _check_is_bundle(head: bytes, where: str) -> None:
    """Look for the resourceType before the entries; named after them, it is believed."""
    try:
        for prefix, event, value in ijson.parse(io.BytesIO(head)):
            if prefix == "resourceType" and value != "Bundle":
                raise Unreadable(
                    where, f"is too large for one {event}.", "Send a Bundle or NDJSON."
                )
            if prefix in {"resourceType", "entry"}:
                return
    except (ijson.JSONError, UnicodeDecodeError):
        pass  # the head ends in the middle of something; what follows it is read, or refused, below
    raise Unreadable(where, "is not a FHIR Bundle.", "Hand in a FHIR Bundle, a resource or NDJSON.")


class _Joined:
    """The head that was read already and the rest of the stream, as one stream."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        return self._head.read(size) or self._stream.read(size)
