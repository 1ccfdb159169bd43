"""However large an input is, a worker needs no more memory: gigabytes with holes in them."""

import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from tests.bulk.conftest import NOW, lines_in
from tests.flows.made_up import members

Bulk = Callable[..., Any]
ROOT = Path(__file__).parents[2]
LONG = 3 * wire.MAX_BYTES
MOST_MB = 60
HOLE = 100_000_000
GB = 1_000_000_000


def sparse(path: Path, size: int) -> tuple[int, int]:
    """Responses, and between them lines of nothing that take no place on the disk.

    Gives how many of each there are.
    """
    block = b"\n".join(wire.write(member.response) for member in members("messy")) + b"\n"
    blocks = 0
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)
            file.seek(HOLE, 1)
            file.write(b"\n")
            blocks += 1
    return blocks * block.count(b"\n"), blocks


def peak_of_workers(run: "subprocess.Popen[bytes]") -> float:
    """The most memory that any worker of a run had, in MB; waits for the end of the run."""
    over, peak = threading.Event(), [0.0]

    def look() -> None:
        while not over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*"):
                try:
                    parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
                    if int(parent) == run.pid:
                        status = (path / "status").read_text()
                        peak[0] = max(peak[0], int(status.partition("VmHWM:")[2].split()[0]) / 1e3)
                except (OSError, ValueError, IndexError):
                    continue  # it has ended meanwhile

    watching = threading.Thread(target=look)
    watching.start()
    run.communicate()
    over.set()
    watching.join()
    return peak[0]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(2 * HOLE, marks=pytest.mark.slow),
        pytest.param(10 * GB, marks=pytest.mark.long),
    ],
)
def test_a_worker_needs_no_more_memory_for_a_larger_file(tmp_path: Path, size: int) -> None:
    responses, holes = sparse(tmp_path / "in.ndjson", size)
    words = ["bulk", "in.ndjson", "-o", "out", "--now", NOW, "--jobs", "2"]

    with (tmp_path / "said").open("wb") as said:
        run = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *words], cwd=tmp_path, stderr=said
        )
        peak = peak_of_workers(run)

    assert run.returncode == 1, (tmp_path / "said").read_text("utf-8")
    assert 10 < peak < MOST_MB
    assert len(lines_in(tmp_path / "out" / "decisions.ndjson")) == responses
    assert len(lines_in(tmp_path / "out" / "faults.ndjson")) == holes


@pytest.mark.parametrize("beside", [False, True])
def test_a_line_that_is_too_long_is_told_with_its_length_and_never_held(
    bulk: Bulk, tmp_path: Path, beside: bool
) -> None:
    good = [wire.write(member.response) for member in members("everyday")[:2]]
    files = [tmp_path / "in.ndjson"]
    with files[0].open("wb") as file:
        file.write(good[0] + b"\n" + good[1][:-1])
        file.seek(LONG, 1)  # a hole: nothing of it is on the disk
        file.write(b"}\n" + good[1] + b"\n")
    if beside:
        files.append(tmp_path / "Patient.ndjson")
        files[1].write_bytes(b'{"resourceType":"Patient","id":"other"}\n')

    tracemalloc.start()
    done = bulk(*files, "-o", tmp_path / "out")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    (fault,) = lines_in(tmp_path / "out" / "faults.ndjson")
    assert (done.code, fault["line"], fault["kind"]) == (1, 2, "unreadable")
    assert f"is {LONG + len(good[1]) + 1:,} bytes long" in fault["text"]
    assert [one["line"] for one in lines_in(tmp_path / "out" / "decisions.ndjson")] == [1, 3]
    assert peak < LONG / 2
