"""The way to the log: calls that come together share a commit, and none waits for ever."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.errors import ResponseError, StoreError
from cds.flows.hooks import Verdict
from cds.store.decisions import DecisionLog
from cds.store.model import Conflict, Decision, Stored
from cds.store.spool import Spooled
from cds.web.operating.ledger import Ledger, NotRecorded, Times
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.routes import hooks
from cds.web.settings import StoreSettings
from tests.store.plain import plain


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/decisions.db", on_failure="refuse")
    made = Ledger(settings, lambda: datetime.now(UTC), Metrics(), Times(limit_s=5.0))
    made.start()
    yield made
    made.close()


async def _append(
    ledger: Ledger, decisions: Sequence[Decision]
) -> list[Stored | Conflict | Spooled | NotRecorded | BaseException]:
    waiting = [ledger.append(one, must_answer=False, patience=Patience(5.0)) for one in decisions]
    return await asyncio.gather(*waiting, return_exceptions=True)


def test_calls_that_come_together_share_a_commit(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    append_many = DecisionLog.append_many

    def counted(log: DecisionLog, decisions: Sequence[Decision]) -> object:
        sizes.append(len(decisions))
        return append_many(log, decisions)

    monkeypatch.setattr(DecisionLog, "append_many", counted)
    kept = asyncio.run(_append(ledger, [plain("ehr", number) for number in range(20)]))

    assert sorted(one.sequence for one in kept if isinstance(one, Stored)) == list(range(1, 21))
    assert len(sizes) < 4


def test_one_that_cannot_be_stored_does_not_fail_the_others(ledger: Ledger) -> None:
    unkept = replace(plain("ehr", 2), client="\0")

    good, bad, other = asyncio.run(_append(ledger, [plain("ehr", 1), unkept, plain("ehr", 3)]))

    assert isinstance(good, Stored)
    assert isinstance(other, Stored)
    assert isinstance(bad, Exception)


@pytest.mark.parametrize("error", [StoreError("log", "is away."), ZeroDivisionError()])
def test_whatever_goes_wrong_an_emergency_is_answered(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(DecisionLog, "append_many", fails)
    emergency = ledger.append(plain("ehr", 1), must_answer=True, patience=Patience(5.0))

    assert asyncio.run(emergency) == NotRecorded()


@pytest.mark.parametrize("error", [StoreError("log", "is away."), ZeroDivisionError()])
def test_whatever_goes_wrong_every_call_is_told(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(ledger._appends, "_work", fail)

    async def all_told() -> list[object]:
        async with asyncio.timeout(5):
            return list(await _append(ledger, [plain("ehr", number) for number in range(5)]))

    found = asyncio.run(all_told())

    assert [type(one) for one in found] == [type(error)] * 5


def test_after_a_failure_the_next_call_is_written(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ledger._appends, "_work", lambda _: 1 / 0)
        asyncio.run(_append(ledger, [plain("ehr", 1)]))

    (kept,) = asyncio.run(_append(ledger, [plain("ehr", 2)]))

    assert isinstance(kept, Stored)


@pytest.mark.parametrize("sent_whole", [True, False])
def test_25_what_was_answered_is_answered_again_though_it_would_be_refused_today(
    serve: Any, body: Any, sqlite: StoreSettings, monkeypatch: pytest.MonkeyPatch, sent_whole: bool
) -> None:
    sent = body()
    if not sent_whole:
        del sent["prefetch"]["labs"]
    caller = serve(store=sqlite)
    first = caller.hook(sent)

    def refuse(*_: object) -> Verdict:
        raise ResponseError("QuestionnaireResponse.questionnaire", "Is of no pack here.")

    monkeypatch.setattr(hooks, "consider", refuse)
    again = caller.hook(sent)
    new = caller.hook({**sent, "hookInstance": str(uuid.uuid4())})
    other = caller.hook({**sent, "extension": {"org.example": 1}})

    assert (again.status_code, again.content) == (200, first.content)
    assert new.status_code == 422
    assert other.status_code == 409
