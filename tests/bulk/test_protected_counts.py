"""What a report hides cannot be worked out from what it shows."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cds.flows.bulk.report.protect import protect_list, protect_parts, protect_table

LIMIT = 5
Row = list[Fraction]


def determined(equations: Sequence[Row], unknowns: int) -> set[int]:
    """Which unknowns a system of equations settles: exact elimination, nothing of ours."""
    rows = [list(row) for row in equations]
    pivot = 0
    for column in range(unknowns):
        found = next((r for r in range(pivot, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[pivot], rows[found] = rows[found], rows[pivot]
        lead = rows[pivot][column]
        rows[pivot] = [value / lead for value in rows[pivot]]
        for r in range(len(rows)):
            if r != pivot and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[pivot], strict=True)]
        pivot += 1
    settled = set()
    for row in rows[:pivot]:
        named = [column for column in range(unknowns) if row[column]]
        if len(named) == 1:
            settled.add(named[0])
    return settled


TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 4, 5, 9, 30]), min_size=width, max_size=width),
        min_size=1,
        max_size=6,
    )
)


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_no_hidden_cell_of_a_table_follows_from_its_totals(cells: list[list[int]]) -> None:
    columns = [sum(column) for column in zip(*cells, strict=True)]
    parts = protect_parts({str(n): count for n, count in enumerate(columns)}, LIMIT)
    hidden_columns = [int(name) for name, count in parts.items() if count is None]

    shown = protect_table(cells, LIMIT, hidden_columns)

    places = [
        (r, c) for r, row in enumerate(shown.cells) for c, count in enumerate(row) if count is None
    ]
    for r, row in enumerate(cells):
        for c, count in enumerate(row):
            assert not 0 < count < LIMIT or (r, c) in places
    # The grand total is shown too, where it is not small itself.
    assume(sum(columns) >= LIMIT)
    unknowns = {place: number for number, place in enumerate(places)}
    totals = {c: len(places) + number for number, c in enumerate(hidden_columns)}
    width = len(places) + len(totals)

    def equation(plus: set[int], minus: set[int]) -> Row:
        return [Fraction((n in plus) - (n in minus)) for n in range(width)]

    equations = [
        equation({unknowns[place] for place in places if place[0] == r}, set())
        for r, total in enumerate(shown.rows)
        if total is not None
    ]
    equations += [
        equation(
            {unknowns[place] for place in places if place[1] == c},
            {totals[c]} if c in totals else set(),
        )
        for c in range(len(columns))
    ]
    equations.append(equation(set(totals.values()), set()))
    settled = determined(equations, width)
    small = {unknowns[place] for place in places if 0 < cells[place[0]][place[1]] < LIMIT}
    assert not small & settled


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 40), max_size=8))
def test_no_hidden_part_of_a_total_follows_from_the_others(counts: dict[str, int]) -> None:
    shown = protect_parts(counts, LIMIT)

    hidden = [counts[name] for name, count in shown.items() if count is None]
    assert all(shown[name] is None for name, count in counts.items() if 0 < count < LIMIT)
    assert all(shown[name] == 0 for name, count in counts.items() if count == 0)
    if hidden and sum(counts.values()) >= LIMIT and any(shown.values()):
        assert len(hidden) > 1
        assert sum(hidden) >= LIMIT


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 3, "b": 90, "c": 40}, {"a": None, "b": 90, "c": None}),
        ({"a": 0, "b": 90}, {"a": 0, "b": 90}),
        ({"a": 5, "b": 90}, {"a": 5, "b": 90}),
        ({"a": 1, "b": 1, "c": 7, "d": 50}, {"a": None, "b": None, "c": None, "d": 50}),
        ({"a": 2}, {"a": None}),
    ],
)
def test_the_parts_of_a_total(counts: dict[str, int], shown: dict[str, int | None]) -> None:
    assert protect_parts(counts, LIMIT) == shown


def test_of_a_list_that_adds_up_to_nothing_only_the_small_are_hidden() -> None:
    assert protect_list({"a": 4, "b": 5, "c": 0}, LIMIT) == {"a": None, "b": 5, "c": 0}


def test_one_small_cell_costs_no_more_than_a_rectangle() -> None:
    cells = [[3, 20, 30], [25, 22, 31], [40, 50, 60]]

    shown = protect_table(cells, LIMIT)

    hidden = sum(count is None for row in shown.cells for count in row)
    assert hidden == 4
    assert shown.rows == (53, 78, 150)
