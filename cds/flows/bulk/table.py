"""The rows of a run as a table for others: CSV or Parquet, made once at the end by DuckDB."""

from pathlib import Path
from typing import TYPE_CHECKING

from cds.errors import UsageError
from cds.flows.bulk.rows import TABLE_COLUMNS

if TYPE_CHECKING:
    import duckdb

_NAMES = {"csv": "responses.csv", "parquet": "responses.parquet"}
# What a spreadsheet takes for a formula: an id, a status and a site are whatever was sent.
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
MEMORY = "180MB"  # beside the interpreter and the library itself


def require_duckdb(what: str = "--table") -> None:
    """Refuse what needs DuckDB where it is not installed.

    Raises:
        UsageError: it is not.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - only where a table is asked for

    if find_spec("duckdb") is None:
        hint = "Install it with `pip install 'cramp-cds[bulk]'`."
        raise UsageError(what, "needs DuckDB, which is not installed.", hint)


def duckdb_in_memory(temporary: Path) -> "duckdb.DuckDBPyConnection":
    """A database in memory, of bounded size, that fetches no extension."""
    import duckdb  # noqa: PLC0415 - an extra

    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": 2,
            "temp_directory": str(temporary / "duckdb"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
        }
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def rows_in(path: Path) -> str:
    """The SQL that reads the rows with their declared types: nothing is guessed."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TABLE_COLUMNS.items())
    name = str(path).replace("'", "''")
    return (
        f"read_json('{name}', format = 'newline_delimited', columns = {{{columns}}}, "
        "maximum_object_size = 2097152)"
    )


def write_table(rows: Path, kind: str, temporary: Path) -> Path:
    """The table beside the rows; gives its path.

    In CSV lists are joined by a space, and no cell is one that a spreadsheet would run.
    """
    target = rows.parent / _NAMES[kind]
    part = target.with_name(target.name + ".tmp")
    chosen = ", ".join(map(_cell, TABLE_COLUMNS) if kind == "csv" else TABLE_COLUMNS)
    form = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet, COMPRESSION zstd"
    name = str(part).replace("'", "''")
    with duckdb_in_memory(temporary) as connection:
        # All parts are ours: columns, options, and two paths with their quotes doubled.
        copy = f"COPY (SELECT {chosen} FROM {rows_in(rows)}) TO '{name}' ({form})"  # noqa: S608
        connection.execute(copy)
    part.replace(target)
    return target


def _cell(name: str) -> str:
    """The SQL of a cell of CSV."""
    kind = TABLE_COLUMNS[name]
    if not kind.startswith("VARCHAR"):
        return name
    text = f"array_to_string({name}, ' ')" if kind.endswith("[]") else name
    run = ", ".join(f"chr({ord(one)})" for one in RUN_BY_SPREADSHEETS)
    return f"CASE WHEN left({text}, 1) IN ({run}) THEN chr(39) || {text} ELSE {text} END AS {name}"
