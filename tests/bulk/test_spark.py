"""Bulk on a standalone Spark cluster: the same bytes, also when an executor is killed."""

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.bulk.dependencies import write_archive
from tests.bulk.conftest import NOW, results_in
from tests.bulk.spark_cluster import DEADLINE_S, cluster, executors_in
from tests.bulk.test_bulk_whole import flow, here
from tests.flows.made_up import members

pytest.importorskip("pyspark", reason="the extra `spark` is not installed: see `make spark`")
pytestmark = pytest.mark.spark
ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def master(place: Path) -> Iterator[str]:
    with cluster(place) as address:
        yield address


@pytest.fixture(scope="module")
def archive(place: Path) -> Path:
    path = place / "deps.tar.gz"
    write_archive(path)
    return path


@pytest.fixture
def started(master: str, archive: Path) -> Iterator[Started]:
    """Starts a driver; one that has not ended by the end of its test is ended."""
    begun: list[subprocess.Popen[str]] = []

    def start(source: Path, out: Path, packed: Path = archive) -> "subprocess.Popen[str]":
        words = ["bulk", str(source), "-o", str(out), "--now", NOW, "--engine", "spark"]
        run = subprocess.Popen(
            [sys.executable, "cli.py", *words, "--master", master, "--archive", str(packed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        )
        begun.append(run)
        return run

    yield start
    for run in begun:
        run.kill()  # Spark's machine ends with its driver
        run.communicate()


@pytest.fixture(scope="module")
def expected(exported: Path, place: Path) -> dict[str, bytes]:
    words = ["bulk", str(exported), "-o", str(place / "local"), "--now", NOW, "--jobs", "0"]
    subprocess.run([sys.executable, "cli.py", *words], cwd=ROOT, check=True, capture_output=True)
    return results_in(place / "local")


def test_a_cluster_writes_the_same_bytes_as_this_machine(
    started: Started, exported: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    run = started(exported, tmp_path / "out")
    _, said = run.communicate(timeout=DEADLINE_S)

    assert run.returncode == 0, said
    assert results_in(tmp_path / "out") == expected


def test_an_executor_that_is_killed_changes_no_byte(
    started: Started, exported: Path, expected: dict[str, bytes], place: Path, tmp_path: Path
) -> None:
    run = started(exported, tmp_path / "out")
    end = time.monotonic() + DEADLINE_S
    while not list((tmp_path / "out" / ".work").glob("spread-*.done")):
        assert time.monotonic() < end
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)
    killed = executors_in(place)[:1]
    for one in killed:
        os.kill(one, signal.SIGKILL)
    _, said = run.communicate(timeout=DEADLINE_S)

    assert killed
    assert run.returncode == 0, said
    assert results_in(tmp_path / "out") == expected


def test_a_population_is_assessed_to_the_same_bytes_when_its_driver_is_killed_twice(
    master: str, archive: Path, tmp_path: Path
) -> None:
    words = ["--engine", "spark", "--master", master, "--archive", archive]

    flow(tmp_path, 1_000, lambda out: [*here(out), *map(str, words)], SPARK_LOCAL_IP="127.0.0.1")


def test_executors_without_packs_end_the_run_at_once_with_the_reason(
    started: Started, archive: Path, exported: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.tar.gz"
    with tarfile.open(archive) as source, tarfile.open(bare, "w:gz") as target:
        for one in source:
            if "questionnaires/" not in one.name:
                target.addfile(one, source.extractfile(one))

    run = started(exported, tmp_path / "out", bare)
    _, said = run.communicate(timeout=DEADLINE_S)

    assert run.returncode == 3
    assert "are not installed here" in said
    assert not (tmp_path / "out" / "decisions.ndjson").exists()


def framed(master: str, archive: Path, *files: Path) -> list[Json]:
    words = [str(Path(__file__).parent / "frames.py"), master, str(archive), NOW, *map(str, files)]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def settled(decision: Json) -> tuple[str, str, list[str]]:
    """What a decision comes to: a shuffle keeps no order of the record, nor of its notes."""
    rules = [one["rule"] for one in decision["findings"]]
    return decision["response"]["id"], decision["level"], rules


def test_a_frame_with_a_record_gives_the_decisions_of_a_run(
    master: str, archive: Path, exported: Path, expected: dict[str, bytes]
) -> None:
    files = sorted(exported.glob("[A-Z]*.ndjson"))
    beside = [path for path in files if path.name != "QuestionnaireResponse.ndjson"]

    rows = framed(master, archive, exported / "QuestionnaireResponse.ndjson", *beside)

    decisions = [json.loads(line) for line in expected["decisions.ndjson"].splitlines()]
    assert sorted(settled(row["decision"]) for row in rows) == sorted(map(settled, decisions))
    assert all(row["record"] for row in rows)


def test_a_frame_of_responses_gives_a_row_each_and_tells_what_is_broken(
    master: str, archive: Path, tmp_path: Path
) -> None:
    good = [wire.write(member.response) for member in members("everyday")[:5]]
    path = tmp_path / "in.ndjson"
    path.write_bytes(b"\n".join([*good, b'{"resourceType":"Questio\xff', b"nonsense"]) + b"\n")

    rows = framed(master, archive, path)

    assert len(rows) == 7
    assert sum(row["decision"] is not None for row in rows) == 5
    assert {row["fault"]["kind"] for row in rows if row["fault"]} == {"unreadable"}


def test_what_is_packed_has_the_packs_and_no_machine_in_it(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        names = packed.getnames()

    assert "cds/questionnaires/cramps/pack.toml" in names
    assert "orjson/__init__.py" in names
    assert not [name for name in names if name.startswith("/") or "__pycache__" in name]
    assert archive.stat().st_size < 6_000_000
