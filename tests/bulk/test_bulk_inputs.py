"""What a run reads, and what it leaves alone: its own results, and those of other runs."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bulk.conftest import lines_in, results_in

Run = Callable[..., Any]


def test_a_run_into_its_own_input_goes_on_and_reads_nothing_that_a_run_wrote(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "in"))
    (folder / "manifest.json").unlink()

    first = bulk(folder, "-o", folder / "out")
    again = bulk(folder, "-o", folder / "out")
    other = bulk(folder, "-o", folder / "other")

    assert (first.code, again.code, other.code) == (0, 0, 0)
    assert len(lines_in(folder / "out" / "decisions.ndjson")) == 60
    made, also = (results_in(folder / name) for name in ("out", "other"))
    assert made == also


def test_what_a_run_wrote_is_read_where_it_is_named(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    bulk(exported, "-o", tmp_path / "out")

    done = bulk(tmp_path / "out" / "decisions.ndjson", "-o", tmp_path / "strange")
    folder = bulk(tmp_path / "out", "-o", tmp_path / "stranger")

    assert len(lines_in(tmp_path / "strange" / "faults.ndjson")) == 60
    assert (done.code, folder.code) == (3, 3)
    assert "holds no file to read" in folder.err


@pytest.mark.parametrize("option", ["--master", "--archive", "--client", "--key"])
def test_an_option_that_does_nothing_is_refused(
    bulk: Run, exported: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "some").touch()

    done = bulk(exported, "-o", tmp_path / "out", option, tmp_path / "some")

    assert done.code == 2
    assert f"{option}: does nothing without" in done.err


def test_what_lies_beside_the_results_of_another_run_is_read(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    bulk(exported, "-o", tmp_path / "first")
    shutil.copy(exported / "QuestionnaireResponse.ndjson", tmp_path / "first" / "more.ndjson")

    done = bulk(tmp_path / "first", "-o", tmp_path / "second")

    assert done.code == 0
    assert len(lines_in(tmp_path / "second" / "decisions.ndjson")) == 60


def test_inputs_below_the_folder_for_the_results_are_refused_by_the_folder(
    bulk: Run, exported: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "new" / "data"))
    (folder / "manifest.json").unlink()

    done = bulk(folder, "-o", folder.parent)

    assert done.code == 2
    assert "that no bulk run wrote" in done.err
