"""A run that is stopped, killed or starved goes on where it was, and ends with the same bytes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.errors import CdsError
from cds.flows.assess import Assessor, installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import Job
from cds.flows.bulk.workers import Alone, Crew
from tests.bulk.conftest import NOW, lines_in, results_in
from tests.flows.made_up import members

Bulk = Callable[..., Any]
ROOT = Path(__file__).parents[2]
DEADLINE_S = 600  # on a machine that is full of other work


@pytest.fixture(scope="session")
def larger(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same people often enough that a run takes a few parts."""
    folder = tmp_path_factory.mktemp("larger") / "in"
    folder.mkdir()
    text = (exported / "QuestionnaireResponse.ndjson").read_bytes()
    (folder / "QuestionnaireResponse.ndjson").write_bytes(text * 12)
    for name in ("Patient", "Observation"):
        shutil.copy(exported / f"{name}.ndjson", folder)
    return folder


@pytest.fixture(scope="session")
def expected(larger: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("expected") / "out"
    done = started(larger, out)
    assert done.wait(DEADLINE_S) == 0
    return results_in(out)


def started(source: Path, out: Path, said: Path | None = None) -> subprocess.Popen[bytes]:
    words = ["bulk", str(source), "-o", str(out), "--now", NOW, "--jobs", "2"]
    with (said or out.with_suffix(".said")).open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *words],
            stderr=errors,
            stdout=subprocess.DEVNULL,
            cwd=out.parent,
        )


def finished_parts(out: Path) -> set[str]:
    return {path.name for path in (out / ".work").glob("*.done") if "survey" not in path.name}


