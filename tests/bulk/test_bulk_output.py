"""Where `bulk` and `sample population` are told to write: what is no place for it is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.flows.bulk.manifest import MANIFEST_NAME
from tests.commands.conftest import Call

Bulk = Callable[..., Any]


@pytest.mark.parametrize("below", ["", "x", "x/y"])
@pytest.mark.parametrize("command", ["bulk", "population"])
def test_an_output_that_is_a_file_or_below_one_is_refused(
    call: Call, tmp_path: Path, command: str, below: str
) -> None:
    file = tmp_path / "r.json"
    file.write_text("{}")
    words = ["bulk", file] if command == "bulk" else ["sample", "population"]

    done = call(*words, "-o", file / below)

    assert done.code == 2
    assert f"{file} is a file" in done.err
    assert "Give a folder" in done.err
    assert file.read_text() == "{}"


def test_a_device_is_no_folder(call: Call, exported: Path) -> None:
    done = call("bulk", exported, "-o", "/dev/null")

    assert done.code == 2
    assert "Give a folder" in done.err


@pytest.mark.parametrize(
    "held", [b"", b"{", b"[]", b"5", b'{"name": "other"}', b'{"schema": 1}', b"\xff"]
)
def test_a_folder_with_another_manifest_is_refused_and_kept(
    bulk: Bulk, exported: Path, tmp_path: Path, held: bytes
) -> None:
    (tmp_path / MANIFEST_NAME).write_bytes(held)

    done = bulk(exported, "-o", tmp_path)

    assert done.code == 2
    assert "holds a manifest.json that no bulk run wrote" in done.err
    assert [one.name for one in tmp_path.iterdir()] == [MANIFEST_NAME]
    assert (tmp_path / MANIFEST_NAME).read_bytes() == held


def test_an_empty_folder_is_called_one(bulk: Bulk, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    done = bulk(tmp_path / "in", "-o", tmp_path / "out")

    assert done.code == 3
    assert "is a folder without JSON or NDJSON files" in done.err


def test_one_line_that_is_not_used_is_counted_as_one_and_its_file_named(
    bulk: Bulk, tmp_path: Path
) -> None:
    (tmp_path / "in.ndjson").write_text("[]\n")

    done = bulk(tmp_path / "in.ndjson", "-o", tmp_path / "out")

    assert f"1 line not used: see {tmp_path / 'out' / 'faults.ndjson'}" in done.err
    assert (tmp_path / "out" / "faults.ndjson").is_file()


@pytest.mark.parametrize("name", ["manifest.json", "decisions.ndjson", "faults.ndjson"])
def test_a_report_never_takes_the_place_of_a_result(
    bulk: Bulk, call: Call, exported: Path, tmp_path: Path, name: str
) -> None:
    bulk(exported, "-o", tmp_path / "out")
    before = (tmp_path / "out" / name).read_bytes()

    done = call("bulk", "report", tmp_path / "out", "-o", tmp_path / "out" / name)

    assert done.code == 2
    assert (tmp_path / "out" / name).read_bytes() == before
