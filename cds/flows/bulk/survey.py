"""One pass over an input: its lines, what they hold, and where it can be cut."""

import hashlib
import re
import shutil
import zlib
from collections.abc import Sequence
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cds import wire
from cds.core.account import Missing
from cds.flows.bulk.files import Folder, write_whole
from cds.forms.elements.definitions import RESPONSE
from cds.record.matters import is_another_matter

BUNDLE = "Bundle"
LARGEST_PART, SMALLEST_PART, _PARTS = 8 * 1024 * 1024, 256 * 1024, 64
_HEAD = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"')
_GZIP = b"\x1f\x8b"
MARK = b"\xef\xbb\xbf"  # a byte order mark, as Windows writes it
_READ = 256 * 1024  # what the cache of a core holds is looked at fastest
_BLOCK = 1024 * 1024  # no longer piece of a line is held at once
_WORD = re.compile("[A-Za-z]*")  # how a file of an export is named
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")


class Part(NamedTuple):
    """A stretch of an input that ends with a line; `line` is the number of its first."""

    input: int
    start: int
    end: int
    line: int
    whole: bool = False  # one JSON value of many lines, not NDJSON


class Survey(NamedTuple):
    """What one pass over an input found. `problem`: why it, or all of it, cannot be read."""

    name: str
    bytes: int = 0
    sha256: str = ""  # empty for NDJSON: its hash is a task by itself
    lines: int = 0
    kinds: tuple[str, ...] = ()  # `?`: lines of which nobody can say
    parts: tuple[Part, ...] = ()
    packed: bool = False
    problem: str = ""
    stamp: str = ""  # of what is read in parts: its size, and when it was written

    @property
    def is_known(self) -> bool:
        """Whether its hash is known, or it can have none."""
        return bool(self.sha256 or (self.problem and not self.parts))

    def counted(self, resources: int) -> "Survey":
        """The same, cut short if it has fewer lines than its export says it has resources."""
        if self.problem or self.lines >= resources or any(part.whole for part in self.parts):
            return self
        lines = "1 line" if self.lines == 1 else f"{self.lines:,} lines"
        problem = f"has {lines}; the manifest of its export counts {resources:,} resources."
        return self._replace(problem=problem)


def stamp_of(path: Path) -> str:
    """What differs as soon as somebody writes to a file."""
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


def survey(path: Path, name: str, number: int, folder: Folder) -> Survey:
    """Read an input once; a packed one is unpacked into the folder of the run."""
    try:
        stamp = stamp_of(path)
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                return _surveyed(name, number, file, path.stat().st_size)._replace(stamp=stamp)
        digest, size = digest_of(path), path.stat().st_size
        unpacked = folder.unpacked(number)
        with GzipFile(path) as source, write_whole(unpacked) as target:
            shutil.copyfileobj(source, target, _BLOCK)
        if stamp_of(path) != stamp:
            return Survey(name, problem="was written to while it was read.")
        with unpacked.open("rb") as file:
            found = _surveyed(name, number, file, unpacked.stat().st_size)
        stamp = stamp_of(unpacked)
        return found._replace(bytes=size, sha256=digest, packed=True, stamp=stamp)
    except (BadGzipFile, EOFError, zlib.error):
        return Survey(name, problem="is a damaged gzip file.")
    except (PermissionError, FileNotFoundError) as error:
        return Survey(name, problem=f"cannot be read: {error.strerror}.")


def digest_of(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def part_size(total: int) -> int:
    """How large the parts of an input are: the same for any number of workers."""
    return max(SMALLEST_PART, min(LARGEST_PART, total // _PARTS))


def _surveyed(name: str, number: int, file: BufferedReader, size: int) -> Survey:
    if not _holds_lines(name, file):
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        part = Part(number, 0, size, 1, whole=True)
        file.seek(0)
        kind = line_type(file.read(min(size, wire.MAX_BYTES)))
        return Survey(name, size, digest, 1, (kind,), (part,))
    return survey_lines(name, number, file, size)


def survey_lines(name: str, number: int, file: BinaryIO, size: int) -> Survey:
    """One pass over NDJSON, piece by piece; of a long line no more is held than a piece."""
    wanted = part_size(size)
    kinds: set[str] = set()
    parts: list[Part] = []
    start = at = lines = first = 0
    file.seek(0)
    while block := file.read(min(wanted - (at - start), _READ)):
        at += len(block)
        rest = block
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(_BLOCK)
            at += len(rest)
            if len(block) <= _BLOCK:
                block += rest
        ended = block.endswith(b"\n") or rest.endswith(b"\n")
        lines += _look(block, kinds)
        if at - start >= wanted or not ended:
            parts.append(Part(number, start, at, first + 1))
            start, first = at, lines
    if at > start:
        parts.append(Part(number, start, at, first + 1))
    return Survey(name, at, "", lines, tuple(sorted(kinds)), tuple(parts))


def _look(block: bytes, kinds: set[str]) -> int:
    """How many lines there are; their kinds are added. What begins as the first is of its kind."""
    head = _HEAD.match(block)
    usual = head[0] if head is not None else b"\n"
    if head is not None:
        kinds.add(head[1].decode())
    lines = at = 0
    while at < len(block):
        end = block.find(b"\n", at) + 1 or len(block)
        if not block.startswith(usual, at) and (line := block[at:end]).strip():
            kinds.add(line_type(line))
        lines, at = lines + 1, end
    return lines


def line_type(line: bytes) -> str:
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
    first = file.readline(_BLOCK).removeprefix(MARK).strip()
    second = file.readline(_BLOCK).lstrip()
    return first[:1] == b"{" and first[-1:] == b"}" and second[:1] in {b"", b"{"}


def lost_parts(surveys: Sequence[Survey]) -> tuple[Missing, ...]:
    """What every record lacks where a file that may hold some of it could not be read.

    A file with the name of a FHIR type, as exports have them, holds some, but for responses and
    other matters. One with any other name may, where the other files hold records.
    """
    named = [_named(one.name) for one in surveys if one.problem]
    if not named:
        return ()
    # Loaded only where a file could not be read.
    from cds.forms.elements.resource_types import RESOURCE_TYPES  # noqa: PLC0415

    types = {one.lower().removesuffix("s"): one for one in RESOURCE_TYPES}
    meant = [types.get(one.lower().removesuffix("s"), one) for one in named]
    lost = [one for one in meant if one != RESPONSE and not is_another_matter(one)]
    kinds = {kind for one in surveys for kind in one.kinds}
    if not RESOURCE_TYPES.isdisjoint(lost) or (lost and not kinds <= {RESPONSE}):
        return (Missing("a part of the record", "a file of it could not be read"),)
    return ()


def _named(name: str) -> str:
    found = _WORD.match(Path(name).name)
    return found[0] if found is not None else ""
