"""All calls of the log for one request share one limit; whichever is late opens the breaker."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cds.store.spool import Spooled
from cds.web.operating.ledger import FEEDBACK_AT_ONCE, Ledger, Times
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.settings import StoreSettings
from tests.store.plain import plain

EACH_S, LIMIT_S = 0.2, 0.3


class SlowLog:
    """Each of its calls is within the limit of one."""

    def __init__(self) -> None:
        self.asked = 0

    def _takes_a_while(self) -> None:
        self.asked += 1
        time.sleep(EACH_S)

    def use_many(self, used: Sequence[Any], *, now: int) -> list[bool]:
        del now
        self._takes_a_while()
        return [True] * len(used)

    def answered(self, *_: str) -> None:
        self._takes_a_while()

    def feedback(self, items: Sequence[Any]) -> None:
        self.asked += 1
        time.sleep(len(items) / 1000)

    def append_many(self, _: Sequence[Any]) -> list[Any]:
        self._takes_a_while()
        return []


def _ledger(folder: Path) -> tuple[Ledger, SlowLog]:
    settings = StoreSettings(url=f"sqlite:///{folder}/log.db", spool=str(folder / "spool"))
    ledger, slow = Ledger(settings, lambda: datetime.now(UTC), Metrics(), Times(LIMIT_S)), SlowLog()
    ledger.start()
    ledger.way.open = lambda **_: slow  # type: ignore[method-assign, assignment]
    return ledger, slow


def test_all_calls_of_a_request_together_have_one_limit(tmp_path: Path) -> None:
    ledger, slow = _ledger(tmp_path)
    ledger._used._in_log = ledger._use_many  # as of a log that several hosts share
    soon = datetime.now(UTC) + timedelta(minutes=5)

    async def call(number: int) -> tuple[float, object]:
        patience, began = Patience(LIMIT_S), time.monotonic()
        assert await ledger.use_once("ehr", f"jti-{number}", soon, patience)
        await ledger.answered(("ehr", "service", f"hook-{number}", "hash"), patience)
        kept = await ledger.append(plain("ehr", number), must_answer=True, patience=patience)
        return time.monotonic() - began, kept

    async def both() -> list[tuple[float, object]]:
        return [await call(1), await call(2)]

    (first, kept), (second, kept_as_well) = asyncio.run(both())
    asked = slow.asked
    ledger.close()

    assert first < LIMIT_S + EACH_S < 3 * EACH_S
    assert second < EACH_S  # the breaker is open: nobody asks
    assert asked == 2
    assert isinstance(kept, Spooled)
    assert isinstance(kept_as_well, Spooled)


def test_a_thousand_items_of_feedback_are_no_reason_to_do_without_the_log(tmp_path: Path) -> None:
    """Else whoever sends them decides what becomes of the emergencies of all others meanwhile."""
    ledger, slow = _ledger(tmp_path)
    item: Any = object()

    asyncio.run(ledger.feedback([item] * 1000))
    away = ledger.way.away
    ledger.close()

    assert not away
    assert slow.asked == 1000 // FEEDBACK_AT_ONCE
