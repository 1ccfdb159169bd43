"""The small parts of the page: lists, tables, the picture of the levels, and how it all looks."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from cds.core.model import Level

# Dark text on light, light on dark: at least 7:1 in both. Colour never carries a meaning alone.
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8").replace("\n", "")

_ROW = 46
LEFT = 400
CHIP = 50
PER_ROW = 10


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that a screen reader can walk, and that the keyboard can scroll."""
    top = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    name = escape(f"Table: {caption}", quote=True)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def picture(levels: Sequence[tuple[Level, Sequence[str]]]) -> str:
    """The levels as steps, and on each the rules that lead there. The table below says the same."""
    rows = []
    top = 6
    for level, rules in levels:
        height = _ROW * max(1, -(-len(rules) // PER_ROW))
        chips = "".join(_chip(rule, number, top) for number, rule in enumerate(rules))
        rows.append(
            f'<rect x="1" y="{top}" width="{LEFT - 10}" height="{height - 8}" rx="4" fill="none"'
            ' stroke="currentColor"/>'
            f'<text x="10" y="{top + 24}" fill="currentColor">'
            f"{escape(f'{level.symbol}  {level.display}')}</text>" + chips
        )
        top += height
    width = LEFT + CHIP * PER_ROW + 6
    said = "; ".join(f"{one.display}: {', '.join(rules) or 'no rule'}" for one, rules in levels)
    return (
        f'<svg role="img" aria-label="{escape(said, quote=True)}" viewBox="0 0 {width} {top}"'
        f' width="{width}" height="{top}">{"".join(rows)}</svg>'
    )


def _chip(rule: str, number: int, top: int) -> str:
    left = LEFT + CHIP * (number % PER_ROW)
    upper = top + _ROW * (number // PER_ROW)
    return (
        f'<rect x="{left}" y="{upper + 4}" width="{CHIP - 8}" height="{_ROW - 18}" rx="12"'
        ' fill="none" stroke="currentColor"/>'
        f'<text x="{left + (CHIP - 8) / 2:g}" y="{upper + 23}" text-anchor="middle"'
        f' fill="currentColor">{escape(rule)}</text>'
    )
