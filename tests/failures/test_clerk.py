"""The process that writes the log: killed, stopped, left alone, or not to be had."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify
from cds.web.cards.unrecorded import NOT_RECORDED
from tests.failures.site import HOOK, Json, Service, anew, beside, resident_mib, shown_in_time

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
MOST_MIB = 70


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                said = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(said[1])


def _clerk_of(pid: int) -> int | None:
    """The process that writes the log for this one, if it has one."""
    for child, parent in _parents():
        with contextlib.suppress(OSError):
            if parent == pid and b"cds.store.clerk" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return None


def _holds(pid: int, name: str) -> bool:
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # it is closed meanwhile
            if one.readlink().name == name:
                return True
    return False


def _there(service: Service) -> int:
    service.until(lambda: _clerk_of(service.process.pid) is not None)
    found = _clerk_of(service.process.pid)
    assert found is not None
    # It is asked once it has opened the log, and holds the file from then on.
    service.until(lambda: _holds(found, "decisions.db"))
    time.sleep(0.2)
    return found


def _held(url: str) -> list[str | None]:
    with DecisionLog(url) as log:
        assert isinstance(verify(log), Verified)
        return [entry.hook_instance for entry, _ in log.entries() if entry.kind == "decision"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/decisions.db"


def test_a_writer_that_is_killed_under_load_loses_nothing_and_is_replaced(
    started: Start, emergency: Json, calm: Json, url: str
) -> None:
    service = started(store={"url": url})
    first = _there(service)
    kept: list[str] = []
    http = httpx.Client(timeout=10)

    def load() -> None:
        sent = anew(calm)
        answer = http.post(f"{service.url}{HOOK}", json=sent)
        assert answer.status_code == 200
        if NOT_RECORDED not in answer.text:
            kept.append(sent["hookInstance"])

    with beside(load, 3):
        for _ in range(3):
            os.kill(_there(service), signal.SIGKILL)
            shown_in_time(service, emergency, 10, kept=kept)
    http.close()
    service.until(lambda: service.get("/readyz").json()["log"] == "whole", 60)
    assert _there(service) != first
    assert service.events("log writer")
    assert service.stop() == 0

    assert len(kept) > 40
    assert set(kept) <= set(_held(url))


def test_a_writer_that_is_stopped_keeps_no_emergency_waiting_and_is_replaced(
    started: Start, emergency: Json, url: str
) -> None:
    service = started(store={"url": url})
    first = _there(service)
    kept: list[str] = []
    os.kill(first, signal.SIGSTOP)

    shown_in_time(service, emergency, kept=kept)

    service.until(lambda: not Path(f"/proc/{first}").exists())
    assert _there(service) != first
    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    shown_in_time(service, emergency, 5, kept=kept)
    assert service.stop() == 0
    assert set(kept) <= set(_held(url))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_writer_ends_with_the_process_that_it_writes_for(
    started: Start, emergency: Json, url: str, workers: int
) -> None:
    service = started("--workers", str(workers), store={"url": url})
    assert service.post(emergency).status_code == 200
    family = {service.process.pid}
    for _ in range(3):
        family |= {child for child, parent in _parents() if parent in family}
    writers = {clerk for pid in family if (clerk := _clerk_of(pid)) is not None}
    assert len(writers) == workers

    service.process.kill()
    service.process.wait()

    service.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in writers), 15)


def test_a_signal_to_the_whole_group_ends_the_writer_after_what_is_under_way(
    started: Start, emergency: Json, url: str
) -> None:
    service = started(store={"url": url})
    writer = _there(service)
    kept: list[str] = []
    shown_in_time(service, emergency, 5, kept=kept)

    os.killpg(service.process.pid, signal.SIGTERM)

    assert service.process.wait(40) == 0
    assert not Path(f"/proc/{writer}").exists()
    assert set(kept) <= set(_held(url))


def test_where_no_process_can_be_started_a_thread_writes(
    started: Start, emergency: Json, url: str, tmp_path: Path
) -> None:
    nothing = tmp_path / "sitecustomize.py"
    nothing.write_text(
        "import subprocess\n"
        "def none(*_, **__):\n"
        "    raise BlockingIOError(11, 'no more processes')\n"
        "subprocess.Popen.__init__ = none\n"
    )
    service = started(store={"url": url}, popen={"env": {"PYTHONPATH": str(tmp_path)}})
    kept: list[str] = []

    shown_in_time(service, emergency, 5, kept=kept)

    assert _clerk_of(service.process.pid) is None
    assert [one["why"] for one in service.events("log writer")] == ["not started"]
    assert service.stop() == 0
    assert set(kept) <= set(_held(url))


def test_a_writer_takes_little_memory(started: Start, emergency: Json, url: str) -> None:
    service = started(store={"url": url})
    writer = _there(service)
    shown_in_time(service, emergency, 20)

    assert resident_mib(writer) < MOST_MIB
