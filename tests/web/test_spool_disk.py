"""The disk of the spool hangs or fails: nobody waits for it, and the log is used all the same."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Feedback, Stored
from cds.store.spool import Spool
from cds.web.operating.ledger import Ledger, Times
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.settings import StoreSettings
from tests.store.plain import plain

LAG_S = 0.3


@contextmanager
def _ledger(folder: Path) -> Iterator[tuple[Ledger, Spool]]:
    settings = StoreSettings(url=f"sqlite:///{folder}/log.db", spool=str(folder / "spool"))
    ledger = Ledger(settings, lambda: datetime.now(UTC), Metrics(), Times(5.0))
    ledger.start()
    assert ledger._spool is not None
    yield ledger, ledger._spool
    ledger.close()


def _refuses(*_: Any, **__: Any) -> Any:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def _refuses_spool(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *more: Any, **named: Any) -> Any:
        return (_refuses if "spool" in str(path) else real)(path, *more, **named)

    return call


async def _longest_lag(seconds: float) -> float:
    loop, longest = asyncio.get_running_loop(), 0.0
    end = loop.time() + seconds
    while loop.time() < end:
        began = loop.time()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - began)
    return longest


def test_a_disk_that_hangs_holds_nobody_up_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()
    with _ledger(tmp_path) as (ledger, _):
        for name in ("waiting", "oldest", "size"):
            monkeypatch.setattr(Spool, name, lambda _: hold.wait(4) and None)

        async def lag() -> tuple[float, str]:
            tasks = [asyncio.create_task(one()) for one in ledger.background()]
            longest = await _longest_lag(1.5)
            asked = asyncio.create_task(ledger.ready())
            longest = max(longest, await _longest_lag(1.0))
            trouble = await asked
            for task in tasks:
                task.cancel()
            return longest, trouble

        longest, trouble = asyncio.run(lag())
        hold.set()
        assert longest < LAG_S
        assert trouble == ""  # the log is well
        assert "cannot be read" in ledger.spool_state()


def test_a_spool_that_cannot_be_drained_leaves_the_log_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system that became read-only while entries waited."""
    with _ledger(tmp_path) as (ledger, spool):
        spool.put([plain("ehr", 1)])
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", _refuses)
            asyncio.run(ledger.look())
            assert not ledger.way.away
            kept = asyncio.run(
                ledger.append(plain("ehr", 2), must_answer=False, patience=Patience(5.0))
            )
            assert isinstance(kept, Stored)
            assert asyncio.run(ledger.ready()) == "spool not empty"

        asyncio.run(ledger.look())
        assert ledger.open().head().sequence == 2
        assert ledger.spool_state() == ""


def test_readyz_says_what_waits_also_after_a_write_was_refused(tmp_path: Path) -> None:
    with _ledger(tmp_path) as (ledger, spool):
        ledger.way.away, ledger._refused = True, time.monotonic()
        spool.put([plain("ehr", 1)])

        assert asyncio.run(ledger.ready()) == "log away"
        assert "oldest entry waits" in ledger.spool_state()


@pytest.mark.parametrize("calls", [("fsync", "ftruncate"), ("fstat",), ("pread",)])
def test_with_a_disk_that_fails_an_emergency_is_shown(
    calls: tuple[str, ...], serve: Any, body: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/log.db", spool=str(tmp_path / "spool"))
    caller = serve(store=settings)
    assert caller.hook(body("no-urine")).status_code == 200
    ledger = caller.service.ledger
    ledger._spool.put([plain("ehr", 1)])
    ledger.way.away = True
    with monkeypatch.context() as patch:
        for name in calls:
            patch.setattr(os, name, _refuses)
        shown, calm = caller.hook(body("no-urine")), caller.hook(body("everyday-night-cramp"))

    assert shown.status_code == 200
    assert shown.json()["cards"][0]["indicator"] == "critical"
    assert "not recorded" in shown.text.lower()
    assert "not assessed" in calm.json()["cards"][0]["summary"]


def test_feedback_goes_into_the_log_while_the_spool_cannot_be_got_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was to wait behind cannot be got at either."""
    with _ledger(tmp_path) as (ledger, _):
        with monkeypatch.context() as patch:
            for name in ("open", "stat"):
                patch.setattr(os, name, _refuses_spool(getattr(os, name)))
            ledger.way.away = True
            with pytest.raises(StoreError):
                asyncio.run(ledger.feedback([_said(1)]))
            ledger.way.away = False

            asyncio.run(ledger.feedback([_said(1), _said(2)]))

        assert [entry.card for entry, _ in ledger.open().entries()] == ["card-1", "card-2"]


def _said(number: int) -> Feedback:
    when = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return Feedback(when, "ehr", "service", f"card-{number}", "accepted", when.isoformat())


def test_a_checkpoint_that_hangs_keeps_no_trial_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(DecisionLog, "checkpoint", lambda _: hold.wait(5) and None)
    with _ledger(tmp_path) as (ledger, _):

        async def away_s() -> float:
            tasks = [asyncio.create_task(one()) for one in ledger.background()]
            await asyncio.sleep(0.2)  # it is at its checkpoint
            ledger.way.trip(StoreError("decision log", "is away."))
            began = time.monotonic()
            while time.monotonic() - began < 10:
                await asyncio.sleep(0.05)
                if not ledger.way.away:
                    break
            for task in tasks:
                task.cancel()
            return time.monotonic() - began

        took = asyncio.run(away_s())
        hold.set()
        assert took < 3
