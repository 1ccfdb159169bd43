"""Group commit: threads that write at the same time share one transaction, and so one fsync.

Nobody is answered before the transaction that holds its work is durable. There is no thread of its
own: whoever comes first commits for all that wait, so a fork or a shutdown finds nothing half done.
"""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from cds.errors import StoreError

# Enough for every thread of a web worker; a bound on what one failed transaction takes along.
MOST = 256

T = TypeVar("T")
W = TypeVar("W")


@dataclass(slots=True, eq=False)
class _Ticket(Generic[W]):
    work: Callable[[W], Any]
    done: bool = False
    result: Any = None
    error: Exception | None = None


class GroupCommit(Generic[W]):
    """Runs pieces of work, in the order they came, inside the transactions that `begin` opens."""

    def __init__(self, begin: Callable[[], AbstractContextManager[W]]) -> None:
        """`begin` opens a transaction that is durable once its block is left without an error."""
        self._begin = begin
        self._waiting: deque[_Ticket[W]] = deque()
        self._turn = Lock()

    def run(self, work: Callable[[W], T]) -> T:
        """The result of `work`, once it is durable; its error, when nothing of it was written.

        `work` may run twice, the first time rolled back: it does nothing but write.
        """
        ticket = _Ticket(work)
        self._waiting.append(ticket)
        while not ticket.done:
            with self._turn:
                # An earlier holder of the turn may have done this one's work.
                if not ticket.done:
                    count = min(len(self._waiting), MOST)
                    self._commit([self._waiting.popleft() for _ in range(count)])
        if ticket.error is not None:
            raise _own(ticket.error)
        return cast("T", ticket.result)

    def _commit(self, batch: list[_Ticket[W]]) -> None:
        finished = False
        try:
            error = self._attempt(batch)
            if error is not None and len(batch) > 1 and not isinstance(error, StoreError):
                # One of them was at fault: the others shall not suffer for it.
                for ticket in batch:
                    ticket.error = self._attempt([ticket])
            else:
                # The database itself failed: it would fail each of them alike.
                for ticket in batch:
                    ticket.error = error
            finished = True
        finally:
            for ticket in batch:
                if not finished:  # this thread is being ended: the others must not wait for it
                    ticket.error = StoreError("decision log", "was interrupted.", "Try again.")
                ticket.done = True

    def _attempt(self, batch: list[_Ticket[W]]) -> Exception | None:
        try:
            with self._begin() as writing:
                for ticket in batch:
                    ticket.result = ticket.work(writing)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for it
            return error
        return None


def _own(error: Exception) -> Exception:
    """The error for one thread: a traceback is not shared among several."""
    if type(error) is StoreError:
        return StoreError(error.where, error.problem, error.hint)
    return error
