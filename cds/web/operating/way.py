"""The way to the decision log, and the breaker in it.

A log that failed is not asked by requests again until a trial in the background has succeeded.
"""

import logging
import threading
import time
from collections.abc import Callable

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.web.operating.lanes import Lane, done_within
from cds.web.operating.logs import event
from cds.web.operating.places import make_folder

TRIAL_S = 5.0  # for what nobody waits for
OPEN_S = 3.0  # for the log at a start, unless a request would wait longer for it
# A trial leaves nothing, so some faults show only when a request writes: a disk that is full. A log
# that is away again so soon after a trial is tried later, and later each time.
SOON_S, LEAST_PAUSE_S, MOST_PAUSE_S = 10.0, 2.0, 5.0
MORE_S = 0.5  # the driver ends first, and says why


class LogWay:
    """Two open logs of one place: one that gives up soon, for requests, and a patient one."""

    def __init__(self, url: str, limit_s: float, failed: Callable[[], None]) -> None:
        """`limit_s` bounds each call of a request; `failed` is called for each that failed."""
        self._url = url
        self.limit_s = limit_s
        self._failed = failed
        self._logs: dict[bool, DecisionLog] = {}
        self._opening = threading.Lock()
        self._trial = Lane("decision log")
        self.away = False
        self._back = float("-inf")  # when it last came back
        self._pause_s = 0.0  # before it is tried again, once it is away
        self._next = float("-inf")  # when that is over

    def open(self, *, patient: bool = True) -> DecisionLog:
        """The log; the patient one makes its tables where there are none.

        Raises:
            StoreError: it cannot be opened.
        """
        with self._opening:
            log = self._logs.get(patient)
            if log is None:
                make_folder(self._url)
                seconds = TRIAL_S if patient else self.limit_s
                log = DecisionLog(self._url, create=patient, timeout_s=seconds)
                self._logs[patient] = log
            return log

    def start(self) -> None:
        """Open both, or begin without them."""
        try:
            done_within(max(OPEN_S, self.limit_s), self._open_both, "decision log")
        except StoreError as error:
            self.trip(error)

    def _open_both(self) -> None:
        self.open()
        self.open(patient=False)

    def trip(self, error: StoreError) -> None:
        """Ask the log no more, until it has been tried."""
        self._failed()
        if not self.away:
            self.away = True
            now = time.monotonic()
            soon = now - self._back < SOON_S
            self._pause_s = min(max(LEAST_PAUSE_S, 2 * self._pause_s), MOST_PAUSE_S) if soon else 0
            self._next = now + self._pause_s
            event("decision log", {"why": "not reached"}, level=logging.ERROR, error=error)

    async def try_it(self, limit_s: float = TRIAL_S + MORE_S) -> None:
        """Ask it again, if it can be read and written; one that failed soon after that, not yet.

        Raises:
            StoreError: it cannot, or is not tried yet.
        """
        if self.away and time.monotonic() < self._next:
            raise no_answer_yet()
        await self._trial.run(self._tried, limit_s)
        if self.away:
            self.away = False
            self._back = time.monotonic()
            event("decision log back")

    def close(self) -> None:
        """Give the connections back."""
        self._trial.close()
        for log in self._logs.values():
            log.close()

    def _tried(self) -> None:
        self.open().ready()
        log = self.open(patient=False)
        log.head()
        if self.away:
            log.try_to_append()


def no_answer_yet() -> StoreError:
    """A log that says nothing."""
    late = "does not answer in time."
    return StoreError("decision log", late, "It will be retried shortly.", kind="late")
