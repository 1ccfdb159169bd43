"""While the log is away, entries wait in a file and lose neither their order nor themselves."""

import base64
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds.errors import RequestError, StoreError
from cds.store import lines
from cds.store.chain import canonical
from cds.store.decisions import DecisionLog
from cds.store.locked import BusyError, locked
from cds.store.model import Decision, Feedback, Stored, Verified
from cds.store.pace import BATCH
from cds.store.spool import Drained, Spool, Spooled
from cds.store.verify import verify
from tests.store.conftest import WORDS

Decide = Callable[..., Decision]
Say = Callable[..., Feedback]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def away(tmp_path: Path) -> DecisionLog:
    """A log whose database has gone."""
    (tmp_path / "gone").mkdir()
    made = DecisionLog(f"sqlite:///{tmp_path}/gone/log.db", create=True)
    made.close()
    shutil.rmtree(tmp_path / "gone")
    return made


def _names(log: DecisionLog) -> list[str | None]:
    return [entry.card or entry.hook_instance for entry, _ in log.entries()]


def test_what_waited_is_in_the_log_in_its_order(
    log: DecisionLog, spool: Spool, decide: Decide, say: Say
) -> None:
    assert spool.put([decide(1), say("card-1")]) == [Spooled()] * 2
    assert spool.put([decide(2)]) == [Spooled()]
    assert spool.waiting()

    assert spool.drain(log) == Drained(3)

    first, second = (decide(number).hook_instance for number in (1, 2))
    assert _names(log) == [first, "card-1", second]
    again = log.append(decide(2))
    assert isinstance(again, Stored)
    assert (again.response, again.repeated) == (decide(2).response, True)
    assert not spool.waiting()
    assert verify(log) == Verified(log.head(), erased=0)


