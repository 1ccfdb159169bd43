"""Charts as SVG: a few shapes, no script, each with its words for who cannot see it."""

from collections.abc import Sequence

from cds.fhir.primitives import xml

Bar = tuple[str, int | None, str]  # what, how many (None: not shown), colour class
_WIDE = 640


def bars(title: str, rows: Sequence[Bar]) -> str:
    """A list of bars with words and numbers; a hidden one is hatched and says so."""
    most = max((count for _, count, _ in rows if count), default=1)
    drawn = [f'<ul class="bars" aria-label="{xml(title)}">']
    for name, count, colour in rows:
        wide = 4 if count is None else max(round(100 * count / most, 1), 0.4 if count else 0)
        kind, number = ("hidden", "hidden") if count is None else (colour, f"{count:,}")
        drawn.append(
            f"<li><span>{xml(name)}</span><b>{number}</b>"
            '<svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect width="{wide}" height="5" class="{kind}"/></svg></li>'
        )
    return "".join([*drawn, "</ul>"])


def stacks(
    title: str,
    names: Sequence[str],
    cells: Sequence[Sequence[int | None]],
    colours: Sequence[str],
) -> str:
    """One stack a group, from the most urgent level down; a hidden part is hatched, and thin."""
    totals = [sum(count or 0 for count in row) for row in cells]
    most, high, base = max([*totals, 1]), 180, 200
    step = _WIDE / max(len(names), 1)
    wide = max(min(round(step) - 6, 46), 3)
    drawn = [
        (
            f'<svg class="chart" role="img" viewBox="0 0 {_WIDE} 236" aria-label="{xml(title)}">'
            f"<title>{xml(title)}</title><desc>The table below has the numbers.</desc>"
            f'<line x1="0" y1="{base}" x2="{_WIDE}" y2="{base}" class="axis"/>'
        )
    ]
    every = max(1, -(-len(names) // 9))
    for number, (name, row) in enumerate(zip(names, cells, strict=True)):
        left, top = round(step * number + (step - wide) / 2), base
        for count, colour in zip(reversed(row), reversed(colours), strict=True):
            tall = 4 if count is None else round(high * count / most)
            if tall:
                top -= tall
                kind = "hidden" if count is None else colour
                drawn.append(
                    f'<rect x="{left}" y="{top}" width="{wide}" height="{tall}" class="{kind}"/>'
                )
        if number % every == 0:
            middle = left + wide // 2
            drawn.append(f'<text x="{middle}" y="{base + 20}" class="mid">{xml(name[-12:])}</text>')
    return "".join([*drawn, "</svg>"])


# Once a page: what is hidden is filled with it.
HATCH = (
    '<svg width="0" height="0" aria-hidden="true"><defs><pattern id="h" width="4" height="4" '
    'patternTransform="rotate(45)" patternUnits="userSpaceOnUse"><path d="M0 0V4" class="ink"/>'
    "</pattern></defs></svg>"
)
