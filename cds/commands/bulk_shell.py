"""What `bulk run` shows while it works, and how it is stopped."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

_PATIENCE_S = 0.5


class _Stopped(BaseException):
    """The run was told to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable(folder: Any, bar: "ByteBar") -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run between two tasks: finished parts stay."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise _Stopped(number)

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped as stopped:
        bar.close()
        text = f"stopped; what is finished in {folder.path} is kept. The same command goes on."
        click.echo(f"cramp-cds: {text}", err=True)
        raise click.exceptions.Exit(128 + stopped.number) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class ByteBar:
    """A bar on stderr: only on a terminal, and only after half a second."""

    def __init__(self) -> None:
        import time

        self._clock = time.monotonic
        self._started = self._clock()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def show(self, what: str, done: int, total: int) -> None:
        """So much of this is done."""
        if not sys.stderr.isatty() or self._clock() - self._started < _PATIENCE_S:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
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
def byte_progress() -> Iterator[ByteBar]:
    """A bar that is gone when the work is."""
    bar = ByteBar()
    try:
        yield bar
    finally:
        bar.close()
