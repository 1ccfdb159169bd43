"""Counts that may be shown: small ones are hidden, and so is what would give them away.

A count from 1 to under the limit is hidden. A hidden count must not follow from the others: if all
but one of a row are shown, and their total, the last one is known. So further counts are hidden,
smallest first, until no hidden one is determined by the totals. Zeros are shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

_Count = int | None  # None: hidden
_Place = tuple[int, int]


class ShownTable(NamedTuple):
    """A table as it may be shown: its cells, and the totals of its rows."""

    cells: tuple[tuple[_Count, ...], ...]
    rows: tuple[_Count, ...]


def protect_parts(counts: Mapping[str, int], limit: int) -> dict[str, _Count]:
    """The parts of a total that is shown, such as the levels of all responses."""
    names = list(counts)
    hidden = {name for name in names if 0 < counts[name] < limit}
    while hidden and _follows([counts[name] for name in hidden], limit):
        more = [name for name in names if counts[name] and name not in hidden]
        if not more:
            break
        hidden.add(min(more, key=lambda name: (counts[name], name)))
    return {name: None if name in hidden else counts[name] for name in names}


def protect_list(counts: Mapping[str, int], limit: int) -> dict[str, _Count]:
    """Counts that are no parts of a total, such as how often each rule fired."""
    return {name: if_shown(count, limit) for name, count in counts.items()}


def if_shown(count: int, limit: int) -> _Count:
    """A count that stands by itself."""
    return None if 0 < count < limit else count


def _follows(hidden: Sequence[int], limit: int) -> bool:
    """Whether hidden counts of which the sum is known can be told, or nearly so."""
    return len(hidden) == 1 or sum(hidden) < limit or sum(hidden) <= len(hidden)


def protect_table(
    cells: Sequence[Sequence[int]],
    limit: int,
    hidden_columns: Iterable[int] = (),
    *,
    rows_known: bool = False,
) -> ShownTable:
    """A table of parts: its column totals are shown elsewhere, but for the hidden ones.

    Row totals are shown where they are not small themselves, nor would give something away;
    with `rows_known` the reader has those that are not small from elsewhere.
    """
    table = _Table(cells, limit, frozenset(hidden_columns), rows_known=rows_known)
    table.protect()
    return ShownTable(
        tuple(
            tuple(None if (r, c) in table.hidden else count for c, count in enumerate(row))
            for r, row in enumerate(cells)
        ),
        tuple(
            None if (r, table.width) in table.hidden else sum(row) for r, row in enumerate(cells)
        ),
    )


class _Table:
    """The table with its totals at its edges: a column of row totals, and a row of column totals.

    Each count stands in two sums, those of its row and of its column. So the sums are the nodes of
    a graph and the hidden counts its edges, and a hidden count follows from what is shown exactly
    if it lies on no circle of hidden ones.
    """

    def __init__(
        self,
        cells: Sequence[Sequence[int]],
        limit: int,
        hidden_columns: frozenset[int],
        *,
        rows_known: bool,
    ) -> None:
        self.limit = limit
        self.width, self.height = len(cells[0]) if cells else 0, len(cells)
        columns = [sum(column) for column in zip(*cells, strict=True)]
        self.counts: dict[_Place, int] = {
            **{(r, c): count for r, row in enumerate(cells) for c, count in enumerate(row)},
            **{(r, self.width): sum(row) for r, row in enumerate(cells)},
            **{(self.height, c): count for c, count in enumerate(columns)},
            (self.height, self.width): sum(columns),
        }
        self.hidden = {
            place
            for place, count in self.counts.items()
            if 0 < count < limit and (place[0] < self.height or place[1] == self.width)
        }
        self.hidden |= {(self.height, c) for c in hidden_columns}
        # What the reader has from elsewhere cannot be hidden here.
        self.fixed = {place for place in self.counts if place[0] == self.height}
        if rows_known:
            self.fixed |= {(r, self.width) for r in range(self.height)}

    def protect(self) -> None:
        """Hide more until nothing hidden follows. Each step hides at least one more."""
        while fresh := self._next():
            self.hidden |= fresh

    def _next(self) -> set[_Place]:
        for place in sorted(self.hidden):
            circle = self._circle(place)
            if circle:
                return circle
        for line in self._thin_lines():
            more = [place for place in line - self.hidden - self.fixed if self.counts[place]]
            if more:
                return {min(more, key=lambda place: (self.counts[place], place))}
        return set()

    def _thin_lines(self) -> Iterator[set[_Place]]:
        """Rows and columns with a shown total whose hidden counts come to nearly nothing."""
        rows = ({(r, c) for c in range(self.width)} for r in range(self.height))
        columns = ({(r, c) for r in range(self.height)} for c in range(self.width))
        totals = [*((r, self.width) for r in range(self.height))]
        totals += [(self.height, c) for c in range(self.width)]
        for line, total in zip([*rows, *columns], totals, strict=True):
            inside = line & self.hidden
            if inside and total not in self.hidden:
                values = [self.counts[place] for place in inside]
                if sum(values) < self.limit or sum(values) <= len(values):
                    yield line

    def _circle(self, place: _Place) -> set[_Place]:
        """What must be hidden besides, at the least cost, for a circle through this place."""
        start, goal = ("row", place[0]), ("column", place[1])
        waiting: list[tuple[int, tuple[str, int], tuple[_Place, ...]]] = [(0, start, ())]
        reached: set[tuple[str, int]] = set()
        while waiting:
            cost, node, path = heappop(waiting)
            if node == goal:
                return set(path) - self.hidden
            if node in reached:
                continue
            reached.add(node)
            for other, step in self._steps(node):
                if step != place and other not in reached:
                    heappush(waiting, (cost + self._cost(step), other, (*path, step)))
        return set()

    def _steps(self, node: tuple[str, int]) -> Iterator[tuple[tuple[str, int], _Place]]:
        """Where one comes from a sum by a count that is hidden, or may be."""
        kind, number = node
        for other in range((self.width if kind == "row" else self.height) + 1):
            step = (number, other) if kind == "row" else (other, number)
            if step in self.hidden or step not in self.fixed:
                yield ("column" if kind == "row" else "row", other), step

    def _cost(self, step: _Place) -> int:
        """What is lost by hiding a count; a zero tells most by being shown, so it goes last."""
        if step in self.hidden:
            return 0
        return self.counts[step] or 10**9
