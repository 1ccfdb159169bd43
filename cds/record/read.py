"""Bytes of a record → its resources: a Bundle of any type, NDJSON, or one resource.

A large Bundle is read entry by entry and never held whole.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

from cds import wire
from cds.errors import Unreadable
from cds.record.entries import entries_of
from cds.record.walk import envelope_of, is_match
from cds.wire import JsonObject

# Up to here a document is read at once, by the stricter and faster reader.
AT_ONCE = 2 * 1024 * 1024
MAX_RESOURCE = wire.MAX_BYTES


def read_record(source: bytes | BinaryIO, *, where: str = "record") -> Iterator[JsonObject]:
    """The entries of a Bundle ({fullUrl, resource}), the lines of an NDJSON file, or one resource.

    What a Bundle says of its own completeness comes last, as a Bundle without entries. `facts_of`
    takes what comes out of here, in any mixture.

    Raises:
        Unreadable: not strict JSON, or not FHIR.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(AT_ONCE + 1)
    first, newline, rest = head.partition(b"\n")
    if not head.strip():
        raise Unreadable(where, "is empty.", "Give a FHIR Bundle, a resource or NDJSON.")
    if newline and first.strip() and rest.strip() and _is_whole(first, where):
        yield from _lines(head, stream, where)
    elif len(head) <= AT_ONCE:
        yield from _entries_of(wire.read(head, where=where), where)
    else:
        yield from entries_of(head, stream, where)


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
        hint = "Give a FHIR Bundle, a resource or NDJSON."
        raise Unreadable(where, "is not a FHIR resource.", hint)
    if document["resourceType"] != "Bundle":
        yield document
        return
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise Unreadable(
            f"{where}: Bundle.entry", "is not a list.", "Each entry holds one resource."
        )
    yield from (entry if isinstance(entry, dict) else {} for entry in entries)
    yield from envelope_of(document, sum(map(is_match, entries)))
