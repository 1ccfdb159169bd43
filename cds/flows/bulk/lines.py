"""The lines of a part of an input."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cds import wire
from cds.flows.bulk.survey import MARK, Part

_PIECE = 1024 * 1024
_BUFFER = 128 * 1024  # with that of Python, of 8 kB, reading takes three times as long
_LONGEST = wire.MAX_BYTES + 1  # with its end
_BEGINNING = 64 * 1024  # nearly every resource has said by then whose it is


class TooLong(bytes):
    """What is kept of a line that is longer than any that is read: how it begins, its length."""

    length: int

    @classmethod
    def of(cls, length: int, beginning: bytes) -> "TooLong":
        """Such a line of so many bytes."""
        made = cls(beginning[:_BEGINNING])
        made.length = length
        return made


def numbered_lines(path: Path, part: Part) -> Iterator[tuple[int, bytes]]:
    r"""Each line that is not blank, with its number; of one that is too long only its length.

    Only `\n` ends a line: a lone carriage return is a space of JSON.
    """
    with path.open("rb", _BUFFER) as file:
        file.seek(part.start)
        if part.whole:
            size = part.end - part.start
            if size > wire.MAX_BYTES:
                yield 1, TooLong.of(size, file.read(_BEGINNING))
            else:
                yield 1, file.read().removeprefix(MARK)
            return
        number, at = part.line, part.start
        while at < part.end:
            line, length = _line(file)
            if not length:  # it was longer when it was surveyed: whoever asks looks into that
                return
            at += length
            if number == 1:
                line = line.removeprefix(MARK)
            if length > _LONGEST:
                yield number, TooLong.of(length, line)
            elif text := line.strip(b" \t\r\n"):
                yield number, text
            number += 1


def _line(file: BinaryIO) -> tuple[bytes, int]:
    """The next line and its length; of what is too long only the first piece is kept."""
    line = file.readline(_PIECE)
    if len(line) < _PIECE or line.endswith(b"\n"):
        return line, len(line)
    pieces, length = [line], len(line)
    while len(line) == _PIECE and not line.endswith(b"\n"):
        line = file.readline(_PIECE)
        length += len(line)
        if length <= _LONGEST:
            pieces.append(line)
        else:
            del pieces[1:]
    return b"".join(pieces), length
