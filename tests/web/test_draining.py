"""What waited in the spool goes into the log at a pace that few calls meet."""

import asyncio
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cds.store.decisions import DecisionLog
from cds.store.spool import BATCH, Spool
from cds.web.operating.draining import BYTES_S, MOST_S, PACE_S, Draining, _rest
from cds.web.operating.metrics import Metrics
from cds.web.operating.way import LogWay
from tests.store.plain import plain

WORK = st.floats(0.0001, 20.0)
ENTRY = 4000  # bytes of a usual one in the spool


@given(WORK)
def test_beside_calls_it_rests_a_hundred_times_as_long_or_half_a_second(took: float) -> None:
    rest = _rest(took, beside=True)

    assert rest >= 100 * took or rest >= MOST_S
    assert rest >= _rest(took, beside=False) >= PACE_S


@given(st.floats(0.0001, 0.02))
def test_beside_calls_it_is_still_faster_than_one_that_hangs(took: float) -> None:
    assert BATCH * ENTRY / (took + _rest(took, beside=True)) > BYTES_S


def test_beside_calls_the_spool_gives_way(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put([plain("ehr", number) for number in range(BATCH * 3)])
    way = LogWay(f"sqlite:///{tmp_path}/log.db", 1.0, lambda: None)
    way.start()
    draining = Draining(spool, way, Metrics())

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

    took = asyncio.run(drained())

    draining.stop()
    way.close()
    with DecisionLog(f"sqlite:///{tmp_path}/log.db") as log:
        assert log.head().sequence == BATCH * 3
    assert took >= 3 * 2 * PACE_S  # what it rests at least, were a batch half a millisecond
