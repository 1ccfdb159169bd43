"""The view of the decisions, published with a pack and run by an engine that is not ours."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.packs.publish import publish_pack
from cds.flows.synthetic.exported import write_bulk_data
from cds.knowledge.read.pack import find_pack, pack_folders
from tests.commands.conftest import call
from tests.flows.made_up import population
from tests.published.test_package_read_by_others import node

__all__ = ["call"]
pytestmark = pytest.mark.slow
PACK = find_pack("cramps")


def published_view() -> dict[str, Any]:
    package = publish_pack(PACK, pack_folders()["cramps"]).package()
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        found = archive.extractfile("package/other/ViewDefinition-cramps-decisions.json")
        assert found is not None
        view: dict[str, Any] = json.loads(found.read())
        return view


def test_another_engine_makes_the_table_of_the_resources(
    call: Any, modules: Path, tmp_path: Path
) -> None:
    write_bulk_data(population("messy"), 300, tmp_path / "pop")
    done = call("bulk", tmp_path / "pop", "-o", tmp_path / "out", "--jobs", 0, "--fhir")
    lines = (tmp_path / "out" / "RiskAssessment.ndjson").read_bytes().splitlines()
    resources = [json.loads(line) for line in lines]
    of_another = {**resources[0], "extension": []}

    theirs = node(
        "view.mjs",
        modules=str(modules),
        view=published_view(),
        resources=[*resources, of_another, {"resourceType": "Patient"}],
    )

    rows = [
        wire.read(line) for line in (tmp_path / "out/responses.ndjson").read_bytes().splitlines()
    ]
    assert done.code == 0
    assert len(rows) == 300
    assert theirs == [
        # Of an empty list this engine makes null; the guide leaves it open.
        {
            name: None if value == [] else value
            for name, value in row.items()
            if name not in {"input", "line"}
        }
        for row in rows
    ]
