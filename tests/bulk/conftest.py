"""Runs of bulk on small made-up populations."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.synthetic.exported import write_bulk_data
from tests.commands.conftest import Call, call, hold_to_their_schemas
from tests.flows.made_up import PACK, population

__all__ = ["call"]
NOW = "2026-11-20T15:00:00Z"
Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A messy population of 60 as a Bulk Data export."""
    folder = tmp_path_factory.mktemp("export") / "pop"
    write_bulk_data(population("messy"), 60, folder)
    return folder


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A messy population of 200 with labelled defects."""
    folder = tmp_path_factory.mktemp("faulty") / "pop"
    write_bulk_data(population("messy"), 200, folder, defects=PACK)
    return folder


DOCUMENTS = ("decisions.ndjson", "faults.ndjson", "summary.json", "manifest.json")


@pytest.fixture
def bulk(call: Call) -> Callable[..., Any]:
    """`bulk` in this process and at a fixed time."""

    def run(*args: object) -> Any:
        done = call("bulk", *args, "--jobs", 0, "--now", NOW)
        folder = Path(str(args[args.index("-o") + 1])) if "-o" in args else Path("nowhere")
        for file in (folder / name for name in DOCUMENTS):
            if file.is_file():
                hold_to_their_schemas(file.read_bytes())
        return done

    return run


def lines_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def results_in(folder: Path) -> dict[str, bytes]:
    """Every file that a run has made."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def put(folder: Path, **files: list[dict[str, Any]]) -> Path:
    """A folder with one file of resources a name."""
    folder.mkdir(exist_ok=True)
    for name, resources in files.items():
        lines = b"\n".join(wire.write(one) for one in resources)
        (folder / f"{name}.ndjson").write_bytes(lines)
    return folder
