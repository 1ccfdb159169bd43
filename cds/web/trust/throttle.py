"""How often one client may call: a bucket per client that refills evenly."""

from collections.abc import Callable

FORGET_ABOVE = 10_000


class Throttle:
    """One bucket per name: `per_minute` calls at once, then as fast as it refills."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """`clock` in seconds, never going back. 0 a minute: no limit."""
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, name: str) -> float:
        """0 when the call may go on; else the seconds until the next one may."""
        if not self._most:
            return 0.0
        now = self._clock()
        left, then = self._buckets.get(name, (self._most, now))
        left = min(self._most, left + (now - then) * self._rate)
        if left < 1:
            self._buckets[name] = (left, now)
            return (1 - left) / self._rate
        if name not in self._buckets and len(self._buckets) >= FORGET_ABOVE:
            self._forget(now)
        self._buckets[name] = (left - 1, now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again; if none is, the fullest half."""
        filled = {n: left + (now - then) * self._rate for n, (left, then) in self._buckets.items()}
        kept = {name: self._buckets[name] for name, left in filled.items() if left < self._most}
        if len(kept) >= FORGET_ABOVE:
            emptiest = sorted(kept, key=filled.__getitem__)[: FORGET_ABOVE // 2]
            kept = {name: self._buckets[name] for name in emptiest}
        self._buckets = kept
