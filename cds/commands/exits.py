"""What a command ends with: one exit code for several causes, and errors as a person reads them.

0 ok · 1 findings · 2 usage · 3 input that cannot be read · 4 our own fault. Never a count.
"""

import os
from enum import IntEnum

import click

from cds.commands.output import visible
from cds.errors import CdsError, ConfigError, PackError, UsageError


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    FAULT = 4


class Causes:
    """The causes met on the way; the highest decides at the end."""

    def __init__(self) -> None:
        self.exit = Exit.OK

    def add(self, cause: Exit) -> None:
        """Meet one more cause."""
        self.exit = max(self.exit, cause)


def exit_of(error: CdsError) -> Exit:
    """The exit code that an error stands for when nothing else is known of it."""
    return Exit.USAGE if isinstance(error, UsageError) else Exit.UNREADABLE


def report(error: CdsError) -> None:
    """Say on stderr where, what and what to do; of several faults each."""
    if isinstance(error, ConfigError):
        for fault in error.faults:
            click.echo(f"cramp-cds: {_text(fault)}", err=True)
        return
    click.echo(f"cramp-cds: {_text(error)}", err=True)


def report_fault(error: BaseException) -> None:
    """Say that the fault is ours; its own text may quote a patient's answer and is not shown."""
    import traceback  # not for the usual run
    from pathlib import Path

    if os.environ.get("CRAMP_CDS_DEBUG"):
        traceback.print_exception(error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    click.echo(
        f"cramp-cds: internal error ({type(error).__name__}{place}). The run did not finish;"
        " do not read this as an all-clear.\n"
        "  CRAMP_CDS_DEBUG=1 shows the whole trace; it may hold answers.",
        err=True,
    )


def _text(error: CdsError) -> str:
    if isinstance(error, PackError):
        return "\n".join(visible(line) for line in str(error).splitlines())
    place, _, _ = str(error).partition(f": {error.problem}")
    hint = f"\n  {visible(error.hint)}" if error.hint else ""
    return f"{visible(place)}: {visible(error.problem)}{hint}"
