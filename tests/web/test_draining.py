"""What waited in the spool goes into the log at a pace that few calls meet."""

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.errors import StoreError
from cds.store import pace
from cds.store.decisions import DecisionLog
from cds.store.model import Decision
from cds.store.pace import BATCH, FEW, MOST_S, PACE_S, REST_BESIDE, rest_after
from cds.store.spool import Spool
from cds.web.operating import checkpoints as operating_checkpoints
from cds.web.operating import draining as operating_draining
from cds.web.operating.checkpoints import MANY_CALLS, Checkpoints
from cds.web.operating.draining import Draining
from cds.web.operating.metrics import Metrics
from cds.web.operating.way import LogWay
from tests.store.plain import plain

WORK = st.floats(0.0001, 20.0)


@given(WORK)
def test_beside_calls_it_rests_so_long_that_few_meet_it(took: float) -> None:
    rest = rest_after(took, beside=True)

    assert rest >= REST_BESIDE * took or rest >= MOST_S
    assert rest >= rest_after(took, beside=False) >= PACE_S


def _draining(spool: Spool, folder: Path) -> tuple[Draining, LogWay]:
    way = LogWay(f"sqlite:///{folder}/log.db", 1.0, lambda: None)
    way.start()
    return Draining(spool, way, Metrics()), way


def test_however_long_it_takes_it_hangs_only_when_a_batch_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operating_draining, "HANGS_S", 0.5)
    spool = Spool(tmp_path / "spool")
    spool.put([plain("ehr", number) for number in range(BATCH * 2)])
    draining, way = _draining(spool, tmp_path)
    monkeypatch.setattr(pace, "PACE_S", 1.0)

    asyncio.run(draining.look())

    assert not spool.waiting()
    spool.put([plain("ehr", 100)])
    hold = threading.Event()
    monkeypatch.setattr(spool, "drain", lambda *_: hold.wait(60))
    with pytest.raises(StoreError):
        asyncio.run(draining.look())
    assert way.away
    hold.set()
    draining.stop()
    way.close()


def test_beside_calls_the_spool_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put([plain("ehr", number) for number in range(BATCH * 3)])
    draining, way = _draining(spool, tmp_path)

    async def beside() -> None:
        while True:
            draining.asked()
            await asyncio.sleep(0.05)

    async def drained() -> float:
        calls = asyncio.create_task(beside())
        began = time.monotonic()
        await draining.look()
        calls.cancel()
        return time.monotonic() - began

    sizes: list[int] = []
    append_many = DecisionLog.append_many

    def counted(log: DecisionLog, decisions: Sequence[Decision]) -> object:
        sizes.append(len(decisions))
        return append_many(log, decisions)

    monkeypatch.setattr(DecisionLog, "append_many", counted)
    took = asyncio.run(drained())

    draining.stop()
    way.close()
    with DecisionLog(f"sqlite:///{tmp_path}/log.db") as log:
        assert log.head().sequence == BATCH * 3
    assert took >= 3 * 2 * PACE_S  # what it rests at least, were a batch half a millisecond
    assert max(sizes[1:]) == FEW  # before the first it has not been told of calls


def test_the_write_ahead_log_goes_into_its_file_when_no_calls_come_or_after_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operating_checkpoints, "QUIET_S", 60.0)
    done: list[DecisionLog] = []

    def checkpoint(log: DecisionLog) -> None:
        done.append(log)

    monkeypatch.setattr(DecisionLog, "checkpoint", checkpoint)
    way = LogWay(f"sqlite:///{tmp_path}/log.db", 1.0, lambda: None)
    checkpoints = Checkpoints(way)

    async def looked(calls: int) -> int:
        for _ in range(calls):
            checkpoints.asked()
        await checkpoints.look()
        return len(done)

    assert asyncio.run(looked(0)) == 1
    assert asyncio.run(looked(1)) == 1
    assert asyncio.run(looked(MANY_CALLS)) == 2
    assert asyncio.run(looked(1)) == 2
    monkeypatch.setattr(operating_checkpoints, "QUIET_S", 0.0)
    assert asyncio.run(looked(0)) == 3
    checkpoints.close()
    way.close()