def test_what_waited_shares_its_commits(
    log: DecisionLog, spool: Spool, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put([decide(number) for number in range(3 * BATCH)])
    writing = Mock(wraps=log.database.appending)
    monkeypatch.setattr(log.database, "appending", writing)

    assert spool.drain(log) == Drained(3 * BATCH)

    assert writing.call_count == 3


def test_a_drain_that_is_told_to_end_loses_nothing_and_begins_anew(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    everything = [decide(number) for number in range(1, 2 * BATCH)]
    spool.put(everything)

    assert spool.drain(log, lambda: False) == Drained(BATCH)
    spool.put([decide(0)])
    assert spool.drain(log) == Drained(2 * BATCH - 1)
    assert spool.drain(log) == Drained(1)

    assert sorted(map(str, _names(log))) == sorted(
        str(one.hook_instance) for one in [*everything, decide(0)]
    )


def test_what_comes_while_it_is_drained_waits_for_the_next_time(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put([decide(1)])

    def meanwhile() -> bool:
        return spool.put([decide(2)]) == [Spooled()]

    assert spool.drain(log, meanwhile) == Drained(1)
    assert spool.waiting()
    assert spool.drain(log) == Drained(1)


def test_only_one_of_two_workers_drains(log: DecisionLog, spool: Spool, decide: Decide) -> None:
    spool.put([decide(1)])
    other = Spool(spool.path)

    def meanwhile() -> bool:
        return other.drain(log) == Drained()

    assert spool.drain(log, meanwhile) == Drained(1)
    assert not spool.waiting()


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_befalls_a_line_the_others_are_in_the_log(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, decide: Decide
) -> None:
    """Torn, rotten, changed, empty, of something else: it is set aside, and counted."""
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder / "spool")
    spool.put([decide(number) for number in range(1, 6)])
    whole = spool.path.read_bytes().splitlines(keepends=True)
    at = data.draw(st.integers(0, 4))
    line = whole[at].rstrip(b"\n")
    place = data.draw(st.integers(0, len(line) - 1))
    rotten = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
    whole[at] = data.draw(
        st.sampled_from([line[:place], rotten, b"{}", b"\xff", b"2 1 AAAA", b"[1]"])
    ) + data.draw(st.sampled_from([b"\n", b""] if at == 4 else [b"\n"]))
    spool.path.write_bytes(b"".join(whole))
    spool.put([decide(6)])

    with DecisionLog(f"sqlite:///{folder}/log.db", create=True) as log:
        drained = spool.drain(log)

        # A rotten base64 letter may be one of those that carry no bit.
        assert drained.moved in {5, 6}
        expected = {decide(number).hook_instance for number in range(1, 7) if number != at + 1}
        assert expected <= set(_names(log))
        assert drained.damaged == 6 - drained.moved or not whole[at].strip()
        assert spool.damaged.exists() == bool(drained.damaged)
        assert not spool.waiting()


def test_lines_of_the_version_before_are_read(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    fields = lines._plain(decide(1))
    spool.path.write_bytes(canonical(fields).encode() + b"\n")

    assert spool.drain(log) == Drained(1)
    assert _names(log) == [decide(1).hook_instance]


def test_a_key_that_is_lost_costs_what_waited_and_nothing_that_comes(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put([decide(1)])
    spool.key.write_bytes(b"rotten")
    spool.put([decide(2)])

    assert spool.drain(log) == Drained(1, 1)
    assert _names(log) == [decide(2).hook_instance]


def test_two_answers_to_one_call_are_both_kept(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    """One was given while the log was away, the other once it was back."""
    spool.put([decide(1, response=b"the first answer")])
    log.append(decide(1, response=b"the second answer"))

    for _ in range(2):
        spool.drain(log)
        spool.put([decide(1, response=b"the first answer")])

    assert [entry.kind for entry, _ in log.entries()] == ["decision", "decision-late"]
    assert decide(1).hook_instance in [entry for entry, _ in log.entries()][1].details
    assert verify(log) == Verified(log.head(), erased=0)


def test_a_damaged_entry_of_the_log_keeps_nothing_in_the_spool(
    log: DecisionLog, spool: Spool, decide: Decide, tamper: Callable[[str], None]
) -> None:
    log.append(decide(1))
    tamper("UPDATE log_key SET key = (SELECT content FROM log_entry)")
    spool.put([decide(1), decide(2)])

    assert spool.drain(log) == Drained(2)
    assert [entry.kind for entry, _ in log.entries()] == ["decision", "decision", "decision-late"]


def test_an_erased_decision_does_not_come_back_from_the_spool(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put([decide(1)])
    log.append(decide(1))
    log.erase(decide(1).time, "asked", sequences=[1])

    spool.drain(log)

    assert [entry.kind for entry, _ in log.entries()] == ["decision", "erasure"]


def test_when_the_log_is_still_away_nothing_is_lost(
    log: DecisionLog, away: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put([decide(1), decide(2)])

    with pytest.raises(StoreError):
        spool.drain(away)

    assert spool.waiting()
    assert spool.drain(log) == Drained(2)


def test_what_the_log_would_refuse_does_not_wait_for_it(
    spool: Spool, decide: Decide, say: Say
) -> None:
    refused = spool.put([decide(1, hook_instance=""), say("x" * 999)])

    assert [type(one) for one in refused] == [RequestError] * 2
    assert not spool.waiting()


def test_a_spool_shows_nothing_and_is_readable_by_its_owner_alone(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    spool.put([decide(1)])

    assert WORDS not in spool.path.read_bytes()
    assert base64.b64encode(WORDS)[4:-4] not in spool.path.read_bytes()
    for file in (spool.path, spool.key):
        assert file.stat().st_mode & 0o777 == 0o600
    spool.drain(log)
    assert not spool.key.exists()


def test_the_oldest_entry_says_since_when_it_waits(
    log: DecisionLog, spool: Spool, decide: Decide
) -> None:
    assert spool.oldest() is None
    before = int(time.time())
    spool.put([decide(1)])
    since = spool.oldest()

    assert since is not None
    assert before <= since <= time.time()
    spool.drain(log)
    assert spool.oldest() is None


def test_a_spool_that_cannot_be_written_is_an_error(tmp_path: Path, decide: Decide) -> None:
    with pytest.raises(StoreError) as caught:
        Spool(tmp_path / "no" / "spool").put([decide(1)])

    assert (caught.value.where, caught.value.problem) == (
        "spool",
        "cannot be opened (No such file or directory).",
    )


def test_a_worker_that_was_stopped_with_the_spool_in_its_hand_is_not_waited_for(
    spool: Spool, decide: Decide
) -> None:
    with locked(spool.path, 0), pytest.raises(BusyError):
        Spool(spool.path).put([decide(1)])


def test_a_full_disk_leaves_no_half_line(
    spool: Spool, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put([decide(1)])
    before = spool.path.read_bytes()
    write = os.pwrite

    def full(file: int, data: bytes, offset: int) -> int:
        if len(data) > 10:
            return write(file, data[:10], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: full(file, data[:11], offset))
    with pytest.raises(StoreError, match="No space left"):
        spool.put([decide(2)])

    assert spool.path.read_bytes() == before
