"""SQLite's write-ahead log goes into its file in the background, or whoever commits would bring it.

Seldom while calls come: the few that meet it wait for the disk. However long a spool is drained,
and whether anything waits at all.
"""

import time

from cds.web.operating.lanes import Lane
from cds.web.operating.way import MORE_S, TRIAL_S, LogWay

# Calls, or seconds without one, after which it is done: a commit does it after about a thousand.
MANY_CALLS, QUIET_S = 500, 1.0


class Checkpoints:
    """One process's part in it."""

    def __init__(self, way: LogWay) -> None:
        """Nothing has been written yet."""
        self._way = way
        self._lane = Lane("decision log")
        self._calls = 0
        self._asked = float("-inf")

    def asked(self) -> None:
        """A call is about to write."""
        self._calls += 1
        self._asked = time.monotonic()

    async def look(self) -> None:
        """Do it, if it is time.

        Raises:
            StoreError: the log is away.
        """
        if self._calls < MANY_CALLS and time.monotonic() - self._asked < QUIET_S:
            return
        self._calls = 0
        await self._lane.run(lambda: self._way.open().checkpoint(), TRIAL_S + MORE_S)

    def close(self) -> None:
        """End with what is under way."""
        self._lane.close()
