"""How text for a person is laid out on a terminal: colour, wrapped lines, headings."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import click

from cds.commands.output import MAX_WIDTH


class Style(NamedTuple):
    """How to print: with colour or without, with answer values or without, how wide."""

    colour: bool = False
    show_values: bool = False
    width: int = MAX_WIDTH

    def paint(self, text: str, **how: object) -> str:
        """The text, coloured if wanted; never the only carrier of a meaning."""
        return click.style(text, **how) if self.colour else text  # type: ignore[arg-type] # click checks

    def hanging(self, head: str, text: str, *, deeper: int | None = None) -> list[str]:
        """The text behind a head, wrapped; further lines under its first word, or indented."""
        taken = len(click.unstyle(head))
        indent = " " * (taken if deeper is None else deeper)
        lines, room, gap = [head], self.width - taken, ""
        # `textwrap` would do the same, but costs a twentieth of a cold start for its patterns.
        for word in text.split():
            if gap and len(gap) + len(word) > room:
                lines.append(indent)
                room, gap = self.width - len(indent), ""
            lines[-1] += gap + word
            room -= len(gap) + len(word)
            gap = " "
        return lines if gap else [head.rstrip()]


def section(title: str, style: Style) -> Iterator[str]:
    """A heading, after an empty line."""
    yield ""
    yield style.paint(title, bold=True)


def wrapped(lines: Iterable[str], width: int) -> Iterator[str]:
    """The lines, those that are wider than the terminal wrapped under their own beginning."""
    style = Style(width=width)
    for line in lines:
        text = line.lstrip()
        indent = line[: len(line) - len(text)]
        fits = len(click.unstyle(line)) <= width
        yield from [line] if fits else style.hanging(indent, text, deeper=len(indent) + 2)
