"""The table as a view of SQL on FHIR: made of the resources, it is the table of the run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from cds.fhir.decision_row import COLUMNS, column_type, extension_of, view_definition
from cds.flows.bulk.rows import TABLE_COLUMNS as TABLE
from cds.knowledge.read.pack import find_pack
from tests.bulk.conftest import lines_in

Bulk = Callable[..., Any]
Json = dict[str, Any]
# Where a response stood is known to files, not to resources.
OF_FILES = ("input", "line")
PACK = find_pack("cramps")
compiled: Callable[..., Any] = fhirpathpy.compile  # what it returns is annotated wrongly


@pytest.fixture(scope="module")
def view() -> Json:
    return view_definition(PACK)


def in_resources(row: Json) -> Json:
    return {name: row[name] for name in row if name not in OF_FILES}


def test_the_view_has_the_columns_of_the_table_and_names_databases_take(view: Json) -> None:
    columns = view["select"][0]["column"]

    assert [one["name"] for one in columns] == [name for name in TABLE if name not in OF_FILES]
    assert view["name"].replace("_", "").isalnum()
    for one in columns:
        assert (one.get("collection", False), one["type"]) == (
            TABLE[one["name"]].endswith("[]"),
            {"VARCHAR": "string", "INTEGER": "integer", "BOOLEAN": "boolean"}[
                TABLE[one["name"]].removesuffix("[]")
            ],
        )


@pytest.mark.slow
@pytest.mark.parametrize("source", ["exported", "faulty"])
def test_the_resources_of_a_run_give_the_rows_of_its_table(
    bulk: Bulk, request: pytest.FixtureRequest, tmp_path: Path, view: Json, source: str
) -> None:
    bulk(request.getfixturevalue(source), "-o", tmp_path / "out", "--fhir")
    rows = lines_in(tmp_path / "out" / "responses.ndjson")
    unsaid = {
        (one["input"], one["line"])
        for one in lines_in(tmp_path / "out" / "faults.ndjson")
        if one["kind"] == "no-fhir"
    }
    resources = lines_in(tmp_path / "out" / "RiskAssessment.ndjson")

    paths = {
        one["name"]: compiled(one["path"], models["r4"]) for one in view["select"][0]["column"]
    }
    made = [
        {
            name: found if column_type(name)[1] else next(iter(found), None)
            for name, path in paths.items()
            for found in [path(resource)]
        }
        for resource in resources
    ]

    assert made == [in_resources(row) for row in rows if (row["input"], row["line"]) not in unsaid]
    of_the_pack = compiled(view["where"][0]["path"], models["r4"])
    assert all(of_the_pack(resource) == [True] for resource in resources)
    assert not any(
        of_the_pack({**resource, "extension": []})[:1] == [True] for resource in resources
    )


def test_a_row_without_what_nobody_knows_is_valid_fhir() -> None:
    row: Json = {name: [] if column_type(name)[1] else None for name in COLUMNS}

    made = extension_of(PACK, {**row, "complete": False, "authored": ""})

    assert made["extension"] == [{"url": "complete", "valueBoolean": False}]
    json.dumps(made)
