"""The way to the decision log, and the breaker in it.

A log that failed is not asked by requests again until a trial in the background has succeeded.
"""

import logging
import threading
from collections.abc import Callable

from cds.errors import StoreError
from cds.store.decisions import DecisionLog
from cds.web.operating.lanes import Lane
from cds.web.operating.logs import event
from cds.web.operating.places import make_folder

TRIAL_S = 5.0  # for what nobody waits for
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
            self.open()
            self.open(patient=False)
        except StoreError as error:
            self.trip(error)

    def trip(self, error: StoreError) -> None:
        """Ask the log no more, until it has been tried."""
        self._failed()
        if not self.away:
            self.away = True
            event("decision log", {"why": "not reached"}, level=logging.ERROR, error=error)

    async def try_it(self, limit_s: float = TRIAL_S + MORE_S) -> None:
        """Ask it again, if it can be read and written.

        Raises:
            StoreError: it cannot.
        """
        await self._trial.run(self._tried, limit_s)
        if self.away:
            self.away = False
            event("decision log back")

    def close(self) -> None:
        """Give the connections back."""
        self._trial.close()
        for log in self._logs.values():
            log.close()

    def _tried(self) -> None:
        self.open().ready()
        self.open(patient=False).head()


def no_answer_yet() -> StoreError:
    """A log that says nothing."""
    return StoreError("decision log", "does not answer in time.", "It will be retried shortly.")
