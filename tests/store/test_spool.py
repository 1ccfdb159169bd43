"""While the log is away, entries wait in a file and lose neither their order nor themselves."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cds.errors import RequestError, StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Decision, Feedback, Receipt, Stored, Verified
from cds.store.spool import PAUSE_S, Spool, Spooled
from cds.store.verify import verify

Decide = Callable[..., Decision]
Say = Callable[..., Feedback]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path, clock: Clock) -> Spool:
    return Spool(tmp_path / "spool.ndjson", clock)


@pytest.fixture
def away(tmp_path: Path) -> DecisionLog:
    """A log whose database has gone."""
    (tmp_path / "gone").mkdir()
    made = DecisionLog(f"sqlite:///{tmp_path}/gone/log.db", create=True)
    made.close()
    shutil.rmtree(tmp_path / "gone")
    return made


def test_a_log_that_is_there_is_written_and_the_spool_is_not(
    log: DecisionLog, spool: Spool, decide: Decide, say: Say
) -> None:
    assert isinstance(spool.append(log, decide(1)), Stored)
    assert spool.feedback(log, (say(),)) == Receipt(1, 0, ())
    assert not spool.waiting()


def test_what_waited_is_in_the_log_in_order_before_what_comes_next(
    log: DecisionLog, away: DecisionLog, spool: Spool, clock: Clock, decide: Decide, say: Say
) -> None:
    assert spool.append(away, decide(1)) == Spooled()
    assert spool.feedback(away, (say("card-1"),)) == Spooled()
    assert spool.append(away, decide(2)) == Spooled()
    clock.now = PAUSE_S

    last = spool.append(log, decide(3))

    assert isinstance(last, Stored)
    assert [(entry.kind, entry.card or entry.hook_instance) for entry, _ in log.entries()] == [
        ("decision", decide(1).hook_instance),
        ("feedback", "card-1"),
        ("decision", decide(2).hook_instance),
        ("decision", decide(3).hook_instance),
    ]
    again = log.append(decide(2))
    assert isinstance(again, Stored)
    assert (again.response, again.repeated) == (decide(2).response, True)
    assert not spool.waiting()
    assert verify(log) == Verified(log.head(), erased=0)


def test_a_log_that_was_just_away_is_not_waited_for_again(
    log: DecisionLog, away: DecisionLog, spool: Spool, clock: Clock, decide: Decide
) -> None:
    spool.append(away, decide(1))

    assert spool.append(log, decide(2)) == Spooled()
    clock.now = PAUSE_S
    assert isinstance(spool.append(log, decide(3)), Stored)
    assert log.head().sequence == 3


def test_a_drain_that_was_interrupted_is_taken_up_again(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put(decide(1), decide(2))
    spool.draining.write_bytes(spool.path.read_bytes())  # moved, but not yet forgotten
    log.append(decide(1))

    assert spool.drain(log) == 4
    assert log.head().sequence == 2
    assert spool.drain(log) == 0


def test_a_torn_line_was_never_acknowledged_and_is_dropped(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put(decide(1))
    whole = spool.path.read_bytes()
    spool.path.write_bytes(whole + whole[:100])

    spool.put(decide(2))

    assert spool.drain(log) == 2
    assert log.head().sequence == 2


def test_two_answers_to_one_call_are_both_kept(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    """One was given while the log was away, the other once it was back."""
    spool.put(decide(1, response=b"the first answer"))
    log.append(decide(1, response=b"the second answer"))

    for _ in range(2):
        spool.drain(log)
        spool.put(decide(1, response=b"the first answer"))

    assert [entry.kind for entry, _ in log.entries()] == ["decision", "decision-late"]
    assert decide(1).hook_instance in [entry for entry, _ in log.entries()][1].details
    assert verify(log) == Verified(log.head(), erased=0)


def test_an_erased_decision_does_not_come_back_from_the_spool(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put(decide(1))
    log.append(decide(1))
    log.erase(decide(1).time, "asked", sequences=[1])

    spool.drain(log)

    assert [entry.kind for entry, _ in log.entries()] == ["decision", "erasure"]


def test_when_the_log_is_still_away_nothing_is_lost(
    log: DecisionLog, away: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put(decide(1), decide(2))

    with pytest.raises(StoreError):
        spool.drain(away)

    assert spool.waiting()
    assert spool.drain(log) == 2


def test_what_the_log_would_refuse_does_not_wait_for_it(
    away: DecisionLog, spool: Spool, decide: Decide, say: Say
) -> None:
    with pytest.raises(RequestError):
        spool.append(away, decide(1, hook_instance=""))
    with pytest.raises(RequestError):
        spool.feedback(away, (say("x" * 999),))
    assert not spool.waiting()


def test_a_spool_is_readable_by_its_owner_alone(spool: Spool, decide: Decide) -> None:
    spool.put(decide(1))

    assert spool.path.stat().st_mode & 0o777 == 0o600


def test_a_spool_that_cannot_be_written_is_an_error(
    tmp_path: Path, away: DecisionLog, decide: Decide
) -> None:
    with pytest.raises(StoreError) as caught:
        Spool(tmp_path / "no" / "spool").append(away, decide(1))

    assert (caught.value.where, caught.value.problem) == (
        "spool",
        "cannot be opened (No such file or directory).",
    )


def test_a_full_disk_leaves_no_half_line(
    spool: Spool, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(decide(1))
    before = spool.path.read_bytes()
    write = os.pwrite

    def full(file: int, data: bytes, offset: int) -> int:
        if len(data) > 10:
            return write(file, data[:10], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: full(file, data[:11], offset))
    with pytest.raises(StoreError, match="No space left"):
        spool.put(decide(2))

    assert spool.path.read_bytes() == before


def test_a_line_that_is_no_entry_is_named(log: DecisionLog, spool: Spool) -> None:
    spool.path.write_bytes(b"{}\n")

    with pytest.raises(StoreError) as caught:
        spool.drain(log)

    assert caught.value.where == "spool.ndjson.draining:1"
