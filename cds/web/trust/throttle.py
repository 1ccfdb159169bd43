"""How often one client may call: a bucket per client that refills evenly.

The buckets of the registered clients are shared by all workers of a host; the others are each
worker's own.
"""

import mmap
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from cds.web.operating.mapped import opened

FORGET_ABOVE = 10_000
Bucket = tuple[float, float]  # what is left, and as of when


class Throttle:
    """One bucket per name: `per_minute` calls at once, then as fast as it refills."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """`clock` in seconds, never going back. 0 a minute: no limit."""
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def wait(self, name: str) -> float:
        """0 when the call may go on; else the seconds until the next one may."""
        if not self._most:
            return 0.0
        now = self._clock()
        if name not in self._buckets and len(self._buckets) >= FORGET_ABOVE:
            self._forget(now)
        bucket, seconds = self._taken(self._buckets.get(name, (self._most, now)), now)
        self._buckets[name] = bucket
        return seconds

    def empty(self, name: str) -> bool:
        """Whether the next call would have to wait; takes nothing."""
        if not self._most or name not in self._buckets:
            return False
        now = self._clock()
        left, then = self._buckets[name]
        return left + (now - then) * self._rate < 1

    def _taken(self, bucket: Bucket, now: float) -> tuple[Bucket, float]:
        left, then = bucket
        left = min(self._most, left + (now - then) * self._rate)
        if left < 1:
            return (left, now), (1 - left) / self._rate
        return (left - 1, now), 0.0

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again; if none is, the fullest half."""
        filled = {n: left + (now - then) * self._rate for n, (left, then) in self._buckets.items()}
        kept = {name: self._buckets[name] for name, left in filled.items() if left < self._most}
        if len(kept) >= FORGET_ABOVE:
            emptiest = sorted(kept, key=filled.__getitem__)[: FORGET_ABOVE // 2]
            kept = {name: self._buckets[name] for name in emptiest}
        self._buckets = kept


_SLOT = struct.Struct("=dd")


class SharedThrottle(Throttle):
    """Buckets of names known beforehand, in a file that several workers map into their memory.

    There is no lock: a worker that is stopped would hold it, and all others would wait for it. Two
    that take at the very same moment may count as one.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float], names: Sequence[str], path: Path
    ) -> None:
        """Make the file, or take the one that another worker has made.

        `clock` must be the same in all of them, as the system's monotonic one is.

        Raises:
            OSError: there is no room for it.
        """
        super().__init__(per_minute, clock)
        self._places = {name: number * _SLOT.size for number, name in enumerate(names)}
        size = max(len(names), 1) * _SLOT.size
        file = opened(path, size)
        try:
            self._memory = mmap.mmap(file, size)
        finally:
            os.close(file)

    def wait(self, name: str) -> float:
        """As that of each worker for itself; a name that is not shared is this worker's own."""
        place = self._places.get(name)
        if place is None or not self._most:
            return super().wait(name)
        now = self._clock()
        left, then = _SLOT.unpack_from(self._memory, place)
        # What was never written is 0: a bucket that nobody has taken from.
        bucket, seconds = self._taken((left, then) if then else (self._most, now), now)
        _SLOT.pack_into(self._memory, place, *bucket)
        return seconds