def children_of(pid: int) -> list[int]:
    """The workers of a run, by their parent; the tracker of resources of `spawn` is none."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            words = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == pid and b"resource_tracker" not in words:
            found.append(int(path.parent.name))
    return found


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.01)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_run_that_is_ended_goes_on_and_leaves_no_worker(
    larger: Path, out: Path, expected: dict[str, bytes], number: signal.Signals, code: int
) -> None:
    run = started(larger, out)
    until(lambda: finished_parts(out))
    workers = children_of(run.pid)
    run.send_signal(number)
    assert run.wait(DEADLINE_S) == code
    kept = finished_parts(out)
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
    assert not (out / "decisions.ndjson").exists()

    again = started(larger, out)
    assert again.wait(DEADLINE_S) == 0

    assert kept
    assert results_in(out) == expected


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(
    larger: Path, out: Path, expected: dict[str, bytes]
) -> None:
    run = started(larger, out)
    until(lambda: finished_parts(out))
    for worker in children_of(run.pid)[:1]:
        os.kill(worker, signal.SIGKILL)

    assert run.wait(DEADLINE_S) == 0
    assert results_in(out) == expected


POISON = wire.write(members("messy")[0].response["id"])


class _Deadly(Assessor):
    """An assessor that takes its process down with it when it meets one response."""

    def assess(self, response: object, **more: Any) -> Any:
        if isinstance(response, bytes) and POISON in response:
            os._exit(9)
        return super().assess(response, **more)


def names_of(files: list[Path]) -> tuple[str, ...]:
    return tuple(path.name for path in files)


def deadly() -> Assessor:
    return _Deadly(installed().packs)


@pytest.mark.slow
@pytest.mark.parametrize(("with_record", "how"), [(False, "fork"), (True, "fork"), (True, "spawn")])
def test_what_kills_its_worker_twice_is_named_and_left_out(
    exported: Path, out: Path, with_record: bool, how: str
) -> None:
    files = [exported / "QuestionnaireResponse.ndjson"]
    if with_record:
        files.append(exported / "Patient.ndjson")
    options = Options(members("messy")[0].now)
    packs = installed().packs
    job = Job(
        out,
        tuple(files),
        names_of(files),
        options,
        partial(deadly),
        tuple(one.hash for one in packs),
    )
    begun = manifests.wanted(packs, options, "", None)
    Folder(out).make()

    with Crew(job, 2, how) as crew:
        ended = Run(job, crew, begun, lambda *_: None).go(None)

    faults = lines_in(out / "faults.ndjson")
    assert faults
    assert {one["kind"] for one in faults} == {"left-out"}
    assert "its worker was lost" in faults[0]["text"]
    assert ended.summary["own-faults"] >= 1
    assert ended.summary["left-out"] >= 1


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_run_goes_on_once_there_is_room(
    exported: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this account may not mount a small disk")
    try:
        run = started(exported, small / "out", tmp_path / "said")
        assert run.wait(DEADLINE_S) == 3
        assert "the disk is full" in (tmp_path / "said").read_text("utf-8")
        subprocess.run(["mount", "-o", "remount,size=40m", str(small)], check=True)
        again = started(exported, small / "out")
        assert again.wait(DEADLINE_S) == 0
        plain = started(exported, tmp_path / "plain")
        assert plain.wait(DEADLINE_S) == 0
        assert results_in(small / "out") == results_in(tmp_path / "plain")
    finally:
        subprocess.run(["umount", str(small)], check=True)


# ── What may not be gone on with ──


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--now", "2026-01-01T00:00:00Z"], "another --now"),
        (["--fhir"], "other options"),
    ],
)
def test_a_run_is_gone_on_with_as_it_was_begun_or_not_at_all(
    call: Bulk, exported: Path, out: Path, change: list[str], said: str
) -> None:
    begun = call("bulk", exported, "-o", out, "--jobs", 0, "--now", NOW)
    before = results_in(out)

    done = call("bulk", exported, "-o", out, "--jobs", 0, "--now", NOW, *change)

    assert (begun.code, done.code) == (0, 2)
    assert said in done.err
    assert results_in(out) == before


def test_an_input_that_has_changed_since_is_refused(call: Bulk, exported: Path, out: Path) -> None:
    source = out.parent / "in"
    shutil.copytree(exported, source)
    call("bulk", source, "-o", out, "--jobs", 0, "--now", NOW)
    with (source / "Patient.ndjson").open("ab") as file:
        file.write(b"\n")

    done = call("bulk", source, "-o", out, "--jobs", 0, "--now", NOW)

    assert done.code == 2
    assert "inputs that have changed" in done.err


def test_without_a_time_a_restart_takes_that_of_the_beginning(
    call: Bulk, exported: Path, out: Path
) -> None:
    call("bulk", exported, "-o", out, "--jobs", 0)
    first = json.loads((out / "manifest.json").read_bytes())["now"]
    time.sleep(1.1)

    assert call("bulk", exported, "-o", out, "--jobs", 0).code == 0
    assert json.loads((out / "manifest.json").read_bytes())["now"] == first


@pytest.mark.slow
def test_two_runs_do_not_share_a_folder(call: Bulk, larger: Path, out: Path) -> None:
    run = started(larger, out)
    until((out / "manifest.json").exists)

    done = call("bulk", larger, "-o", out, "--jobs", 0, "--now", NOW)

    assert done.code == 2
    assert "another run is writing to" in done.err
    assert run.wait(DEADLINE_S) == 0


def nothing_installed() -> Assessor:
    return Assessor([])


def test_workers_without_the_packs_of_the_run_end_it_with_the_reason(
    exported: Path, out: Path
) -> None:
    options = Options(members("messy")[0].now)
    packs = installed().packs
    hashes = tuple(one.hash for one in packs)
    job = Job(
        out, (exported / "Patient.ndjson",), ("Patient.ndjson",), options, nothing_installed, hashes
    )
    Folder(out).make()

    with pytest.raises(CdsError) as caught:
        Run(job, Alone(job), manifests.wanted(packs, options, "", None), lambda *_: None).go(None)

    assert "are not installed here" in caught.value.problem
