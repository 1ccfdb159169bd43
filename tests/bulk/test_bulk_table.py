"""The table of a run: one row a response, in the types that are declared."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.flows.bulk.rows import TABLE_COLUMNS
from tests.bulk.conftest import lines_in, put
from tests.commands.conftest import Call
from tests.flows.made_up import members

duckdb = pytest.importorskip("duckdb", reason="the extra `bulk` is not installed")
Bulk = Callable[..., Any]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_table_has_the_rows_of_the_run_in_declared_columns(
    bulk: Bulk, exported: Path, tmp_path: Path, kind: str
) -> None:
    done = bulk(exported, "-o", tmp_path / "out", "--table", kind)

    assert done.code == 0
    path = tmp_path / "out" / f"responses.{kind}"
    table = (duckdb.read_csv if kind == "csv" else duckdb.read_parquet)(str(path))
    found = table.fetchall()
    rows = lines_in(tmp_path / "out" / "responses.ndjson")
    assert [list(row) for row in rows] == [list(TABLE_COLUMNS)] * 60
    names = list(TABLE_COLUMNS)
    assert [line[names.index("response")] for line in found] == [row["response"] for row in rows]
    rules = [line[names.index("rules")] for line in found]
    expected = [row["rules"] for row in rows]
    assert (
        [one or [] for one in rules] == expected
        if kind == "parquet"
        else [(one or "").split() for one in rules] == expected
    )
    if kind == "parquet":
        types = [str(one) for one in table.types]
        assert dict(zip(table.columns, types, strict=True)) == TABLE_COLUMNS


def test_an_empty_run_has_an_empty_table(bulk: Bulk, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(b"nonsense\n")

    bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out", "--table", "csv")

    assert (tmp_path / "out" / "responses.csv").read_text("utf-8").split() == [
        ",".join(TABLE_COLUMNS)
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_one_that_a_spreadsheet_would_run(
    bulk: Bulk, call: Call, tmp_path: Path, sign: str
) -> None:
    one = members("everyday")[0]
    formula = f"{sign}cmd|' /C calc'!A0"
    visit = {"reference": "Encounter/e"}
    responses = [{**one.response, "encounter": visit, key: formula} for key in ("id", "status")]
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "subject": one.response["subject"],
        "serviceProvider": {"reference": formula},
    }
    put(tmp_path / "in", QuestionnaireResponse=responses, Encounter=[encounter])

    bulk(tmp_path / "in", "-o", tmp_path / "out", "--table", "csv")
    report = call("bulk", "report", tmp_path / "out", "--format", "csv", "-o", "-")

    rows = lines_in(tmp_path / "out" / "responses.ndjson")
    assert [rows[0]["response"], rows[1]["status"]] == [formula, formula]
    text = (tmp_path / "out" / "responses.csv").read_bytes().decode()
    with io.StringIO(text, newline="") as file:
        table = list(csv.DictReader(file))
    assert [table[0]["response"], table[1]["status"]] == [f"'{formula}", f"'{formula}"]
    with io.StringIO(report.text, newline="") as file:
        told = list(csv.reader(file))
    cells = [cell for row in (*(row.values() for row in table), *told) for cell in row]
    assert any("calc" in cell for row in told for cell in row)
    assert not [cell for cell in cells if cell.startswith(sign)]
