"""How much memory is left, as the system's limits say it, and what follows from little of it."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cds.web import app
from cds.web.operating.logs import _NAME
from cds.web.operating.memory import LEAST, MIB, SPARE, of_group, room
from tests.web.processes import ROOT

STAT = "anon 1000\nactive_file 7\ninactive_file {}\nslab 5\n"
PRLIMIT = shutil.which("prlimit")
limited = pytest.mark.skipif(PRLIMIT is None, reason="prlimit (util-linux) is not here")


def _group(folder: Path, most: str, taken: int, cached: int) -> Path:
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{taken}\n")
    (folder / "memory.stat").write_text(STAT.format(cached))
    return folder


@pytest.mark.parametrize(("most", "left"), [("1000", 1000 - 600 + 50), ("max", None), ("500", -50)])
def test_of_a_control_group_cached_files_count_as_free(
    tmp_path: Path, most: str, left: int | None
) -> None:
    assert of_group(_group(tmp_path, most, 600, 50)) == left


def test_a_group_that_cannot_be_read_has_no_limit(tmp_path: Path) -> None:
    assert of_group(tmp_path) is None
    _group(tmp_path, "1000", 1, 0)
    (tmp_path / "memory.current").write_text("many\n")
    assert of_group(tmp_path) is None


def _under(mib: int, text: str) -> str:
    command = [str(PRLIMIT), f"--as={mib * MIB}", sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout or done.stderr


@limited
def test_a_limit_of_addresses_is_what_is_left_of_it() -> None:
    left = int(_under(400, "from cds.web.operating.memory import room; print(room())"))

    assert 200 * MIB < left < 400 * MIB
    assert room() is None or room() != left


@limited
def test_too_little_for_a_start_is_said_and_a_large_body_is_refused_before_it_is_read() -> None:
    said = _under(
        200,
        "from cds.web.operating import memory; from cds.errors import CdsError\n"
        "held = bytearray(memory.room() - memory.LEAST + memory.MIB)\n"
        "for check in (memory.check_start, lambda: memory.check_room(4 * memory.MIB)):\n"
        "    try: check()\n"
        "    except CdsError as error: print(getattr(error, 'status', 0), error)\n"
        "memory.check_room(memory.MIB)\n",
    )

    first, second = (line for line in said.splitlines() if not line.startswith("{"))
    assert first.startswith("0 memory: 6")
    assert f"at least {LEAST // MIB} are needed" in first
    assert second.startswith("503 body: There is too little memory")


def test_what_is_left_for_others_is_less_than_a_start_needs() -> None:
    """Or a service that has just started would refuse what it can read."""
    assert SPARE < LEAST


def test_where_none_is_left_it_ends_in_order_and_that_counts_as_a_failure() -> None:
    """Exit code 4: a platform that starts what has failed anew starts this one anew."""
    text = (
        "import signal\n"
        "from cds.web.operating import logs, memory\n"
        "ended = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: ended.append(1))\n"
        "logs.configure('info')\n"
        "memory.check_end()\n"
        "for _ in range(3): memory.ran_out(MemoryError())\n"
        "logs.lines_out().flush()\n"
        "try: memory.check_end()\n"
        "except MemoryError: print(len(ended))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert done.stdout == "1\n"
    (line,) = done.stderr.splitlines()
    assert '"level": "critical", "event": "out of memory"' in line


def test_background_work_that_fails_is_told_and_begun_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise PermissionError
        raise asyncio.CancelledError

    monkeypatch.setattr(app, "_AGAIN_S", 0.0)
    with caplog.at_level("CRITICAL", _NAME), pytest.raises(asyncio.CancelledError):
        asyncio.run(app._again(work))

    assert len(begun) == 2
    assert [record.msg for record in caplog.records] == ["background work failed"]
