"""Several workers on one log, and workers that die: one chain, and nothing acknowledged is lost."""

import signal
import subprocess
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from unittest.mock import Mock

import pytest

from cds.errors import RequestError, StoreError
from cds.store.decisions import DecisionLog
from cds.store.model import Conflict, Decision, Stored, Verified
from cds.store.verify import verify
from cds.store.writing import Writing

Decide = Callable[..., Decision]
Start = Callable[..., subprocess.Popen[str]]


def acknowledged(process: subprocess.Popen[str]) -> list[str]:
    """The hookInstances that were acknowledged by a process that has ended."""
    assert process.stdout is not None
    lines = process.stdout.read().splitlines(keepends=True)
    # A kill may cut the last line; what was acknowledged has its line feed.
    return [line.split()[0] for line in lines if line.endswith("Stored\n")]


def answered(log: DecisionLog, client: str, hook_instance: str) -> bytes | None:
    """The response that is stored for a call of `writer.py`."""
    number = hook_instance.removeprefix(f"{client}-")
    found = log.answered(client, "service", hook_instance, f"sha256:{number}")
    return found.response if isinstance(found, Stored) else None


def test_two_processes_with_80_appends_each_write_one_linear_chain(
    log: DecisionLog, url: str, start_writer: Start
) -> None:
    first, second = (start_writer(url, client, 80) for client in ("a", "b"))

    assert (first.wait(timeout=120), second.wait(timeout=120)) == (0, 0)
    assert verify(log) == Verified(log.head(), erased=0)
    assert log.head().sequence == 160
    clients = [entry.client for entry, _ in log.entries()]
    assert clients.count("a") == clients.count("b") == 80


def test_two_processes_with_the_same_calls_store_each_once(
    log: DecisionLog, url: str, start_writer: Start
) -> None:
    processes = [start_writer(url, "same", 50, 4) for _ in range(2)]

    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert log.head().sequence == 50
    assert all(sorted(acknowledged(process)) for process in processes)
    assert verify(log) == Verified(log.head(), erased=0)


def kill_a_writer(url: str, start_writer: Start, client: str, threads: int, after: int) -> None:
    """Kill a writer with SIGKILL once it has acknowledged `after` appends; check the log."""
    process = start_writer(url, client, 100_000, threads)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(after)]
    process.kill()
    process.wait()
    acks = [line.split()[0] for line in said] + acknowledged(process)

    with DecisionLog(url, create=True) as log:
        assert verify(log) == Verified(log.head(), erased=0)
        for hook_instance in acks:
            expected = f"response {hook_instance}".encode() * 100
            assert answered(log, client, hook_instance) == expected


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 8])
def test_row_26_a_killed_writer_loses_no_acknowledged_append(
    url: str, start_writer: Start, threads: int
) -> None:
    kill_a_writer(url, start_writer, "first", threads, after=40)
    kill_a_writer(url, start_writer, "second", threads, after=7)  # the restarted worker, too


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 8])
def test_row_26_twenty_killed_writers_lose_no_acknowledged_append(
    url: str, start_writer: Start, threads: int
) -> None:
    for number in range(20):
        kill_a_writer(url, start_writer, f"w{number}", threads, after=1 + 13 * number % 97)


@pytest.mark.slow
def test_row_26_a_killed_postgresql_loses_no_acknowledged_append(
    cluster: Any, start_writer: Start
) -> None:
    """The server ended as by a crash (SIGQUIT: no checkpoint), while two workers write."""
    url = cluster.url(cluster.database())
    for number in range(3):
        clients = [f"{name}{number}" for name in "ab"]
        processes = [start_writer(url, client, 100_000, 4) for client in clients]
        said = []
        for process in processes:
            assert process.stdout is not None
            said.append([process.stdout.readline() for _ in range(60)])
        cluster.stop(signal.SIGQUIT)
        for process in processes:
            process.kill()
            process.wait()
        cluster.start()

        with DecisionLog(url) as log:
            assert verify(log) == Verified(log.head(), erased=0)
            for client, lines, process in zip(clients, said, processes, strict=True):
                acks = [line.split()[0] for line in lines] + acknowledged(process)
                assert all(answered(log, client, hook_instance) for hook_instance in acks)


def test_threads_that_append_at_once_share_commits_and_lose_nothing(
    log: DecisionLog, decide: Decide
) -> None:
    barrier = Barrier(8)
    kept: dict[int, Stored | Conflict] = {}

    def append(number: int) -> None:
        barrier.wait()
        for step in range(10):
            kept[number * 10 + step] = log.append(decide(number * 10 + step))

    threads = [Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.sequence for one in kept.values()) == list(range(1, 81))
    assert all(
        isinstance(one, Stored) and one.response == decide(number).response
        for number, one in kept.items()
    )
    assert verify(log) == Verified(log.head(), erased=0)


def test_the_same_call_twice_in_one_commit_is_stored_once(log: DecisionLog, decide: Decide) -> None:
    barrier = Barrier(6)
    kept: list[Stored | Conflict] = []

    def append() -> None:
        barrier.wait()
        kept.append(log.append(decide(1)))

    threads = [Thread(target=append) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one.sequence for one in kept] == [1] * 6
    assert sum(isinstance(one, Stored) and not one.repeated for one in kept) == 1


def test_many_at_once_share_one_commit_and_each_gets_its_own_result(
    log: DecisionLog, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(decide(1))
    begin = Mock(wraps=log.database.appending)
    monkeypatch.setattr(log.database, "appending", begin)
    other = decide(2, request_hash="sha256:other")

    first, new, conflict, twice, refused = log.append_many(
        [decide(1), decide(2), other, decide(2), decide(3, hook_instance="")]
    )

    assert isinstance(first, Stored)
    assert first.repeated
    assert isinstance(new, Stored)
    assert (new.sequence, new.repeated) == (2, False)
    assert conflict == Conflict(2, "other-request")
    assert isinstance(twice, Stored)
    assert (twice.sequence, twice.repeated, twice.response) == (2, True, decide(2).response)
    assert isinstance(refused, RequestError)
    assert begin.call_count == 1
    assert verify(log) == Verified(log.head(), erased=0)


def test_of_many_at_once_none_is_kept_when_the_commit_fails(
    log: DecisionLog, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("decision log", "cannot be written.")

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "flush", fail)
        with pytest.raises(StoreError):
            log.append_many([decide(1), decide(2)])

    assert log.head().sequence == 0
