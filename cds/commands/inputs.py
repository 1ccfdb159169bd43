"""What a command is given: files, `-`, globs, .gz, NDJSON, Bundles; one JSON value after another.

A part that cannot be read stops no other: it comes as an `Input` with its fault, in its place.
"""

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import click

from cds import wire
from cds.errors import Unreadable

STDIN = "-"
MAX_FILE_BYTES = 256 * 1024 * 1024  # larger ones are for `bulk`, which streams
_GZIP = b"\x1f\x8b"
_MAGIC = frozenset("*?[")  # what makes a name a pattern


class Input(NamedTuple):
    """One JSON value and where it stood, or the reason why there is none."""

    where: str
    value: Any = None
    fault: Unreadable | None = None


def read_inputs(
    patterns: Sequence[str], *, resource_type: str | None = None, stdin_filename: str | None = None
) -> Iterator[Input]:
    """Every value of the files, in their order; no file means standard input.

    A Bundle is taken apart into its resources of `resource_type`, if it holds any. `stdin_filename`
    is what messages call standard input.

    Raises:
        click.UsageError: no file is named and nothing is piped in.
    """
    if not patterns and sys.stdin.isatty():
        message = "Name a file, or pipe one in."
        raise click.UsageError(message)
    for pattern in patterns or (STDIN,):
        for name in _expand(pattern):
            where = (stdin_filename or "stdin") if name == STDIN else name
            try:
                data = read_bytes(name, where=where)
            except Unreadable as fault:
                yield Input(where, fault=fault)
            else:
                yield from values_of(data, where=where, resource_type=resource_type)


def read_bytes(name: str, *, where: str | None = None, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """The bytes of a file or of standard input (`-`), unpacked if they are gzip.

    Raises:
        Unreadable: it cannot be opened, is damaged, or is too large.
    """
    where = where or name
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(max_bytes + 1)
    except OSError as error:
        raise Unreadable(where, f"cannot be read: {error.strerror}.", "Check the name.") from error
    if data.startswith(_GZIP):
        data = _unpacked(data, where, max_bytes)
    if len(data) > max_bytes:
        raise Unreadable(where, f"is larger than {max_bytes:,} bytes.", "Use `bulk`.")
    return data


def _unpacked(data: bytes, where: str, max_bytes: int) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as packed:
            return packed.read(max_bytes + 1)  # never more: a small file may hold a flood
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Unreadable(where, "is a damaged gzip file.", "Send it again.") from None


def values_of(data: bytes, *, where: str, resource_type: str | None = None) -> Iterator[Input]:
    """The JSON values of one file: one, or one a line, or those inside a Bundle."""
    if not _is_ndjson(data):
        yield from _value(data, where, None, resource_type)
        return
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield from _value(line, where, number, resource_type)


def _value(
    data: bytes, where: str, number: int | None, resource_type: str | None
) -> Iterator[Input]:
    place = where if number is None else f"{where}:{number}"
    try:
        value = wire.read(data, where=where)
    except Unreadable as fault:
        yield Input(place, fault=fault if number is None else _on_line(fault, number))
        return
    inside = list(_resources(value, resource_type, place))
    yield from inside or [Input(place, value)]


def _resources(value: Any, resource_type: str | None, where: str) -> Iterator[Input]:
    """The resources of one type in a Bundle; nothing if this is no Bundle, or a malformed one."""
    if not (resource_type and isinstance(value, dict) and value.get("resourceType") == "Bundle"):
        return
    entries = value.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == resource_type:
            yield Input(f"{where}: Bundle.entry[{index}].resource", resource)


def _is_ndjson(data: bytes) -> bool:
    """Whether the first line is an object by itself and another object begins below it."""
    first, _, rest = data.lstrip().partition(b"\n")
    first = first.strip()
    return first[:1] == b"{" and first[-1:] == b"}" and rest.lstrip()[:1] == b"{"


def _on_line(fault: Unreadable, number: int) -> Unreadable:
    column = fault.column if fault.line is not None else 1
    return Unreadable(fault.where, fault.problem, fault.hint, line=number, column=column)


def _expand(pattern: str) -> list[str]:
    """The files that a pattern names; one without a match stands for itself and fails when read."""
    if pattern == STDIN or _MAGIC.isdisjoint(pattern) or Path(pattern).exists():
        return [pattern]
    from glob import glob

    # Path.glob takes no absolute pattern.
    return sorted(glob(pattern, recursive=True)) or [pattern]  # noqa: PTH207
