"""Workers with a pipe each, and the one who hands out tasks.

`multiprocessing.Pool` hangs for good when a worker is killed, `ProcessPoolExecutor` ends the whole
run, and both leave orphans when the parent is killed. Here a lost worker is replaced, a task that
loses its worker twice is given up by name, and a worker whose parent is gone ends.
"""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple, Self

from cds.errors import CdsError
from cds.flows.bulk.decide import internal_error
from cds.flows.bulk.tasks import Job, Plan, Task, Worker
from cds.wire import JsonObject

_TRIES = 2
_START = 3  # workers that may die before any of them did anything


class Done(NamedTuple):
    """What came of a task: what it tells, or why it failed (`errno`: that of an OSError)."""

    stage: str
    number: int
    told: JsonObject | None = None
    problem: str = ""
    errno: int | None = None
    fatal: bool = False  # no other try, and no other task, would end otherwise


READY = Done("ready", 0)
_STOPS = frozenset({signal.SIGINT, signal.SIGTERM})
_STANDARD = 3  # input, output, errors


def _end_with_parent() -> None:
    """End this process as soon as its parent has ended, in the middle of whatever it does.

    What it was writing has no name yet, so nothing of it is ever taken for finished.
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def work(worker: Worker, pipe: Connection, foreign: tuple[int, ...]) -> None:
    """The life of a worker: a task, its answer, the next; until the pipe closes.

    `foreign`: the handles of the parent that a fork has copied, such as the pipes of its brothers:
    while one of them is open here, nobody sees that its other end is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if foreign:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        for handle in foreign:
            with suppress(OSError):
                os.close(handle)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        pipe.send(READY)
        while True:
            stage, number, plan = pipe.recv()
            if plan is not None:
                worker.plan = plan
            pipe.send(answer(worker, stage, number))


def answer(worker: Worker, stage: str, number: int) -> Done:
    """Do a task; a failure of it is told, never raised."""
    try:
        return Done(stage, number, worker.do(stage, number))
    except OSError as error:
        return Done(
            stage, number, problem=error.strerror or type(error).__name__, errno=error.errno
        )
    except CdsError as error:
        return Done(stage, number, problem=str(error).rstrip("."), fatal=True)
    except Exception as error:  # noqa: BLE001 - a worker's outermost shell: told, never swallowed
        return Done(stage, number, problem=internal_error(error))


def method() -> str:
    """How workers are started: on Linux as a fork, which has all that the parent has made ready.

    A fork of a process with threads may hold a lock that nobody opens any more.
    """
    alone = threading.active_count() == 1
    return "fork" if sys.platform == "linux" and alone else "spawn"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal to stop come in between: the parent's way of stopping is not a worker's."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Hand:
    """One worker, and the task that it has."""

    def __init__(self, worker: Worker, how: str) -> None:
        context = get_context("fork") if how == "fork" else get_context("spawn")
        others = _handles() if how == "fork" else ()
        self.pipe, theirs = context.Pipe()
        foreign = (*others, self.pipe.fileno()) if how == "fork" else ()
        words = (worker if how == "fork" else Worker(worker.job), theirs, foreign)
        self.process: BaseProcess = context.Process(target=work, args=words, daemon=True)
        with _undisturbed() if how == "fork" else nullcontext():
            self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.knows_plan = False
        self.ready = False

    def give(self, task: Task, plan: Plan | None) -> None:
        self.task = task
        news = None if self.knows_plan else plan
        self.knows_plan = plan is not None
        with suppress(OSError):  # it is gone already: its sentinel tells
            self.pipe.send((*task, news))

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _handles() -> tuple[int, ...]:
    """What this process has open now, beside the standard streams."""
    # With that of the listing itself.
    found = [int(one.name) for one in Path("/proc/self/fd").iterdir()]
    return tuple(one for one in found if one >= _STANDARD and _is_open(one))


def _is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


class Crew:
    """So many workers for one job."""

    def __init__(self, job: Job, size: int, how: str | None = None) -> None:
        """Nobody works yet. `how`: fork or spawn; what suits this process, if it is not said."""
        self._worker = Worker(job)
        self._size = size
        self._how = how
        self._hands: list[_Hand] = []

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """End them all."""
        for hand in self._hands:
            hand.end()

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        """Do the tasks, in any order; what came of each is given as it comes.

        Raises:
            RuntimeError: workers die before they can do anything.
        """
        waiting = deque(tasks)
        tries: dict[Task, int] = {}
        open_, dead_at_start = len(waiting), 0
        while open_:
            self._staff(min(self._size, open_))
            self._hand_out(waiting, plan)
            for hand, news in self._news():
                if news == READY:
                    hand.ready, dead_at_start = True, 0
                    continue
                if not hand.ready:
                    dead_at_start += 1
                    if dead_at_start >= _START:
                        message = "workers end before they can do anything"
                        raise RuntimeError(message)
                task, hand.task = hand.task, None
                if task is None:
                    continue
                done = news or Done(*task, problem="its worker was lost")
                tries[task] = tries.get(task, 0) + 1
                again = done.told is None and done.errno is None and not done.fatal
                if again and tries[task] < _TRIES:
                    waiting.append(task)
                    continue
                open_ -= 1
                yield done

    def _staff(self, size: int) -> None:
        while len(self._hands) < size:
            how = self._how or method()
            if how == "fork":
                self._worker.make_ready()  # once, for all that are forked from here on
            self._hands.append(_Hand(self._worker, how))

    def _hand_out(self, waiting: deque[Task], plan: Plan | None) -> None:
        for hand in self._hands:
            if hand.ready and hand.task is None and waiting:
                hand.give(waiting.popleft(), plan)

    def _news(self) -> Iterator[tuple[_Hand, Done | None]]:
        """Who has answered, and who has died (None)."""
        by_handle: dict[Any, _Hand] = {}
        for hand in self._hands:
            by_handle[hand.pipe] = hand
            by_handle[hand.process.sentinel] = hand
        for hand in dict.fromkeys(by_handle[one] for one in wait(list(by_handle))):
            try:
                done = hand.pipe.recv() if hand.pipe.poll() else None
            except (EOFError, OSError):
                done = None
            if done is not None:
                yield hand, done
            elif not hand.process.is_alive():
                self._hands.remove(hand)
                hand.end()
                yield hand, None


class Alone:
    """The same in this process: where no other may be started, and to look inside."""

    def __init__(self, job: Job) -> None:
        """The worker is this process."""
        self._worker = Worker(job)

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody to end."""

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        """As `Crew.do`, one after another."""
        self._worker.plan = plan or self._worker.plan
        for stage, number in tasks:
            yield answer(self._worker, stage, number)
