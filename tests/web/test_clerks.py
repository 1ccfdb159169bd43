"""The process that writes the log for a service, asked from an event loop."""

import asyncio
import fcntl
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.errors import RequestError, StoreError
from cds.store.clerk import Clerk
from cds.store.decisions import DecisionLog
from cds.store.frames import ClerkError, Emptying, Received, framed, request_in
from cds.store.model import Conflict, Feedback, Stored, Verified
from cds.store.spool import Drained, Spool
from cds.store.verify import verify
from cds.web.operating.clerks import Clerks
from cds.web.operating.ledger import Ledger, Times
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.settings import StoreSettings
from tests.store.plain import plain

LIMIT_S = 5.0


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/log.db"


@asynccontextmanager
async def _clerks(folder: Path, limit_s: float = LIMIT_S) -> AsyncIterator[Clerks]:
    """Clerks of which the first is there."""
    DecisionLog(_url(folder), create=True).close()
    clerks = Clerks(_url(folder), limit_s)
    clerks.begin()
    await _until_there(clerks)
    try:
        yield clerks
    finally:
        clerks.close()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - nothing says so
            await asyncio.sleep(0.05)


async def _until_there(clerks: Clerks) -> None:
    async with asyncio.timeout(60):
        while not clerks.there:
            await clerks.look()
            await asyncio.sleep(0.05)


def _with_clerks(
    folder: Path, work: Callable[[Clerks], Awaitable[Any]], limit_s: float = LIMIT_S
) -> Any:
    async def done() -> Any:
        async with _clerks(folder, limit_s) as clerks:
            return await work(clerks)

    return asyncio.run(done())


def _held(folder: Path) -> list[str | None]:
    with DecisionLog(_url(folder)) as log:
        assert isinstance(verify(log), Verified)
        return [entry.hook_instance for entry, _ in log.entries()]


def _feedback() -> Feedback:
    now = datetime.now(UTC)
    return Feedback(now, "ehr", "service", "card", "accepted", "2026-01-05T10:05:31Z", ("a", "b"))


def test_what_a_clerk_answers_is_what_the_log_answers(tmp_path: Path) -> None:
    first, other = plain("ehr", 1), plain("ehr", 2, b"\x00\xff" * 100_000)
    again = replace(first, response=b"another answer")
    another = replace(first, request_hash="sha256:x")
    unkept = replace(plain("ehr", 3), client="\0")

    async def asked(clerks: Clerks) -> Sequence[Any]:
        return [
            *(await clerks.append([first, other, unkept]) or ()),
            *(await clerks.append([again, another]) or ()),
        ]

    found = _with_clerks(tmp_path, asked)

    with DecisionLog(_url(tmp_path)) as log:
        known = log.append_many([first, other])
        (taken,) = log.append_many([another])
    assert [replace(one, repeated=True) for one in found[:2]] == known
    assert isinstance(found[2], RequestError)
    assert (found[2].status, found[2].where) == (400, "client")
    assert found[3] == known[0]
    assert found[4] == taken == Conflict(1, "other-request")


def test_feedback_and_what_is_no_text_go_their_way(tmp_path: Path) -> None:
    half = replace(plain("ehr", 1), hook_instance="\ud800")

    async def asked(clerks: Clerks) -> tuple[object, bool]:
        return await clerks.append([half]), await clerks.feedback([_feedback()])

    # A thread answers to what cannot be told to a clerk.
    assert _with_clerks(tmp_path, asked) == (None, True)
    assert len(_held(tmp_path)) == 1


def test_a_fault_of_ours_is_told_and_ends_nothing(tmp_path: Path) -> None:
    undated = replace(plain("ehr", 1), time=datetime(2026, 1, 5))  # noqa: DTZ001 - that is it

    async def asked(clerks: Clerks) -> object:
        with pytest.raises(ClerkError, match="ValueError"):
            await clerks.append([undated])
        return await clerks.append([plain("ehr", 2)])

    (kept,) = _with_clerks(tmp_path, asked)

    assert isinstance(kept, Stored)


def test_a_clerk_waits_also_on_a_socket_of_a_high_number() -> None:
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    near, far = socket.socketpair()
    try:
        number = fcntl.fcntl(far, fcntl.F_DUPFD_CLOEXEC, 1024)
        with near, far, socket.socket(fileno=number) as high:
            assert Clerk(high).serve(time.monotonic() + 0.01)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))


