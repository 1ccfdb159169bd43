"""A population, its decisions and the report, as docs/populations.md has it; killed twice."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.bulk.conftest import NOW, results_in

pytest.importorskip("duckdb", reason="the extra `bulk` is not installed")
ROOT = Path(__file__).parents[2]
KILLS = 2
DEADLINE_S = 3600  # of one run, on a machine that is full of other work


def cli(*words: object) -> list[str]:
    return [sys.executable, str(ROOT / "cli.py"), *map(str, words)]


def done(*words: object, folder: Path) -> None:
    ended = subprocess.run(cli(*words), cwd=folder, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()


def assessed_parts(out: Path) -> int:
    return len(list((out / ".work").glob("gather-*.done")))


def killed(
    folder: Path, words: list[str], out: Path, wanted: int, environment: Mapping[str, str]
) -> int:
    """Kill the run once so many parts are assessed; gives how many were kept."""
    with (folder / "said").open("wb") as said:
        run = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,  # Spark's machine ends when its driver's input does
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        end = time.monotonic() + DEADLINE_S
        try:
            while assessed_parts(out) < wanted:
                assert run.poll() is None, (folder / "said").read_text("utf-8")
                assert time.monotonic() < end, "no part was assessed in time"
                time.sleep(0.01)
        finally:
            run.kill()
            run.communicate()
    return assessed_parts(out)


def flow(folder: Path, count: int, run: Callable[[str], list[str]], **environment: str) -> None:
    """The same bytes of a run that is killed twice and of one that is not."""
    around = {**os.environ, **environment}
    done("sample", "population", "-n", count, "--mix", "messy", "-o", "pop", folder=folder)
    plain = ["bulk", "pop", "-o", "plain", "--table", "parquet", "--now", NOW]
    done(*plain, folder=folder)
    expected = results_in(folder / "plain")
    shutil.rmtree(folder / "plain")

    kept = 0
    for _ in range(KILLS):
        before, kept = kept, killed(folder, run("out"), folder / "out", kept + 1, around)
        assert kept > before
    ended = subprocess.run(
        run("out"), cwd=folder, env=around, capture_output=True, check=False, timeout=DEADLINE_S
    )
    assert ended.returncode == 0, ended.stderr.decode()

    assert results_in(folder / "out") == expected
    assert f"{count:,} of {count:,} responses assessed" in ended.stderr.decode()
    done("bulk", "report", "out", "-o", "report.html", folder=folder)
    assert b"<svg" in (folder / "report.html").read_bytes()


def here(out: str) -> list[str]:
    return cli("bulk", "pop", "-o", out, "--table", "parquet", "--now", NOW)


@pytest.mark.slow
def test_a_population_is_assessed_to_the_same_bytes_when_killed_twice(tmp_path: Path) -> None:
    flow(tmp_path, 1_500, here)


@pytest.mark.long
def test_a_hundred_thousand_are_assessed_to_the_same_bytes_when_killed_twice(
    tmp_path: Path,
) -> None:
    flow(tmp_path, 100_000, here)
