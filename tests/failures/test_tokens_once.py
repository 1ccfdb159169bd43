"""A token is good once: across workers, restarts and outages, and whatever the clock says."""

import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cds.store.decisions import DecisionLog
from cds.store.seen import SeenTokens
from tests.failures.site import HOOK, PATIENT, Json, Service, anew
from tests.web.signing import ISS, Signing, new_signing

pytestmark = pytest.mark.slow
PUBLIC = "https://cds.example.org"
Start = Callable[..., Service]


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return new_signing(tmp_path / "jwks.json")


def _tables(signing: Signing, url: str, spool: Path) -> dict[str, Any]:
    return {
        "server": {"public_url": PUBLIC},
        "auth": {"required": True},
        "store": {"url": url, "spool": str(spool)},
        "limits": dict(PATIENT),
        "clients": [{"name": "ehr", "iss": ISS, "jwks_file": str(signing.jwks)}],
    }


def _codes(service: Service, body: Json, token: str, count: int) -> list[int]:
    """The same token again and again, over a connection each: the workers take them in turn."""
    headers = {"authorization": f"Bearer {token}"}
    url = f"{service.url}{HOOK}"
    return [
        httpx.post(url, json=anew(body), headers=headers, timeout=20).status_code
        for _ in range(count)
    ]


def test_33_a_token_is_good_once_while_the_log_is_away_and_when_it_is_back(
    started: Start, cluster: Any, signing: Signing, emergency: Json, tmp_path: Path
) -> None:
    url = cluster.url(cluster.database())
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    service = started("--workers", "2", **_tables(signing, url, here / "spool"))
    other = started(**_tables(signing, url, there / "spool"))  # another host
    before, during = (signing.token(PUBLIC + HOOK) for _ in range(2))
    assert _codes(service, emergency, before, 3) == [200, 401, 401]
    assert _codes(other, emergency, before, 1) == [401]
    cluster.stop(signal.SIGQUIT)
    try:
        assert sorted(_codes(service, emergency, during, 8)) == [200] + [401] * 7
        assert _codes(service, emergency, before, 4) == [401] * 4
    finally:
        cluster.start()

    service.until(lambda: _whole(service))
    other.until(lambda: _whole(other))
    service.until(lambda: _told(url) >= 2)
    assert _codes(other, emergency, during, 1) == [401]
    assert _codes(service, emergency, during, 4) == [401] * 4


def _whole(service: Service) -> bool:
    # Asked several times: each of its workers should have answered.
    return all(service.get("/readyz").json()["log"] == "whole" for _ in range(3))


def _told(url: str) -> int:
    with DecisionLog(url) as log, log.database.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM used_token").scalar_one()
        return count


def _faketime() -> str:
    """The library by which `faketime` changes what a program takes for the time."""
    program = shutil.which("faketime")
    if program is None:
        pytest.skip("faketime is not installed (Debian: apt install faketime)")
    asked = [program, "-m", "-f", "+0", "printenv", "LD_PRELOAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def test_33_a_token_stays_used_when_the_clock_of_the_service_jumps_and_comes_back(
    started: Start, signing: Signing, emergency: Json, tmp_path: Path
) -> None:
    ahead = 2 * 24 * 3600
    clock = tmp_path / "clock"
    clock.write_text("+0")
    # Beside a real monotonic clock, faketime refuses the sleep of Python.
    sleep = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
    (tmp_path / "sitecustomize.py").write_text(sleep)
    environment = {
        "PYTHONPATH": str(tmp_path),
        "LD_PRELOAD": _faketime(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    tables = _tables(signing, f"sqlite:///{tmp_path}/decisions.db", tmp_path / "spool")
    service = started(popen={"env": environment}, **tables)
    token = signing.token(PUBLIC + HOOK)
    later = int(datetime.now(UTC).timestamp()) + ahead

    first = _codes(service, emergency, token, 2)
    clock.write_text(f"+{ahead}")
    for _ in range(5):
        meanwhile = signing.token(PUBLIC + HOOK, iat=later, exp=later + 300)
        assert _codes(service, emergency, meanwhile, 1) == [200]
    clock.write_text("+0")

    assert first == [200, 401]
    assert _codes(service, emergency, token, 2) == [401, 401]


@pytest.mark.parametrize("jump", [timedelta(days=2), -timedelta(days=2)])
def test_33_a_clock_that_jumps_and_comes_back_makes_no_token_good_again(
    tmp_path: Path, jump: timedelta
) -> None:
    """The machine's own running time counts; the clock of the day is not asked."""
    seconds = [1000.0]
    seen = SeenTokens(tmp_path / "tokens", clock=lambda: seconds[0])
    now = datetime.now(UTC)
    assert seen.use([(("token", int(now.timestamp()) + 330), False)]) == [True]
    for number in range(2500):  # enough that it sweeps
        later = int((now + jump).timestamp())
        assert seen.use([((f"other-{number}", later), False)]) == [True]
    seconds[0] += 1800

    assert seen.use([(("token", int(now.timestamp()) + 330), False)]) == [False]
    seen.close()
    again = SeenTokens(tmp_path / "tokens", clock=lambda: 5.0)  # the machine was started anew
    assert again.use([(("token", int(now.timestamp()) + 330), False)]) == [False]
    again.close()
