"""The rows of a run counted by DuckDB, as they are: nothing is hidden yet."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cds.errors import Unreadable, UsageError
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.files import FAULTS, ROWS, read_own_json
from cds.flows.bulk.manifest import SUMMARY_NAME
from cds.flows.bulk.table import duckdb_in_memory, rows_in
from cds.flows.bulk.tasks import FINAL
from cds.wire import JsonObject

if TYPE_CHECKING:
    import duckdb

NOBODY_KNOWS = "not known"
LISTS = ("rules", "findings", "open", "causes", "issues", "notes")
PARTS = ("safety-check", "validity", "record", "faults")
_COMPLETE = ("safety check complete", "safety check not complete")
SOUND = ("without a fault that counts", "with faults that could hide an alarm")
_GROUPS = ("month", "site", "age_band")


class Grouped(NamedTuple):
    """How many responses of each level each group has: a row a group, a column a level."""

    names: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]


class Counts(NamedTuple):
    """Everything that a report counts."""

    manifest: JsonObject
    summary: JsonObject
    levels: dict[str, int]  # from the most urgent down
    parts: dict[str, dict[str, int]]  # each of PARTS
    lists: dict[str, dict[str, int]]
    groups: dict[str, Grouped]


def count_run(folder: Path) -> Counts:
    """Count a finished run.

    Raises:
        UsageError: there is none in the folder, or it is not finished.
    """
    manifest = read_own_json(folder / manifests.MANIFEST_NAME)
    summary = read_own_json(folder / SUMMARY_NAME)
    if manifest is None or manifest.get("schema") != manifests.MANIFEST_SCHEMA:
        hint = "Give the folder of a run (its -o)."
        raise UsageError("bulk report", f"{folder} is not the folder of a bulk run.", hint)
    if manifest["state"] != manifests.RUN_FINISHED or summary is None:
        hint = "Run the same `bulk` command again: it goes on where it was."
        raise UsageError("bulk report", f"the run in {folder} is not finished.", hint)
    rows = folder / FINAL[ROWS]
    if not rows.is_file():
        raise Unreadable(str(rows), "is not there.", "It belongs to the run.")
    with duckdb_in_memory(folder) as connection:
        connection.execute(f"CREATE TEMP TABLE responses AS SELECT * FROM {rows_in(rows)}")  # noqa: S608 - our own columns and a quoted path
        levels = dict(
            _rows(
                connection,
                "SELECT level, count(*) FROM responses GROUP BY 1"
                " ORDER BY any_value(level_rank) DESC, 1",
            )
        )
        return Counts(
            manifest,
            summary,
            levels,
            {
                "safety-check": _halves(connection, "complete", _COMPLETE),
                "validity": _halves(connection, "valid", SOUND),
                "record": _halves(connection, "record", ("with a record", "without a record")),
                "faults": _faults(folder / FINAL[FAULTS]),
            },
            {name: _listed(connection, name) for name in LISTS},
            {name: _grouped(connection, name, list(levels)) for name in _GROUPS},
        )


def _rows(connection: "duckdb.DuckDBPyConnection", query: str) -> list[Any]:
    return connection.execute(query).fetchall()


def _halves(
    connection: "duckdb.DuckDBPyConnection", column: str, words: tuple[str, str]
) -> dict[str, int]:
    found = dict(_rows(connection, f"SELECT {column}, count(*) FROM responses GROUP BY 1"))  # noqa: S608 - our own column
    return {words[0]: found.get(True, 0), words[1]: found.get(False, 0)}


def _listed(connection: "duckdb.DuckDBPyConnection", column: str) -> dict[str, int]:
    """How many responses have each entry of a list; the most frequent first."""
    query = (
        f"SELECT one, count(*) FROM (SELECT unnest({column}) AS one FROM responses) "  # noqa: S608
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return dict(_rows(connection, query))


def _grouped(
    connection: "duckdb.DuckDBPyConnection", column: str, levels: Sequence[str]
) -> Grouped:
    query = (
        f"SELECT coalesce({column}, '{NOBODY_KNOWS}'), level, count(*) FROM responses GROUP BY 1, 2"  # noqa: S608
    )
    found: dict[str, dict[str, int]] = {}
    for name, level, number in _rows(connection, query):
        found.setdefault(name, {})[level] = number
    names = sorted(found, key=lambda name: (name == NOBODY_KNOWS, name))
    return Grouped(
        tuple(names), tuple(tuple(found[name].get(one, 0) for one in levels) for name in names)
    )


def _faults(path: Path) -> dict[str, int]:
    """How many faults of each kind; they are few, and their keys vary."""
    with path.open("rb") as file:
        found = Counter(str(json.loads(line).get("kind")) for line in file)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
