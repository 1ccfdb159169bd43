"""The service is killed in the middle of its work: nothing that it acknowledged is lost.

An answer that says of itself "Not recorded" acknowledges nothing: a slow disk may bring one.
"""

import concurrent.futures
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify
from cds.web.cards.unrecorded import NOT_RECORDED


def _acknowledged(url: str, body: Any, seconds: float) -> list[tuple[str, bytes]]:
    """Calls until the service is gone; what was answered without saying that it was not kept."""
    answered: list[tuple[str, bytes]] = []
    until = time.monotonic() + seconds
    with httpx.Client(timeout=5) as http:
        while time.monotonic() < until:
            sent = body()
            try:
                answer = http.post(f"{url}/cds-services/cramps-patient-view", json=sent)
            except httpx.HTTPError:
                break
            if answer.status_code == 200 and NOT_RECORDED not in answer.text:
                answered.append((sent["hookInstance"], answer.content))
    return answered


def _survives(running: Any, body: Any, url: str, tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(
        "[server]\nmetrics_port = 0\n[auth]\nrequired = false\n"
        # The log may be slow here, since this is about what is lost, not about how long it takes.
        f'[limits]\nrequests_per_minute = 0\n[store]\nurl = "{url}"\n'
    )
    server = running("--config", str(config), "--workers", "2")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(_acknowledged, server.url, body, 20) for _ in range(4)]
        time.sleep(2.5)
        server.kill()
        answered = [one for call in calls for one in call.result()]

    again = running("--config", str(config), "--workers", "2")
    # What a slow disk kept waiting is on its way into the log; it need not be there at once.
    until = time.monotonic() + 60
    while httpx.get(f"{again.url}/readyz").json()["log"] != "whole" and time.monotonic() < until:
        time.sleep(0.1)
    assert httpx.get(f"{again.url}/readyz").status_code == 200
    assert again.stop() == 0

    assert len(answered) > 20
    with DecisionLog(url) as log:
        found = verify(log)
        held = {entry.hook_instance for entry, _ in log.entries()}
    assert isinstance(found, Verified)
    assert {instance for instance, _ in answered} <= held


@pytest.mark.slow
def test_26_nothing_acknowledged_is_lost_when_two_workers_are_killed(
    running: Any, body: Any, tmp_path: Path
) -> None:
    _survives(running, body, f"sqlite:///{tmp_path}/decisions.db", tmp_path)


@pytest.mark.slow
def test_26_nothing_acknowledged_is_lost_when_two_workers_are_killed_on_postgresql(
    running: Any, body: Any, cluster: Any, tmp_path: Path
) -> None:
    _survives(running, body, cluster.url(cluster.database()), tmp_path)
