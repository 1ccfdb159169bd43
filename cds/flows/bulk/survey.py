"""One pass over an input: its hash, its lines, what they hold, and where it can be cut."""

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cds import wire
from cds.flows.bulk.files import Folder, whole

Json = dict[str, Any]
RESPONSE, BUNDLE = "QuestionnaireResponse", "Bundle"
LARGEST_PART, SMALLEST_PART, PARTS = 4 * 1024 * 1024, 256 * 1024, 64
_HEAD = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"')
_GZIP = b"\x1f\x8b"
MARK = b"\xef\xbb\xbf"  # a byte order mark, as Windows writes it
_BLOCK = 1024 * 1024
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_CHUNK = 1024 * 1024  # no longer piece of a line is held at once


class Part(NamedTuple):
    """A stretch of an input that ends with a line; `line` is the number of its first."""

    input: int
    start: int
    end: int
    line: int
    whole: bool = False  # one JSON value of many lines, not NDJSON


class Survey(NamedTuple):
    """What one pass over an input found. `problem`: why it cannot be read."""

    name: str
    bytes: int = 0
    sha256: str = ""
    lines: int = 0
    kinds: tuple[tuple[str, int], ...] = ()
    parts: tuple[Part, ...] = ()
    packed: bool = False
    problem: str = ""

    @property
    def read(self) -> str:
        """What the manifest keeps of it besides the name."""
        return f"{self.bytes} {self.sha256} {self.problem}"


def survey(path: Path, name: str, number: int, folder: Folder) -> Survey:
    """Read an input once; a packed one is unpacked into the folder of the run."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                return _surveyed(name, number, file, path.stat().st_size)
        digest, size = _digest(path)
        _unpack(path, folder.unpacked(number))
        with folder.unpacked(number).open("rb") as file:
            found = _surveyed(name, number, file, folder.unpacked(number).stat().st_size)
        return found._replace(bytes=size, sha256=digest, packed=True)
    except (BadGzipFile, EOFError, zlib.error):
        return Survey(name, problem="is a damaged gzip file.")
    except PermissionError as error:
        return Survey(name, problem=f"cannot be read: {error.strerror}.")
    except FileNotFoundError as error:
        return Survey(name, problem=f"cannot be read: {error.strerror}.")


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _unpack(path: Path, target: Path) -> None:
    with GzipFile(path) as source, whole(target) as file:
        while block := source.read(_BLOCK):
            file.write(block)


def part_size(total: int) -> int:
    """How large the parts of an input are: the same for any number of workers."""
    return max(SMALLEST_PART, min(LARGEST_PART, total // PARTS))


def _surveyed(name: str, number: int, file: BufferedReader, size: int) -> Survey:
    if not _holds_lines(name, file):
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        part = Part(number, 0, size, 1, whole=True)
        kind = _kind(_start_of(file, size))
        return Survey(name, size, digest, 1, ((kind, 1),), (part,))
    wanted, hashed = part_size(size), hashlib.sha256()
    kinds: Counter[str] = Counter()
    parts: list[Part] = []
    start = at = lines = first = 0
    for line, length in _lines(file, hashed.update):
        lines += 1
        at += length
        if line.strip():
            kinds[_kind(line)] += 1
        if at - start >= wanted:
            parts.append(Part(number, start, at, first + 1))
            start, first = at, lines
    if at > start:
        parts.append(Part(number, start, at, first + 1))
    found = tuple(sorted(kinds.items()))
    return Survey(name, at, hashed.hexdigest(), lines, found, tuple(parts))


def _start_of(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    return file.read(min(size, wire.MAX_BYTES))


def _lines(file: BinaryIO, hashed: Callable[[bytes], object]) -> Iterator[tuple[bytes, int]]:
    """Every line, as far as it is read at once, with its whole length."""
    file.seek(0)
    while line := file.readline(_CHUNK):
        hashed(line)
        length, rest = len(line), line
        while len(rest) == _CHUNK and not rest.endswith(b"\n"):
            rest = file.readline(_CHUNK)
            hashed(rest)
            length += len(rest)
        yield line, length


def _kind(line: bytes) -> str:
    """The resource type that a line begins with, or is found to have; `?` if it has none."""
    line = line.removeprefix(MARK)
    found = _HEAD.match(line)
    if found is not None:
        return found[1].decode()
    value = wire.parse_loosely(line)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind.isalpha() else "?"


def _holds_lines(name: str, file: BinaryIO) -> bool:
    """Whether an input is NDJSON, and not one JSON value on many lines."""
    if name.endswith(_LINES):
        return True
    first = file.readline(_CHUNK).removeprefix(MARK).strip()
    second = file.readline(_CHUNK).lstrip()
    return first[:1] == b"{" and first[-1:] == b"}" and second[:1] in {b"", b"{"}
