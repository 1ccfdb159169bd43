"""What a name on the command line stands for: files, folders, globs, standard input, archives.

Each comes as one stream of bytes, unpacked and without a byte order mark, in constant memory.
"""

import io
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from cds.errors import Unreadable

STDIN = "-"
_MAGIC = frozenset("*?[")  # what makes a name a pattern
_ENDINGS = tuple(
    f".{kind}{packed}" for kind in ("json", "ndjson", "jsonl") for packed in ("", ".gz")
)
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_MARK = b"\xef\xbb\xbf"  # a byte order mark, as Windows writes it
_MAX_MEMBERS = 100_000


class Stream(NamedTuple):
    """One stream of bytes and what messages call it, or the fault in its place."""

    name: str
    bytes: BinaryIO | None = None
    fault: Unreadable | None = None


def expand(patterns: Iterable[str]) -> list[str]:
    """File names; globs opened, folders walked for JSON and NDJSON files (also .gz), sorted.

    A pattern without a match, or a folder without such a file, stands for itself and fails when it
    is read.
    """
    names: list[str] = []
    for pattern in patterns:
        if pattern == STDIN or _MAGIC.isdisjoint(pattern) or Path(pattern).exists():
            names.extend(_walked(pattern))
        else:
            from glob import glob  # noqa: PLC0415 - few names are patterns

            # Path.glob takes no absolute pattern.
            found = sorted(glob(pattern, recursive=True)) or [pattern]  # noqa: PTH207
            names.extend(name for one in found for name in _walked(one))
    return names


def is_folder(name: str) -> bool:
    """Whether the name is that of a folder."""
    return name != STDIN and Path(name).is_dir()


def _walked(name: str) -> list[str]:
    if not is_folder(name):
        return [name]
    inside = Path(name).rglob("*")
    return sorted(str(one) for one in inside if one.name.endswith(_ENDINGS)) or [name]


def streams(name: str, stdin: BinaryIO, where: str) -> Iterator[Stream]:
    """The bytes of a file, or of each file in a zip archive; read one before asking for the next.

    A damaged archive, and a member that cannot be read, come as faults in their place.
    """
    try:
        if name == STDIN:
            yield from _of(stdin, where)
            return
        if is_folder(name):
            yield Stream(where, fault=empty_folder(where))
            return
        with Path(name).open("rb") as file:
            yield from _of(file, where)
    except (EOFError, zlib.error):
        yield Stream(where, fault=damaged(where))
    except OSError as error:
        # BadGzipFile is one, and has no strerror.
        fault = Unreadable(where, f"cannot be read: {error.strerror}.", "Check the name.")
        yield Stream(where, fault=fault if error.strerror else damaged(where))


def empty_folder(where: str) -> Unreadable:
    """The fault of a folder in which nothing is to be read."""
    hint = f"Name a folder with files that end in {', '.join(_ENDINGS[::2])} (or .gz)."
    return Unreadable(where, "is a folder without JSON or NDJSON files.", hint)


def damaged(where: str) -> Unreadable:
    """The fault of an archive that ends too early or is not what it begins like."""
    return Unreadable(where, "is a damaged archive.", "Send it again.")


def _of(stream: BinaryIO, where: str) -> Iterator[Stream]:
    peeked = _peekable(stream)
    begin = peeked.peek(4)[:4]
    if begin == _ZIP:
        yield from _members(peeked, where)
    elif begin[:2] == _GZIP:
        import gzip  # noqa: PLC0415 - few files are packed

        yield Stream(where, _unmarked(cast(BinaryIO, gzip.GzipFile(fileobj=peeked))))
    else:
        yield Stream(where, _unmarked(cast(BinaryIO, peeked)))


def _members(stream: BufferedReader, where: str) -> Iterator[Stream]:
    """The files of a zip archive in their order; what is locked, or no JSON by its name, apart."""
    import zipfile  # noqa: PLC0415 - few files are archives

    whole = stream if stream.seekable() else io.BytesIO(stream.read())
    try:
        archive = zipfile.ZipFile(cast(BinaryIO, whole))
    except zipfile.BadZipFile:
        yield Stream(where, fault=damaged(where))
        return
    with archive:
        members = [one for one in archive.infolist() if one.filename.endswith(_ENDINGS)]
        if not members:
            hint = f"Pack files that end in {', '.join(_ENDINGS[::2])}."
            yield Stream(where, fault=Unreadable(where, "holds no such file.", hint))
        if len(members) > _MAX_MEMBERS:
            problem = f"holds more than {_MAX_MEMBERS:,} files."
            yield Stream(where, fault=Unreadable(where, problem, "Pack fewer at a time."))
            return
        for member in members:
            name = f"{where}/{member.filename}"
            try:
                with archive.open(member) as file:
                    yield from _of(cast(BinaryIO, file), name)
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
                yield Stream(name, fault=damaged(name))  # also: locked by a password


def _unmarked(stream: BinaryIO) -> BinaryIO:
    peeked = _peekable(stream)
    if peeked.peek(3)[:3] == _MARK:
        peeked.read(3)
    return cast(BinaryIO, peeked)


def _peekable(stream: BinaryIO) -> BufferedReader:
    if isinstance(stream, BufferedReader):
        return stream
    return BufferedReader(cast(io.RawIOBase, stream))
