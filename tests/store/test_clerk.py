"""The process that writes the log, here without a process: what it answers, in which order."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds.store.clerk import Clerk
from cds.store.decisions import DecisionLog
from cds.store.frames import (
    AllDone,
    Appended,
    Appending,
    ClerkAnswer,
    ClerkRequest,
    Emptied,
    Emptying,
    Moving,
    NotDone,
    Noting,
    Opening,
    Received,
    answer_in,
    framed,
)
from cds.store.model import Feedback
from cds.store.spool import Spool
from tests.store.plain import plain


class Parent:
    """The other end: it asks, and hears every answer."""

    def __init__(self, near: socket.socket) -> None:
        self._near = near
        self._received = Received()
        self._heard: list[ClerkAnswer] = []

    def ask(self, *requests: ClerkRequest) -> None:
        self._near.sendall(b"".join(map(framed, requests)))

    def hear(self) -> ClerkAnswer:
        while not self._heard:
            data = self._near.recv(65536)
            assert data
            self._heard += map(answer_in, self._received.bodies(data))
        return self._heard.pop(0)


@pytest.fixture
def parent() -> Iterator[Parent]:
    near, far = socket.socketpair()
    near.settimeout(30)
    thread = threading.Thread(target=Clerk(far).serve)
    thread.start()
    yield Parent(near)
    near.close()
    thread.join(30)
    far.close()
    assert not thread.is_alive()


@pytest.fixture
def log_url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path}/log.db"
    DecisionLog(found, create=True).close()
    return found


def _feedback(number: int) -> Feedback:
    now = datetime.now(UTC)
    return Feedback(now, "ehr", "service", f"card-{number}", "accepted", "2026-01-05T10:05:31Z")


def test_requests_are_answered_in_their_order(parent: Parent, log_url: str) -> None:
    parent.ask(Opening(1, log_url, 5.0), Appending(2, [plain("ehr", 1)]), Noting(3, [_feedback(1)]))

    opened, appended, noted = parent.hear(), parent.hear(), parent.hear()

    assert (opened, noted) == (AllDone(1), AllDone(3))
    assert isinstance(appended, Appended)
    # Its own bytes are not sent back to whoever has them.
    assert len(framed(appended)) < 200


def test_before_the_log_is_open_nothing_is_acknowledged(parent: Parent, tmp_path: Path) -> None:
    parent.ask(Opening(1, f"sqlite:///{tmp_path}/nowhere.db", 5.0), Appending(2, [plain("ehr", 1)]))

    opened, appended = parent.hear(), parent.hear()

    assert isinstance(opened, NotDone)
    assert isinstance(appended, NotDone)
    assert (opened.spool, appended.spool) == (False, False)


def test_between_two_commits_of_a_drain_a_call_is_served(
    parent: Parent, log_url: str, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put([_feedback(number) for number in range(4)])

    parent.ask(
        Opening(1, log_url, 5.0), Emptying(2, str(spool.path)), Appending(3, [plain("ehr", 1)])
    )

    heard = [parent.hear() for _ in range(4)]
    assert [one.number for one in heard] == [1, 3, 2, 2]
    assert heard[2:] == [Moving(2), Emptied(2, 4, 0)]
    with DecisionLog(log_url) as log:
        kinds = [entry.kind for entry, _ in log.entries()]
    assert kinds == ["decision", *["feedback"] * 4]