def test_a_clerk_that_ends_fails_those_who_wait_and_another_is_begun(tmp_path: Path) -> None:
    async def asked(clerks: Clerks) -> tuple[object, object]:
        first = clerks._process
        assert first is not None
        os.kill(first.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(clerks.append([plain("ehr", 1)]))
        await asyncio.sleep(0.05)
        first.kill()
        with pytest.raises(StoreError) as caught:
            await waiting
        assert "lost" in caught.value.problem
        without = await clerks.append([plain("ehr", 2)])
        await _until_there(clerks)
        return without, await clerks.append([plain("ehr", 3)])

    without, kept = _with_clerks(tmp_path, asked)

    assert without is None
    assert kept is not None
    assert _held(tmp_path)[-1] == "ehr-3"


def test_a_clerk_that_is_late_is_used_again_if_it_answers_soon(tmp_path: Path) -> None:
    async def asked(clerks: Clerks) -> bool:
        process = clerks._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(StoreError):
            await clerks.append([plain("ehr", 1)])
        assert not clerks.there
        await clerks.look()
        os.kill(process.pid, signal.SIGCONT)
        await _until(lambda: clerks.there)
        await clerks.look()
        return clerks._process is process

    assert _with_clerks(tmp_path, asked, limit_s=0.5)


def test_a_clerk_that_stays_silent_is_ended(tmp_path: Path) -> None:
    async def asked(clerks: Clerks) -> int | None:
        process = clerks._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(StoreError):
            await clerks.append([plain("ehr", 1)])
        await clerks.look()
        await clerks.look()
        return process.wait(10)

    assert _with_clerks(tmp_path, asked, limit_s=0.2) == -signal.SIGKILL


def test_a_clerk_drains_a_spool_between_the_calls(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put([*(plain("late", number) for number in range(40)), _feedback()])
    moving: list[int] = []

    async def asked(clerks: Clerks) -> tuple[Drained | None, int]:
        drained = asyncio.create_task(clerks.drain(spool.path, lambda: moving.append(1)))
        count = 0
        while not drained.done():
            await clerks.append([plain("ehr", count)])
            count += 1
        return await drained, count

    drained, count = _with_clerks(tmp_path, asked)

    held = _held(tmp_path)
    assert drained == Drained(41)
    assert len(moving) > 3
    assert not spool.waiting()
    assert len(held) == 41 + count
    # They went in while the others waited.
    assert held.index("ehr-2") < held.index("late-39")


def test_a_disk_of_the_spool_that_fails_is_an_error_of_the_spool(tmp_path: Path) -> None:
    (tmp_path / "spool.draining").mkdir()

    async def asked(clerks: Clerks) -> None:
        with pytest.raises(StoreError) as caught:
            await clerks.drain(tmp_path / "spool", lambda: None)
        assert caught.value.where == "spool"
        assert clerks.there

    _with_clerks(tmp_path, asked)


def test_an_end_in_the_middle_of_a_drain_ends_with_the_batch(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put([plain("late", number) for number in range(1000)])

    async def asked(clerks: Clerks) -> None:
        begun = asyncio.Event()
        drained = asyncio.create_task(clerks.drain(spool.path, begun.set))
        await begun.wait()
        drained.cancel()

    _with_clerks(tmp_path, asked)

    assert spool.waiting()
    assert 0 < len(_held(tmp_path)) < 1000


def test_without_a_process_a_thread_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise BlockingIOError

    monkeypatch.setattr(subprocess.Popen, "__init__", none)
    monkeypatch.setattr(subprocess.Popen, "__del__", lambda _: None)
    settings = StoreSettings(url=_url(tmp_path))
    clerks = Clerks(settings.url, LIMIT_S)
    clerks.begin()
    ledger = Ledger(settings, lambda: datetime.now(UTC), Metrics(), Times(LIMIT_S), clerks)
    ledger.start()

    async def kept() -> object:
        await ledger.look()
        return await ledger.append(plain("ehr", 1), must_answer=False, patience=Patience(LIMIT_S))

    found = asyncio.run(kept())
    ledger.close()

    assert isinstance(found, Stored)


def test_a_clerk_waits_for_a_log_that_is_away_at_the_start(tmp_path: Path) -> None:
    async def asked() -> bool:
        clerks = Clerks(_url(tmp_path), LIMIT_S)
        clerks.begin()
        await clerks.look()
        await _until(lambda: not clerks.coming)
        assert not clerks.there
        assert await clerks.append([plain("ehr", 1)]) is None
        DecisionLog(_url(tmp_path), create=True).close()
        await _until_there(clerks)
        clerks.close()
        return True

    assert asyncio.run(asked())


def test_frames_are_whole_however_they_come() -> None:
    sent = [Emptying(number, "x" * number * 100) for number in range(5)]
    data = b"".join(map(framed, sent))
    received = Received()

    bodies = [body for one in data for body in received.bodies(bytes([one]))]

    assert [request_in(body) for body in bodies] == sent
