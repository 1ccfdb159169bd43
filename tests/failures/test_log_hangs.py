"""The decision log is there and says nothing: an emergency waits half a second for it at most."""

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from cds.store.database import LOCK
from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify
from tests.failures.site import Json, Proxy, Service, anew, shown_in_time

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
PORT = 5432
START_MORE_S = 4.0  # for a log that hangs: it is waited for three seconds
FORM_S = 12.0  # one wait of a second, and answers at once; before, 8 times 5 s


@contextmanager
def _stopped(cluster: Any) -> Iterator[None]:
    """Every process of the database is stopped: connections stay open, and nothing comes."""
    pid = cluster._server.pid
    family = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                family.append(int(entry.name))
    for one in family:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(family):
            os.kill(one, signal.SIGCONT)


@contextmanager
def _locked(dsn: str) -> Iterator[None]:
    """Somebody else holds what every writer needs."""
    with psycopg.connect(dsn) as other:
        other.execute(f"SELECT pg_advisory_lock({LOCK})")
        yield


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture(params=["stopped", "vanished", "locked", "locked file"])
def fault(
    request: pytest.FixtureRequest, cluster: Any, tmp_path: Path
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The URL of a log, and what makes it hang."""
    if request.param == "locked file":
        path = tmp_path / "decisions.db"
        yield f"sqlite:///{path}", lambda: _locked_file(path)
        return
    name = cluster.database()
    if request.param != "vanished":
        kinds = {"stopped": lambda: _stopped(cluster), "locked": lambda: _locked(cluster.dsn(name))}
        yield cluster.url(name), kinds[request.param]
        return
    proxy = Proxy(f"{cluster.folder}/.s.PGSQL.{PORT}")

    @contextmanager
    def vanished() -> Iterator[None]:
        proxy.vanish = True
        yield
        proxy.vanish = False

    yield f"postgresql+psycopg://owner@127.0.0.1:{proxy.port}/{name}", vanished
    proxy.close()


def _held(url: str) -> list[str | None]:
    with DecisionLog(url) as log:
        assert isinstance(verify(log), Verified)
        return [entry.hook_instance for entry, _ in log.entries() if entry.kind == "decision"]


def test_31_with_a_spool_every_answer_comes_in_time_and_is_in_the_log_later(
    started: Start,
    fault: tuple[str, Callable[[], Any]],
    emergency: Json,
    calm: Json,
    tmp_path: Path,
) -> None:
    url, broken = fault
    service = started(store={"url": url, "spool": str(tmp_path / "spool")})
    kept: list[str] = []
    shown_in_time(service, emergency, 1, kept=kept)
    known = anew(calm)

    with broken():
        shown_in_time(service, emergency, kept=kept)
        assert service.post(known).status_code == 200
        assert service.get("/readyz").status_code == 503

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    assert service.post(known).status_code == 200
    assert service.stop() == 0
    held = _held(url)
    assert set(kept) <= set(held)
    assert len(kept) > 10
    # What says that it was not recorded may be there all the same: its disk was only late.
    assert len(held) == len(set(held)) <= 22
    assert held.count(known["hookInstance"]) == 1


def test_31_a_site_that_refuses_shows_an_emergency_that_says_it_is_not_recorded(
    started: Start, fault: tuple[str, Callable[[], Any]], emergency: Json, calm: Json
) -> None:
    url, broken = fault
    service = started(store={"url": url, "on_failure": "refuse"})
    assert service.post(emergency).status_code == 200

    with broken():
        shown_in_time(service, emergency)
        began = time.perf_counter()
        shown = service.post(anew(emergency)).json()["cards"][0]
        refused = service.post(anew(calm))
        took = time.perf_counter() - began

    assert "not recorded" in shown["detail"].lower()
    assert refused.status_code == 503 or "not assessed" in refused.json()["cards"][0]["summary"]
    assert took < 1
    service.until(lambda: "not recorded" not in service.post(anew(emergency)).text.lower())


def test_a_start_does_not_wait_for_a_log_that_hangs(
    started: Start, cluster: Any, emergency: Json, tmp_path: Path
) -> None:
    """It begins without it, says so, and takes it up when it is there."""
    store = {"store": {"url": cluster.url(cluster.database()), "spool": str(tmp_path / "spool")}}
    usual = started(**store)
    usual_s = _start_s(usual)
    assert usual.stop() == 0

    with _stopped(cluster):
        service = started(**store)
        assert _start_s(service) < usual_s + START_MORE_S
        assert [line["why"] for line in service.events("decision log")] == ["not reached"]
        assert service.get("/readyz").status_code == 503
        shown_in_time(service, emergency)

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")


def _start_s(service: Service) -> float:
    """From when it listened until it was ready."""
    first, last = (service.events(name)[0]["time"] for name in ("listening", "ready"))
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


@pytest.mark.parametrize("mode", ["SHARE", "SHARE ROW EXCLUSIVE"])
def test_a_log_that_refuses_only_entries_is_not_taken_for_back(
    started: Start, cluster: Any, emergency: Json, tmp_path: Path, mode: str
) -> None:
    """As while an index is made: it can be read, and written elsewhere."""
    name = cluster.database()
    service = started(store={"url": cluster.url(name), "spool": str(tmp_path / "spool")})
    with psycopg.connect(cluster.dsn(name)) as other:
        other.execute(f"LOCK TABLE log_entry IN {mode} MODE")
        for _ in range(6):
            shown_in_time(service, emergency, 1)
            time.sleep(1)
        assert service.get("/readyz").status_code == 503

    assert len(service.events("decision log")) == 1
    assert not service.events("decision log back")
    service.until(lambda: service.get("/readyz").json()["log"] == "whole")


def test_31_whoever_fills_in_the_form_is_told_soon(
    started: Start, fault: tuple[str, Callable[[], Any]], tmp_path: Path
) -> None:
    """The sessions of the form lie in the same database: one look waits, and the next ones know."""
    url, broken = fault
    service = started(store={"url": url, "spool": str(tmp_path / "spool")}, form={"enabled": True})
    form = f"{service.url}/forms/cramps"
    assert httpx.get(form, timeout=30).status_code == 200
    with broken():
        began = time.monotonic()
        answers = [httpx.get(form, timeout=30) for _ in range(8)]  # each a new session
        took = time.monotonic() - began

    assert {answer.status_code for answer in answers} == {503}
    assert "not a result" in answers[-1].text
    assert took < FORM_S
    service.until(lambda: httpx.get(form, timeout=30).status_code == 200)


def _ended(other: Any, name: str) -> None:
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
    )


@contextmanager
def _read_only(cluster: Any, name: str) -> Iterator[None]:
    """As after a change to a standby."""
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as other:
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        _ended(other, name)
        yield
        other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        _ended(other, name)


@contextmanager
def _no_connection_left(cluster: Any, name: str) -> Iterator[None]:
    """A neighbour has taken all of them, those of the service as well."""
    with ExitStack() as stack:
        other = stack.enter_context(psycopg.connect(cluster.dsn("postgres"), autocommit=True))
        for end in (False, True):
            if end:
                _ended(other, name)
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(psycopg.connect(cluster.dsn("postgres")))
        yield


@pytest.mark.parametrize("fault", [_read_only, _no_connection_left])
def test_a_log_that_lets_nobody_write_loses_nothing(
    started: Start, cluster: Any, emergency: Json, tmp_path: Path, fault: Any
) -> None:
    name = cluster.database()
    service = started(store={"url": cluster.url(name), "spool": str(tmp_path / "spool")})
    kept: list[str] = []
    shown_in_time(service, emergency, 3, kept=kept)

    with fault(cluster, name):
        shown_in_time(service, emergency, kept=kept)
        assert service.get("/readyz").status_code == 503

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    assert service.stop() == 0
    assert set(kept) <= set(_held(cluster.url(name)))
    assert len(kept) > 20


def test_sessions_of_the_form_that_hang_have_no_decision_unrecorded(
    started: Start, cluster: Any, emergency: Json
) -> None:
    """They lie in the same database, and may be locked alone."""
    name = cluster.database()
    service = started(
        store={"url": cluster.url(name), "on_failure": "refuse"}, form={"enabled": True}
    )
    form = f"{service.url}/forms/cramps"
    assert httpx.get(form, timeout=30).status_code == 200
    kept: list[str] = []
    with psycopg.connect(cluster.dsn(name)) as other:
        other.execute("LOCK TABLE form_session IN ACCESS EXCLUSIVE MODE")
        for _ in range(4):
            assert httpx.get(form, timeout=30).status_code == 503
            shown_in_time(service, emergency, 5, kept=kept)
            time.sleep(0.7)

    assert len(kept) == 20
    assert not service.events("decision log")
    service.until(lambda: httpx.get(form, timeout=30).status_code == 200)
