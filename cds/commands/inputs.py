"""What a command is given: files, `-`, globs, .gz, NDJSON, Bundles; one JSON value after another.

A part that cannot be read stops no other: it comes as an `Input` with its fault, in its place.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import click

from cds.errors import Unreadable
from cds.flows.input_files import STDIN, expand
from cds.flows.validate_inputs import documents

MAX_FILE_BYTES = 256 * 1024 * 1024  # larger ones are for `bulk`, which streams
_GZIP = b"\x1f\x8b"


class Input(NamedTuple):
    """One JSON value and where it stood, or the reason why there is none.

    `where` is for people; `file` and `line` (where each line is an input) are for programs.
    `beside` is the Bundle that it came in.
    """

    where: str
    value: Any = None
    fault: Unreadable | None = None
    file: str = ""
    line: int | None = None
    beside: dict[str, Any] | None = None


def named_files(patterns: Sequence[str]) -> list[str]:
    """The files that a call names, folders walked and globs opened; none named: standard input.

    Raises:
        click.UsageError: no file is named and nothing is piped in.
    """
    if not patterns and sys.stdin.isatty():
        message = "Name a file, or pipe one in."
        raise click.UsageError(message)
    return expand(patterns or (STDIN,))


def read_inputs(
    names: Iterable[str], *, resource_type: str | None = None, stdin_filename: str | None = None
) -> Iterator[Input]:
    """Every value of the files (as `named_files` gives them), in their order.

    A Bundle is taken apart into its resources of `resource_type`, if it holds any. `stdin_filename`
    is what messages call standard input.
    """
    for name in names:
        where = (stdin_filename or "stdin") if name == STDIN else name
        stdin = sys.stdin.buffer
        for one in documents(name, stdin=stdin, where=where, resource_type=resource_type):
            fault = one.fault or _without(resource_type, one.value, one.place)
            line = one.line if one.many else None
            yield Input(one.place, one.value, fault, one.where, line, one.beside)


def _without(resource_type: str | None, value: Any, where: str) -> Unreadable | None:
    """The fault of JSON that is no resource, or of a Bundle, in which none of the wanted is."""
    match value:
        case _ if resource_type is None:
            return None
        case []:
            problem = "is an empty array."
        case list():
            problem = f"is an array without a {resource_type}."
        case dict() if value.get("resourceType") == "Bundle":
            problem = f"is a Bundle without a {resource_type}."
        case dict() | None:
            return None
        case _:
            problem = f"is JSON, but not a {resource_type}."
    return Unreadable(where, problem, f"Give a {resource_type}, or a Bundle or NDJSON with some.")


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
