"""How far the work is: a bar on standard error, for a person who waits."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

_PATIENCE_S = 0.5


class LateBar:
    """A bar on stderr: only on a terminal, and only after half a second."""

    def __init__(self, columns: Callable[[Any], tuple[Any, ...]]) -> None:
        """`columns`: what it shows, made of `rich.progress` when it is first drawn."""
        self._columns = columns
        self._is_seen = sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def show(self, what: str, done: int, total: int | None = None) -> None:
        """So much of this is done."""
        if self._bar is None:
            if not self._is_seen or time.monotonic() - self._started < _PATIENCE_S:
                return
            from rich import progress
            from rich.console import Console

            columns = self._columns(progress)
            self._bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


@contextmanager
def response_counter(name: str) -> Iterator[Callable[[], None]]:
    """Counts responses: what it gives is called after each."""
    ticks = count(1)
    bar = LateBar(
        lambda rich: (
            rich.SpinnerColumn(),
            rich.TextColumn("{task.completed:,.0f} responses"),
            rich.TimeElapsedColumn(),
        )
    )
    with closing(bar):
        yield lambda: bar.show(name, next(ticks))
