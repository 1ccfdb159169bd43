"""Two runs on the same responses: which decisions changed, and by which rules."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cds.flows.bulk.files import ROWS
from cds.flows.bulk.report.counts import Counts
from cds.flows.bulk.report.protect import protect_list, protect_parts, protect_table
from cds.flows.bulk.table import duckdb_in_memory, rows_in
from cds.flows.bulk.tasks import FINAL
from cds.wire import JsonObject

# A response is the same in both runs if id and subject are; one sent twice is matched in its order.
_NUMBERED = """
    SELECT *, row_number() OVER (PARTITION BY response, subject ORDER BY input, line) AS number
    FROM {rows}
"""
_MATCHED = """
    CREATE TEMP TABLE matched AS
    SELECT a.level AS before, b.level AS after, a.level_rank AS was, b.level_rank AS is_now,
           a.rules AS old_rules, b.rules AS new_rules,
           a.line IS NULL AS only_after, b.line IS NULL AS only_before
    FROM ({before}) AS a FULL OUTER JOIN ({after}) AS b
    ON a.response IS NOT DISTINCT FROM b.response
       AND a.subject IS NOT DISTINCT FROM b.subject AND a.number = b.number
"""


def run_changes(before: Path, after: Path, was: Counts, now: Counts, small: int) -> JsonObject:
    """What changed from one run to the other; a count that may not be shown is null."""
    with duckdb_in_memory(after) as connection:
        sources = {
            name: _NUMBERED.format(rows=rows_in(folder / FINAL[ROWS]))
            for name, folder in (("before", before), ("after", after))
        }
        connection.execute(_MATCHED.format(**sources))
        found = dict(
            connection.execute(
                "SELECT CASE WHEN only_after THEN 'only in this run' WHEN only_before THEN"
                " 'only in the other run' WHEN before = after THEN 'same level'"
                " WHEN is_now > was THEN 'more urgent' ELSE 'less urgent' END, count(*)"
                " FROM matched GROUP BY 1 ORDER BY 1"
            ).fetchall()
        )
        pairs = connection.execute(
            "SELECT before, after, count(*) FROM matched"
            " WHERE NOT only_after AND NOT only_before GROUP BY 1, 2"
        ).fetchall()
        rules = {
            side: dict(
                connection.execute(
                    f"SELECT rule, count(*) FROM (SELECT unnest(list_filter({here},"  # noqa: S608 - two of our own columns
                    f" lambda one: NOT list_contains({there}, one))) AS rule FROM matched"
                    " WHERE NOT only_after AND NOT only_before) GROUP BY 1 ORDER BY 2 DESC, 1"
                ).fetchall()
            )
            for side, here, there in (
                ("gained", "new_rules", "old_rules"),
                ("lost", "old_rules", "new_rules"),
            )
        }
    order = list(dict.fromkeys([*now.levels, *was.levels]))
    return {
        "against": was.manifest["packs"],
        "against-now": was.manifest["now"],
        "responses": _listed(protect_parts(found, small)),
        "levels": _pairs(order, pairs, now, small),
        "rules-gained": _listed(protect_list(rules["gained"], small)),
        "rules-lost": _listed(protect_list(rules["lost"], small)),
    }


def _listed(counts: Mapping[str, int | None]) -> list[JsonObject]:
    return [{"code": name, "count": number} for name, number in counts.items()]


def _pairs(order: Sequence[str], pairs: list[Any], now: Counts, small: int) -> list[JsonObject]:
    """From each level to each, with the totals of both runs taken as known to the reader."""
    found = {(before, after): number for before, after, number in pairs}
    cells = [[found.get((before, after), 0) for after in order] for before in order]
    shown_after = protect_parts(now.levels, small)
    hidden = [n for n, level in enumerate(order) if shown_after.get(level, 0) is None]
    shown = protect_table(cells, small, hidden, rows_known=True)
    return [
        {"from": before, "to": after, "count": shown.cells[r][c]}
        for r, before in enumerate(order)
        for c, after in enumerate(order)
        if found.get((before, after))
    ]
