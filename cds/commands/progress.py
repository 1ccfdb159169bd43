"""How far a batch is: a counter on standard error, for a person who waits."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_PATIENCE_S = 0.5


@contextmanager
def progress(name: str) -> Iterator[Callable[[], None]]:
    """A counter on stderr: only on a terminal, and only after half a second."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    started = time.monotonic()
    shown: list[Any] = []
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if shown:
            shown[0].update(shown[1], completed=count)
        elif time.monotonic() - started > _PATIENCE_S:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (
                SpinnerColumn(),
                TextColumn("{task.completed:,.0f} responses"),
                TimeElapsedColumn(),
            )
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            shown.extend((progress, progress.add_task(name, total=None)))
            progress.start()

    try:
        yield tick
    finally:
        if shown:
            shown[0].stop()


@contextmanager
def bar(unit: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, told how far the work is: only on a terminal, only after half a second."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    started = time.monotonic()
    shown: list[Any] = []

    def reached(count: int) -> None:
        if shown:
            shown[0].update(shown[1], completed=count)
        elif time.monotonic() - started > _PATIENCE_S:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            text = TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit)
            columns = (BarColumn(), text, TimeRemainingColumn())
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            shown.extend((progress, progress.add_task(unit, total=total, completed=count)))
            progress.start()

    try:
        yield reached
    finally:
        if shown:
            shown[0].stop()
