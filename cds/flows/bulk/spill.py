"""Pieces of text kept on disk by slot: written once, each slot read back by itself."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cds.flows.bulk.files import marked

_HEAD = struct.Struct(">IIQHI")  # part, number, line, length of the key, length of the text
_OFFSET = struct.Struct(">Q")


class Piece(NamedTuple):
    """A piece of text and where it comes from: the part, its number in it, the line of the file.

    `key` says what it is, and for whom.
    """

    part: int
    number: int
    line: int
    key: str
    text: bytes


def write_spill(path: Path, slots: Iterable[list[Piece]]) -> list[int]:
    """All slots one after another, then where each of them begins; gives the mark of the file."""
    offsets = []
    with marked(path) as file:
        at = 0
        for pieces in slots:
            offsets.append(at)
            data = b"".join(_packed(pieces))  # written one by one, they take twice as long
            file.write(data)
            at += len(data)
        offsets.append(at)
        file.write(b"".join(_OFFSET.pack(offset) for offset in offsets))
        file.write(_OFFSET.pack(len(offsets)))
    return file.mark


def _packed(pieces: Iterable[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        key = piece.key.encode("utf-8", "surrogatepass")
        yield _HEAD.pack(piece.part, piece.number, piece.line, len(key), len(piece.text))
        yield key
        yield piece.text


def read_slot(path: Path, slot: int) -> Iterator[Piece]:
    """The pieces of one slot, as they were written."""
    # Nearly all slots of nearly all parts are small: a buffer would cost more than it holds.
    with path.open("rb", 0) as file:
        file.seek(-_OFFSET.size, 2)
        (count,) = _OFFSET.unpack(file.read(_OFFSET.size))
        file.seek(-_OFFSET.size * (count + 1 - slot), 2)
        start, end = struct.unpack(">QQ", file.read(2 * _OFFSET.size))
        file.seek(start)
        data = file.read(end - start)
    at = 0
    while at < len(data):
        part, number, line, key, text = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name = data[at : at + key].decode("utf-8", "surrogatepass")
        at += key
        yield Piece(part, number, line, name, data[at : at + text])
        at += text
