"""Walk the chain from first to last, and name the first entry that is not as it was written.

A long chain is walked in stretches, by two processes. What a stretch cannot know, the hash of the
entry before it, is compared when the stretches are joined, in their order.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from typing import NamedTuple

from cds.store.chain import GENESIS
from cds.store.checked import Stretch, walk
from cds.store.decisions import DecisionLog
from cds.store.model import Broken, Head, Verified
from cds.store.writing import entries_after

STRETCH = 10_000
_MANY = 50_000  # entries; for fewer, starting processes takes longer than they save
PROCESSES = 2


class Reached(NamedTuple):
    """How far a chain was found whole, and how many entries before that were erased."""

    head: Head = GENESIS
    erased: int = 0


_Told = Callable[[Reached], None]


def verify(
    log: DecisionLog,
    heads: Mapping[int, str] | None = None,
    *,
    reached: Reached = Reached(),  # noqa: B008 - a value that nobody can change
    told: _Told = lambda _: None,
) -> Verified | Broken:
    """Check every link, every content that has a key, and every head signed before.

    `heads` are the hashes that signed heads give, by sequence: a chain that was cut, or written
    anew from some entry on, is whole in itself and found only by them. `reached`: what an earlier
    walk has found whole and is not read again; `told` hears of each stretch. Memory is constant.
    """
    signed = dict(heads or {})
    before = _signed_before(log, signed, reached)
    if before is not None:
        return before
    last, erased = reached
    for stretch in _stretches(log, last.sequence, signed):
        if stretch.joins not in {None, last.hash}:
            return Broken(last.sequence + 1, "does not follow the entry before it.")
        if stretch.broken is not None:
            return stretch.broken
        last, erased = stretch.last or last, erased + stretch.erased
        told(Reached(last, erased))
    missing = max((sequence for sequence in signed if sequence > last.sequence), default=None)
    if missing is not None:
        return Broken(last.sequence + 1, f"is missing: a signed head reaches to {missing}.")
    return Verified(last, erased)


def _signed_before(log: DecisionLog, signed: Mapping[int, str], reached: Reached) -> Broken | None:
    """Whether what is not read again still ends as it did, and has the heads that were signed."""
    held = {reached.head.sequence: reached.head.hash} if reached.head.sequence else {}
    old = {sequence: name for sequence, name in signed.items() if sequence <= reached.head.sequence}
    for sequence, name in sorted((*old.items(), *held.items())):
        with log.database.reading() as connection:
            found = entries_after(connection, sequence - 1, 1)
        if not found or found[0][0].sequence != sequence:
            return Broken(sequence, "is missing: it was there when the chain was last verified.")
        if found[0][0].hash != name:
            return Broken(sequence, "is not the entry that was there: the chain was written anew.")
    return None


def _stretches(log: DecisionLog, after: int, signed: Mapping[int, str]) -> Iterator[Stretch]:
    """The stretches in their order; the last one also has what is appended meanwhile."""
    end = log.head().sequence
    starts = range(after, end - STRETCH, STRETCH)
    if len(starts) * STRETCH > _MANY:
        yield from _by_processes(log, starts, signed)
        after = starts[-1] + STRETCH
    while True:
        stretch = walk(log, after, STRETCH, signed)
        yield stretch
        if stretch.last is None or stretch.last.sequence < after + STRETCH:
            return
        after = stretch.last.sequence


def _by_processes(log: DecisionLog, starts: range, signed: Mapping[int, str]) -> Iterator[Stretch]:
    context = multiprocessing.get_context("spawn")
    url = log.url
    waiting: deque[Future[Stretch]] = deque()
    pool = ProcessPoolExecutor(PROCESSES, context, initializer=_open, initargs=(url,))
    with pool:
        try:
            for start in starts:
                part = {n: name for n, name in signed.items() if start < n <= start + STRETCH}
                waiting.append(pool.submit(_walk, start, part))
                if len(waiting) > 2 * PROCESSES:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


_LOGS: list[DecisionLog] = []  # of a process that walks for another: one


def _open(url: str) -> None:
    _LOGS.append(DecisionLog(url, timeout_s=60.0))


def _walk(after: int, signed: Mapping[int, str]) -> Stretch:
    return walk(_LOGS[0], after, STRETCH, signed)
