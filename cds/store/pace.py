"""How a spool is drained beside the calls that need the log: a few entries, then a rest.

Decisions that are made meanwhile go straight into the log between them. While calls come it takes
so few that the one in twenty that meets them waits hardly longer than for another call, and rests
forty times as long as the work was, up to 0.3 s: measured beside 200 appends a second, the slowest
in a hundred are none of its doing, and two thousand entries take about a minute. While none come it
takes more, and rests three times as long.
"""

import time

BATCH = 8  # entries in one commit, unless it is asked for fewer
# After a batch: so long at least, and so many times as long as it took.
PACE_S, REST = 0.02, 3.0
FEW, REST_BESIDE, MOST_S = 2, 40.0, 0.3  # entries in a batch, and its rest, while calls come
BESIDE_S = 1.0  # since the last call of the log, while calls are said to come


def rest_after(took: float, *, beside: bool) -> float:
    """How long to rest after a batch that took so long; `beside`: while calls come."""
    if beside:
        return max(PACE_S, min(REST_BESIDE * took, max(MOST_S, REST * took)))
    return max(PACE_S, REST * took)


class Pace:
    """The pace of one drain after the other: told of each call that needs the log."""

    def __init__(self) -> None:
        """No call has come yet."""
        self._asked = float("-inf")  # when a call last needed the log
        self._rested = float("-inf")  # when the last rest ended

    def asked(self) -> None:
        """A call needs the log."""
        self._asked = time.monotonic()

    def begin(self) -> None:
        """A batch begins."""
        self._rested = time.monotonic()

    def rest_s(self) -> float:
        """A batch has ended: seconds to rest."""
        now = time.monotonic()
        return rest_after(now - self._rested, beside=self._beside(now))

    def next_batch(self) -> int:
        """The rest is over, and a batch begins: how many entries it may have."""
        self.begin()
        return FEW if self._beside(self._rested) else BATCH

    def _beside(self, now: float) -> bool:
        return now - self._asked < BESIDE_S
