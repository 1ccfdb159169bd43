"""Work beside the event loop: what it read is let go in pieces, and no garbage is looked for."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cds.web.operating import aside as module
from cds.web.operating.aside import COLLECT_AFTER, COLLECT_LATER, PIECE, SMALL, Aside, take_apart


@pytest.fixture
def aside() -> Iterator[Aside]:
    before = gc.get_threshold()
    one = Aside()
    yield one
    one.close()
    gc.set_threshold(*before)


def test_big_work_is_done_by_the_thread_and_the_collector_waits_for_all_of_it(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def where() -> tuple[str, int]:
        return threading.current_thread().name, gc.get_threshold()[0]

    async def both() -> list[tuple[str, int]]:
        told = await asyncio.gather(*(aside.run(SMALL + 1, where) for _ in range(3)))
        told.append(("aside: answered", gc.get_threshold()[0]))  # it holds what was read
        await asyncio.sleep(0.05)
        return told

    monkeypatch.setattr(module, "CALM_S", 0.02)
    for name, threshold in asyncio.run(both()):
        assert name.startswith("aside")
        assert threshold == COLLECT_LATER
    assert gc.get_threshold()[0] == COLLECT_AFTER


def test_the_end_of_an_earlier_job_does_not_end_the_calm_after_a_later_one(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[Any] = []

    async def one_after_the_other() -> None:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "call_later", lambda _, *call: due.append(call))
        for _ in range(2):
            await aside.run(SMALL + 1, lambda: None)

    asyncio.run(one_after_the_other())
    told = []
    for call, *ended in due:
        call(*ended)
        told.append(gc.get_threshold()[0])
    assert told == [COLLECT_LATER, COLLECT_AFTER]


def test_big_work_that_fails_sets_the_collector_to_work_again(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ValueError

    async def tried() -> None:
        with pytest.raises(ValueError, match=r"^$"):
            await aside.run(SMALL + 1, fails)
        await asyncio.sleep(0.05)

    monkeypatch.setattr(module, "CALM_S", 0.01)
    asyncio.run(tried())

    assert gc.get_threshold()[0] == COLLECT_AFTER


def test_small_work_is_done_at_once(aside: Aside) -> None:
    assert asyncio.run(aside.run(SMALL, threading.get_ident)) == threading.get_ident()


def test_long_lists_are_emptied_wherever_a_request_may_hold_them() -> None:
    entries: list[Any] = [{"resource": {"id": str(number)}} for number in range(3 * PIECE + 1)]
    few: list[Any] = [1, 2]
    value = {"hook": "x", "prefetch": {"labs": {"entry": entries}, "patient": {"name": few}}}

    take_apart(value)

    assert entries == []
    assert few == [1, 2]


def test_what_is_let_go_is_emptied_by_the_thread(aside: Aside) -> None:
    long = [[number] for number in range(1000)]

    aside.let_go({"entry": long})
    asyncio.run(aside.run(SMALL + 1, lambda: None))  # comes after it

    assert long == []
    aside.close()
    aside.let_go([long])  # as an answer that is sent while the service ends
