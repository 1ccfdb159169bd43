"""The spool while PostgreSQL is away: a rotten line, and two thousand that wait."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify
from cds.web.cards.unrecorded import NOT_RECORDED
from tests.failures.site import PATIENT, Json, Service, anew, shown_in_time
from tests.web.processes import free_port

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
MANY = 2000
DRAINED_S = 180.0  # it rests between, for longer where the machine is busy


def _counter(port: int, name: str) -> float:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    found = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def _held(url: str) -> list[str | None]:
    with DecisionLog(url) as log:
        assert isinstance(verify(log), Verified)
        return [entry.hook_instance for entry, _ in log.entries() if entry.kind == "decision"]


def _answered(service: Service, body: Json, count: int) -> list[str]:
    """The hookInstances of so many answered calls; of none that says that it was not recorded.

    Nor of a card that says "not assessed": that is what a calm answer is then.
    """
    names = []
    for _ in range(count):
        sent = anew(body)
        answer = service.post(sent)
        assert answer.status_code == 200
        if NOT_RECORDED not in answer.text and "not assessed" not in answer.text:
            names.append(sent["hookInstance"])
    return names


def test_32_a_rotten_line_is_set_aside_and_the_others_are_in_the_log(
    started: Start, cluster: Any, emergency: Json, tmp_path: Path
) -> None:
    url, path, port = cluster.url(cluster.database()), tmp_path / "spool", free_port()
    service = started(
        store={"url": url, "spool": str(path)},
        server={"metrics_port": port},
        limits=dict(PATIENT),
    )
    cluster.stop(signal.SIGQUIT)
    try:
        names = _answered(service, emergency, 5)
        lines = path.read_bytes().splitlines(keepends=True)
        lines[2] = lines[2][: len(lines[2]) // 2] + b"\n"
        path.write_bytes(b"".join(lines) + lines[3][:40])
        names += _answered(service, emergency, 1)
        assert service.get("/readyz").status_code == 503
        assert "oldest entry waits" in service.get("/readyz").json()["spool"]
        service.until(lambda: _counter(port, "cds_spool_oldest_seconds") > 0)
    finally:
        cluster.start()

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    assert "set aside" in service.get("/readyz").json()["spool"]
    assert _counter(port, "cds_spool_damaged_total") == 2
    assert [line["level"] for line in service.events("spool lines set aside")] == ["critical"]
    assert _held(url) == names[:2] + names[3:]
    names += _answered(service, emergency, 1)
    assert _held(url)[-1] == names[-1]


def test_while_two_thousand_entries_drain_an_emergency_is_not_kept_waiting(
    started: Start, cluster: Any, emergency: Json, calm: Json, tmp_path: Path
) -> None:
    url = cluster.url(cluster.database())
    service = started(store={"url": url, "spool": str(tmp_path / "spool")})
    cluster.stop(signal.SIGQUIT)
    try:
        names = _answered(service, calm, MANY)
    finally:
        cluster.start()
    service.until(lambda: service.get("/readyz").json()["log"] != "log away")
    shown_in_time(service, emergency, 40, kept=names)
    names += _answered(service, emergency, 5)

    # And an end in the middle of it loses nothing.
    assert service.stop() == 0
    again = started(store={"url": url, "spool": str(tmp_path / "spool")})
    again.until(lambda: again.get("/readyz").json()["log"] == "whole", DRAINED_S)
    assert again.stop() == 0
    held = _held(url)
    assert set(names) <= set(held)
    assert len(names) > MANY // 2
    # A slow disk may leave some out, which say so.
    assert len(names) <= len(held) == len(set(held)) <= MANY + 45


def test_a_drain_in_the_middle_of_which_the_service_is_killed_loses_nothing(
    started: Start, cluster: Any, calm: Json, tmp_path: Path
) -> None:
    url = cluster.url(cluster.database())
    service = started(store={"url": url, "spool": str(tmp_path / "spool")})
    cluster.stop(signal.SIGQUIT)
    try:
        names = _answered(service, calm, 300)
    finally:
        cluster.start()
    with DecisionLog(url) as log:
        until = time.monotonic() + 20
        while log.head().sequence == 0 and time.monotonic() < until:
            time.sleep(0.01)
        service.kill()
        assert log.head().sequence < len(names)

    again = started(store={"url": url, "spool": str(tmp_path / "spool")})
    again.until(lambda: again.get("/readyz").json()["log"] == "whole", DRAINED_S)
    held = _held(url)
    assert set(names) <= set(held)
    # What says that it was not recorded may be there all the same: its disk was only late.
    assert len(names) <= len(held) == len(set(held)) <= 300
