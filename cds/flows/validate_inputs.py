"""The responses of files, streams, NDJSON (also .gz) and Bundles.

One after another in constant memory.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, cast

from cds import wire
from cds.errors import Unreadable

STDIN = "-"
RESPONSE = "QuestionnaireResponse"
# Small objects take far more memory than text: this many fit into 200 MB.
MAX_CONTAINERS = 500_000
_GZIP = b"\x1f\x8b"
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON value and where it stands.

    `text` is the JSON that holds it, which begins at `line` of the file; `steps` lead to it in
    there. `beside` is the Bundle that it came in: its form and its value sets may be there.
    """

    where: str
    value: Any = None
    text: bytes | None = None
    line: int = 1
    steps: tuple[str | int, ...] = ()
    beside: dict[str, Any] | None = None
    fault: Unreadable | None = None


def expand(patterns: Iterable[str]) -> list[str]:
    """File names, globs opened; a pattern without a match stands for itself and fails when read."""
    names: list[str] = []
    for pattern in patterns:
        if pattern == STDIN or not has_magic(pattern) or Path(pattern).exists():
            names.append(pattern)
        else:
            # Path.glob takes no absolute pattern.
            names.extend(sorted(glob(pattern, recursive=True)) or [pattern])  # noqa: PTH207
    return names


def documents(
    name: str, *, stdin: BinaryIO, where: str | None = None, max_bytes: int = wire.MAX_BYTES
) -> Iterator[Document]:
    """Every response of one file, or of standard input (`-`).

    What cannot be read comes as a fault.
    """
    # A file name need not be text; a report must be.
    where = (where or name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        with _opened(name, stdin) as stream:
            yield from _documents(stream, where, name, max_bytes)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        fault = Unreadable(where, "is a damaged gzip file.", "Send it again.")
        yield Document(where, fault=fault)
    except OSError as error:
        fault = Unreadable(where, f"cannot be read: {error.strerror}.", "Check the name.")
        yield Document(where, fault=fault)


@contextmanager
def _opened(name: str, stdin: BinaryIO) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield _unpacked(stdin)
        return
    with Path(name).open("rb") as file:
        yield _unpacked(file)


def _unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream, through gzip if it begins like gzip."""
    peek = getattr(stream, "peek", None)
    head: bytes = peek(2) if peek else b""
    if head[:2] == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    return stream


def _documents(stream: BinaryIO, where: str, name: str, max_bytes: int) -> Iterator[Document]:
    first = stream.readline(max_bytes + 1)
    stripped = first.strip()
    whole = stripped[:1] == b"{" and stripped[-1:] == b"}"
    second = stream.readline(max_bytes + 1) if whole else b""
    if name.endswith(_LINES) or (whole and second.lstrip()[:1] == b"{"):
        yield from _lines(stream, [first, second], where, max_bytes)
        return
    data = first + second
    if len(data) <= max_bytes:
        data += stream.read(max_bytes + 1 - len(data))
    yield from _document(data, where, 1, max_bytes)


def _lines(stream: BinaryIO, begun: list[bytes], where: str, max_bytes: int) -> Iterator[Document]:
    number = 0
    line = begun.pop(0)
    while line:
        number += 1
        if line.strip():
            yield from _document(line.rstrip(b"\r\n"), where, number, max_bytes)
        while len(line) > max_bytes and not line.endswith(b"\n"):
            # The rest of a line that was refused is skipped, piece by piece.
            line = stream.readline(max_bytes + 1)
        line = begun.pop(0) if begun and begun[0] else stream.readline(max_bytes + 1)


def _document(data: bytes, where: str, line: int, max_bytes: int) -> Iterator[Document]:
    if len(data) > max_bytes:
        problem = f"is longer than {max_bytes:,} bytes and was not read."
        fault = Unreadable(where, problem, "Raise --max-bytes, or send less.", line=line, column=1)
        yield Document(where, fault=fault, line=line)
        return
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        problem = f"holds more than {MAX_CONTAINERS:,} objects and arrays and was not read."
        fault = Unreadable(where, problem, "Send less at a time.", line=line, column=1)
        yield Document(where, fault=fault, line=line)
        return
    try:
        value = read_json(data, where, max_bytes)
    except Unreadable as error:
        at = line if error.line is None else line + error.line - 1
        fault = Unreadable(where, error.problem, error.hint, line=at, column=error.column or 1)
        yield Document(where, fault=fault, line=line)
        return
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        yield from _bundle(value, data, where, line)
    else:
        yield Document(where, value, data, line)


def read_json(data: bytes, where: str, max_bytes: int) -> Any:
    """The JSON value in `data`.

    Raises:
        Unreadable: as `wire.read` has it; what is another format of FHIR is called by its name.
    """
    try:
        return wire.read(data, where=where, max_bytes=max_bytes)
    except Unreadable as error:
        begin = data[:200].lstrip()
        if begin[:1] == b"<":
            problem, hint = "is XML.", "Convert it to FHIR JSON; only that is read."
        elif begin[:3] == b"---" or begin[:13] == b"resourceType:":
            problem, hint = "is YAML.", "Convert it to FHIR JSON; only that is read."
        else:
            raise
        raise Unreadable(where, problem, hint, line=1, column=1) from error


def _bundle(bundle: dict[str, Any], data: bytes, where: str, line: int) -> Iterator[Document]:
    entries = bundle.get("entry")
    count = 0
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == RESPONSE:
            count += 1
            steps = ("entry", index, "resource")
            yield Document(f"{where}#entry[{index}]", resource, data, line, steps, bundle)
    if not count:
        problem, hint = "is a Bundle without a QuestionnaireResponse.", "Nothing was validated."
        yield Document(where, fault=Unreadable(where, problem, hint, line=line, column=1))
