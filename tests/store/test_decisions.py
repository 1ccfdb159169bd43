"""What the log promises about decisions, tokens and erasure; threats rows 6, 9, 19 and 25."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cds.errors import RequestError, StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Conflict, Decision, Stored, Verified
from cds.store.sealing import new_key, seal, unseal
from cds.store.tokens import _KEPT_S
from cds.store.verify import verify
from cds.store.writing import opened_content

Decide = Callable[..., Decision]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = b"nobody else may read"


def test_an_entry_names_its_pack_its_request_and_its_level(
    log: DecisionLog, decide: Decide
) -> None:
    stored = log.append(decide(7))

    [(entry, key)] = log.entries()
    assert isinstance(stored, Stored)
    assert (entry.sequence, entry.hash) == (stored.sequence, stored.hash) == (1, stored.hash)
    assert entry.time == stored.time == "2026-11-21T12:00:07.000000Z"
    assert (entry.pack_id, entry.pack_version, entry.level) == ("pack", "1.0.0", "urgent")
    assert entry.request_hash == f"sha256:{7:064x}"
    assert opened_content(entry, key) == (decide(7).response, decide(7).document)


def test_row_25_the_same_call_is_answered_byte_for_byte(log: DecisionLog, decide: Decide) -> None:
    first = log.append(decide(1))
    again = log.append(decide(1, response=b"another answer", time=NOON))
    known = log.answered(
        "hospital-a", "pack-patient-view", decide(1).hook_instance, decide(1).request_hash
    )

    assert isinstance(first, Stored)
    assert again == known == replace(first, repeated=True)
    assert again.response == decide(1).response
    assert log.head().sequence == 1


def test_row_25_another_request_under_the_same_hook_instance_is_a_conflict(
    log: DecisionLog, decide: Decide
) -> None:
    log.append(decide(1))
    call = decide(1)

    assert log.append(decide(1, request_hash="sha256:other")) == Conflict(1, "other-request")
    assert log.answered(call.client, call.service, call.hook_instance, "sha256:other") == Conflict(
        1, "other-request"
    )


@pytest.mark.parametrize("field", ["client", "service", "hook_instance"])
def test_row_25_another_client_service_or_hook_instance_is_another_call(
    log: DecisionLog, decide: Decide, field: str
) -> None:
    log.append(decide(1))
    other = log.append(decide(1, **{field: "other"}))

    assert isinstance(other, Stored)
    assert not other.repeated
    assert other.sequence == 2


def test_a_call_that_was_never_answered_is_not_known(log: DecisionLog) -> None:
    assert log.answered("hospital-a", "service", "never", "sha256:1") is None


@pytest.mark.parametrize("text", ["", "x" * 201, "a\x00b", "a\nb", "a\ud800b"])
def test_what_no_column_can_hold_is_the_senders_fault(
    log: DecisionLog, decide: Decide, text: str
) -> None:
    with pytest.raises(RequestError) as caught:
        log.append(decide(1, hook_instance=text))

    assert (caught.value.status, caught.value.where) == (400, "hookInstance")
    assert log.head().sequence == 0


def test_a_time_without_its_zone_is_refused(log: DecisionLog, decide: Decide) -> None:
    with pytest.raises(ValueError, match="time zone"):
        log.append(decide(1, time=datetime(2026, 1, 1)))  # noqa: DTZ001 - the fault under test


def test_row_19_patient_content_is_nowhere_readable_in_the_file(
    tmp_path: Path, decide: Decide
) -> None:
    with DecisionLog(f"sqlite:///{tmp_path}/log.db", create=True) as log:
        log.append(decide(1))

        files = list(tmp_path.glob("log.db*"))
        assert not any(SECRET in file.read_bytes() for file in files)
        assert not any(b"patient-7" in file.read_bytes() for file in files)
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_row_19_no_value_shows_in_a_representation(decide: Decide) -> None:
    assert "nobody else" not in repr(decide(1))
    assert "patient-7" not in repr(decide(1))


def test_erasing_a_key_erases_the_content_and_keeps_the_chain(
    log: DecisionLog, decide: Decide
) -> None:
    for number in (1, 2, 3):
        log.append(decide(number))

    erased = log.erase(NOON, "asked for by the patient", sequences=[2])

    rows = {entry.sequence: (entry, key) for entry, key in log.entries()}
    assert verify(log) == Verified(log.head(), erased=1)
    assert erased == (2,)
    assert opened_content(*rows[2]) is None
    assert opened_content(*rows[3]) is not None
    assert (rows[4][0].kind, rows[4][0].details) == (
        "erasure",
        '{"sequence":2,"why":"asked for by the patient"}',
    )
    assert log.append(decide(2)) == Conflict(2, "erased")


def test_everything_of_one_subject_is_erased_at_once(log: DecisionLog, decide: Decide) -> None:
    log.append(decide(1))
    log.append(decide(2, subject="a|someone-else"))
    log.append(decide(3))

    assert log.erase(NOON, "retention ended", subject="a|patient-7") == (1, 3)
    assert log.erase(NOON, "retention ended", subject="a|patient-7") == ()
    assert verify(log) == Verified(log.head(), erased=2)


def test_an_erased_key_is_in_no_page_of_the_file(tmp_path: Path, decide: Decide) -> None:
    with DecisionLog(f"sqlite:///{tmp_path}/log.db", create=True) as log:
        log.append(decide(1))
        [(_, key)] = log.entries()
        assert key is not None
        assert any(key in file.read_bytes() for file in tmp_path.glob("log.db*"))

        log.erase(NOON, "asked", sequences=[1])

        assert not any(key in file.read_bytes() for file in tmp_path.glob("log.db*"))


def test_row_6_a_token_is_good_once_in_every_worker(log: DecisionLog, url: str) -> None:
    with DecisionLog(url) as second:
        assert log.use_once("a", "jti", expires=100, now=10)
        assert not second.use_once("a", "jti", expires=100, now=20)
        assert second.use_once("b", "jti", expires=100, now=20)
        assert log.use_once("a", "x" * 1_000_000 + "\x00\ud800", expires=100, now=20)


def test_row_6_a_token_is_still_used_after_a_restart(log: DecisionLog, url: str) -> None:
    log.use_once("a", "jti", expires=100, now=10)
    log.close()

    with DecisionLog(url) as restarted:
        assert not restarted.use_once("a", "jti", expires=100, now=100)


def test_row_6_of_many_uses_at_once_one_wins(log: DecisionLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: log.use_once("a", "j", expires=9, now=1), range(32)))

    assert won.count(True) == 1


def test_row_6_expired_tokens_are_forgotten(log: DecisionLog) -> None:
    log.use_once("a", "old", expires=100, now=10)
    log.use_once("a", "new", expires=9000, now=101 + _KEPT_S)

    with log.database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM used_token").scalar()
    assert count == 1


def test_row_9_nothing_of_a_token_is_kept(tmp_path: Path) -> None:
    with DecisionLog(f"sqlite:///{tmp_path}/log.db", create=True) as log:
        log.use_once("a", "token-marker", expires=100, now=10)

        assert not any(b"token-marker" in file.read_bytes() for file in tmp_path.glob("log.db*"))


def test_a_note_is_a_link_of_the_same_chain(log: DecisionLog, decide: Decide) -> None:
    log.append(decide(1))
    log.note("start", NOON, {"version": "1.0.0"})
    log.append(decide(2))

    assert [entry.kind for entry, _ in log.entries()] == ["decision", "note:start", "decision"]
    assert verify(log) == Verified(log.head(), erased=0)


def test_a_log_that_is_not_there_is_not_made_by_reading_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        DecisionLog(f"sqlite:///{tmp_path}/absent.db")

    assert caught.value.problem == "does not exist."
    assert list(tmp_path.iterdir()) == []


@given(
    parts=some.lists(some.binary(max_size=40), min_size=1).map(tuple),
    place=some.integers(1, 9),
    other=some.integers(1, 9),
)
def test_content_opens_at_its_own_place_and_at_no_other(
    parts: tuple[bytes, ...], place: int, other: int
) -> None:
    key = new_key()
    sealed = seal(key, parts, place)

    assert unseal(key, sealed, other) == (parts if place == other else None)
    assert unseal(new_key(), sealed, place) is None
    assert unseal(key, sealed[:-1], place) is None
