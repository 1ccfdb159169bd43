"""Work that hangs, items that share a turn, patience that is shared, lines that nobody reads."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from cds.errors import StoreError
from cds.web.operating import lanes
from cds.web.operating.lanes import MOST_LOST, Batches, Lane
from cds.web.operating.lines_out import _MOST, LinesOut
from cds.web.operating.logs import JsonLines, _Handler
from cds.web.operating.patience import Patience


def test_work_that_hangs_is_given_up_and_the_next_is_not_held_up() -> None:
    lane, hold = Lane("log"), threading.Event()

    async def both() -> int:
        with pytest.raises(StoreError) as caught:
            await lane.run(hold.wait, 0.05)
        assert caught.value.where == "log"
        return await lane.run(lambda: 7, 5)

    assert asyncio.run(both()) == 7
    hold.set()
    lane.close()


def test_only_so_many_threads_are_ever_lost() -> None:
    lane, hold = Lane("log"), threading.Event()
    before = threading.active_count()

    async def many() -> None:
        for _ in range(3 * MOST_LOST):
            with pytest.raises(StoreError):
                await lane.run(hold.wait, 0.01)

    asyncio.run(many())

    assert threading.active_count() - before <= MOST_LOST
    hold.set()
    lane.close()


def test_without_a_thread_the_work_is_refused_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane = Lane("log")

    def none(_: threading.Thread) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none)
        with pytest.raises(StoreError):
            asyncio.run(lane.run(lambda: 1, 5))

    assert asyncio.run(lane.run(lambda: 2, 5)) == 2
    lane.close()


def test_whoever_gives_up_loses_the_lane_for_nobody_else() -> None:
    lane, hold = Lane("log"), threading.Event()

    async def impatient() -> int:
        with pytest.raises(TimeoutError):
            await Patience(0.02).wait(lane.run(hold.wait, 5))
        return await lane.run(lambda: 3, 5)

    assert asyncio.run(impatient()) == 3
    hold.set()
    lane.close()


def test_items_that_come_together_share_a_turn_and_each_has_its_own_result() -> None:
    sizes: list[int] = []

    def work(items: Sequence[int]) -> list[int | Exception]:
        sizes.append(len(items))
        return [ValueError("odd") if item % 2 else item * 10 for item in items]

    async def all_of() -> list[int | BaseException]:
        lane = Lane("log")
        batches: Batches[int, int] = Batches(lane, work, 5)
        results = await asyncio.gather(*map(batches.add, range(20)), return_exceptions=True)
        lane.close()
        return results

    results = asyncio.run(all_of())

    assert results[0::2] == [item * 10 for item in range(0, 20, 2)]
    assert {type(one) for one in results[1::2]} == {ValueError}
    assert len(sizes) < 5


def test_callers_that_were_answered_together_share_the_next_turn_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_COMPANY_S", "_SOON_S"):  # the clock decides nothing
        monkeypatch.setattr(lanes, name, 60.0)
    sizes: list[int] = []
    hold = threading.Event()

    def work(items: Sequence[int]) -> list[int | Exception]:
        sizes.append(len(items))
        hold.wait(60)
        return list(items)

    async def caller(batches: Batches[int, int], number: int) -> None:
        assert await batches.add(number) == number
        for _ in range(3 * number):  # they are answered together, but do not come at once
            await asyncio.sleep(0)
        assert await batches.add(number) == number

    async def all_of() -> None:
        lane = Lane("log")
        batches: Batches[int, int] = Batches(lane, work, 60)
        calls = [asyncio.create_task(caller(batches, number)) for number in range(8)]
        hold.set()
        await asyncio.gather(*calls)
        lane.close()

    asyncio.run(all_of())

    assert sizes[0] == 8
    assert sizes[1] >= 4


def test_who_comes_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_COMPANY_S", "_SOON_S"):
        monkeypatch.setattr(lanes, name, 60.0)

    async def one_by_one() -> None:
        lane = Lane("log")
        batches: Batches[int, int] = Batches(lane, list, 60)
        for number in range(20):
            async with asyncio.timeout(50):
                assert await batches.add(number) == number
        lane.close()

    asyncio.run(one_by_one())


def test_all_waits_of_a_request_share_its_patience() -> None:
    async def waited() -> float:
        patience, began = Patience(0.2), time.monotonic()
        await patience.wait(asyncio.sleep(0.12))
        with pytest.raises(TimeoutError):
            await patience.wait(asyncio.sleep(5))
        return time.monotonic() - began

    assert asyncio.run(waited()) < 2


def test_lines_that_nobody_reads_are_dropped_counted_and_told_of_later() -> None:
    near, far = os.pipe()
    out = LinesOut(far)
    dropped: list[int] = []
    out.on_drop = dropped.append
    sent = count()

    for _ in sent:  # until the pipe, and then the queue, are full
        out.put("x" * 100)
        if dropped:
            break
    assert next(sent) < 2 * _MOST + 2000
    read = b""
    while b"log lines dropped" not in read:
        read += os.read(near, 65536)
        out.put("again")

    assert b'"lines": ' in read
    out.flush()
    os.close(near)


@pytest.mark.parametrize("wrong", ["half a character \ud800", b"no text", None])
def test_no_line_and_no_counter_ends_the_writing_of_lines(wrong: Any) -> None:
    near, far = os.pipe()
    out = LinesOut(far)

    def fail(_: int) -> None:
        raise ZeroDivisionError

    out.on_drop = fail
    out.put(wrong)
    out.flush()
    out.put("good")
    out.flush()
    os.close(far)

    with os.fdopen(near, "rb") as said:
        assert said.read().endswith(b"good\n")


def test_a_thread_of_lines_that_has_ended_is_replaced() -> None:
    near, far = os.pipe()
    out = LinesOut(far)
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    out._thread = ended

    out.put("good")
    out.flush()

    assert os.read(near, 100) == b"good\n"
    os.close(near)


def test_a_line_that_cannot_be_made_is_counted_and_fails_nobody() -> None:
    near, far = os.pipe()
    out = LinesOut(far)
    dropped: list[int] = []
    out.on_drop = dropped.append
    handler = _Handler(out)
    handler.setFormatter(JsonLines())
    record = logging.LogRecord("cds", logging.INFO, "", 0, "request", None, None)
    record.fields = {"status": object()}

    handler.emit(record)

    assert dropped == [1]
    os.close(near)
    os.close(far)


def test_a_lane_whose_thread_has_ended_works_on() -> None:
    lane = Lane("log")

    async def twice() -> int:
        await lane.run(lambda: 1, 5)
        assert lane._work is not None
        assert lane._thread is not None
        lane._work.put(None)
        lane._thread.join()
        return await lane.run(lambda: 2, 5)

    assert asyncio.run(twice()) == 2
    lane.close()


def test_work_that_cannot_even_be_told_of_does_not_end_the_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane = Lane("log")

    async def both() -> int:
        with monkeypatch.context() as patch:
            patch.setattr(lanes, "_tell", lambda *_: 1 / 0)
            with pytest.raises(StoreError):
                await lane.run(lambda: 1, 0.1)
        thread = lane._lost[0]
        thread.join(5)
        return await lane.run(lambda: 2, 5)

    assert asyncio.run(both()) == 2
    lane.close()


@pytest.mark.parametrize("results", [[], [1, 2, 3]])
def test_results_that_do_not_match_are_an_error_of_each_and_nobody_waits(
    results: list[int],
) -> None:
    lane = Lane("log")
    batches: Batches[int, int] = Batches(lane, lambda _: results, 5.0)

    async def both() -> list[Any]:
        async with asyncio.timeout(5):
            waiting = (batches.add(1), batches.add(2))
            return list(await asyncio.gather(*waiting, return_exceptions=True))

    found = asyncio.run(both())

    assert found
    assert all(isinstance(one, ValueError) or one in results for one in found)
    lane.close()
