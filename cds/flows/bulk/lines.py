"""The lines of a part of an input."""

from collections.abc import Iterator
from pathlib import Path

from cds import wire
from cds.flows.bulk.survey import MARK, Part


def lines_of(path: Path, part: Part) -> Iterator[tuple[int, bytes]]:
    r"""Each line that is not blank, with its number; one that is too long comes cut, and fails.

    Only `\n` ends a line: a lone carriage return is a space of JSON.
    """
    limit = wire.MAX_BYTES + 1
    with path.open("rb") as file:
        file.seek(part.start)
        if part.whole:
            yield 1, file.read(limit).removeprefix(MARK)
            return
        number, at = part.line, part.start
        while at < part.end:
            line = file.readline(limit)
            at += len(line)
            rest = line
            while len(rest) == limit and not rest.endswith(b"\n"):
                rest = file.readline(limit)
                at += len(rest)
            if number == 1:
                line = line.removeprefix(MARK)
            text = line.strip(b" \t\r\n")
            if text:
                yield number, text
            number += 1
