"""What `bulk run` shows while it works, and how it is stopped."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from cds.commands.progress import LateBar


class _Stopped(BaseException):
    """The run was told to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable(folder: Any, bar: LateBar) -> Iterator[None]:
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


def byte_bar() -> LateBar:
    """A bar of bytes read, for each step of the run."""
    return LateBar(
        lambda rich: (
            rich.TextColumn("{task.description}"),
            rich.BarColumn(),
            rich.DownloadColumn(),
            rich.TransferSpeedColumn(),
            rich.TimeRemainingColumn(),
        )
    )
