"""`bulk IN... -o OUT`: assess files of any size, in parts, on every core."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from cds.commands.assess import CONFIG, PACKS, instant_of
from cds.commands.exits import Causes, Exit, report
from cds.errors import Unreadable, UsageError

if TYPE_CHECKING:
    from cds.flows.bulk.run import Ended

AS_AUTHORED = "authored"


@click.command("run")
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="The folder of the run: a new one, or that of a run to go on with.",
)
@click.option(
    "--jobs",
    type=click.IntRange(0, 256),
    default=None,
    metavar="N",
    help="How many workers; as many as there are cores if not said, 0: in this process.",
)
@click.option("--fhir", is_flag=True, help="Also write RiskAssessment and the rest as NDJSON.")
@click.option(
    "--table",
    type=click.Choice(["csv", "parquet"]),
    default=None,
    help="Also write one row a response (needs the extra `bulk`).",
)
@click.option(
    "--now",
    metavar="INSTANT",
    help="The time of the assessment, such as "
    "2026-11-20T15:00:00Z; `authored`: for each response its own.",
)
@CONFIG
@click.option(
    "--fail-on",
    type=click.Choice(["fault", "emergency", "never"]),
    default="fault",
    show_default=True,
    help="What ends with exit code 1.",
)
@PACKS
def command(
    inputs: tuple[str, ...],
    output: Path,
    jobs: int | None,
    fhir: bool,  # noqa: FBT001
    table: str | None,
    now: str | None,
    config: str | None,
    fail_on: str,
    packs: tuple[Path, ...],
) -> int:
    """Assess every QuestionnaireResponse in IN, each with the record that stands beside it.

    OUT then holds decisions.ndjson, responses.ndjson (one row a response), faults.ndjson,
    summary.json and manifest.json. The bytes are the same for any number of workers and restarts.
    """
    from cds.flows.bulk import manifest as manifests
    from cds.flows.bulk.decide import Options
    from cds.flows.bulk.files import Folder
    from cds.flows.bulk.inputs import find
    from cds.flows.bulk.run import Run, locked
    from cds.flows.bulk.table import available
    from cds.flows.bulk.tasks import Job
    from cds.flows.bulk.workers import Alone, Crew

    if table is not None:
        available()
    found = find(inputs)
    if not found.files:
        raise found.missing[0] if found.missing else _nothing(inputs)
    folder = Folder(output)
    earlier = manifests.kept(folder)
    given = None if now in {None, AS_AUTHORED} else instant_of(now)
    moment = manifests.now_of(earlier, given, datetime.now(UTC).replace(microsecond=0))
    options = Options(moment, as_authored=now == AS_AUTHORED, fhir=fhir)
    assessor = partial(_assessor, config, packs)
    packs_here = assessor().packs
    begun = manifests.wanted(packs_here, options, _site(config), table)
    hashes = tuple(one.hash for one in packs_here)
    job = Job(output, found.files, options, assessor, hashes, table)
    with (
        locked(folder),
        _progress() as bar,
        _stoppable(folder, bar),
        Alone(job) if jobs == 0 else Crew(job, jobs or _cores()) as hands,
    ):
        ended = Run(job, hands, begun, bar.show).go(earlier)
    for one in (*found.missing, *ended.unreadable):
        report(one)
    return _end(ended, found.missing, fail_on)


def _assessor(config: str | None, packs: tuple[Path, ...]) -> Any:
    from cds.commands.site import site_of

    return site_of(config, packs).assessor


def _nothing(inputs: tuple[str, ...]) -> Unreadable:
    return Unreadable(inputs[0], "holds no file to read.", "Name NDJSON or JSON files.")


def _site(config: str | None) -> str:
    """A hash of the site's file: another one would decide otherwise."""
    from hashlib import sha256

    try:
        return sha256(Path(config).read_bytes()).hexdigest() if config else ""
    except OSError:
        raise UsageError("--config", "cannot be opened.", "Check the name.") from None


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _end(ended: "Ended", missing: tuple[Unreadable, ...], fail_on: str) -> int:
    summary, causes = ended.summary, Causes()
    if missing or ended.unreadable or not summary["responses"]:
        causes.add(Exit.UNREADABLE)
    if summary["own-faults"]:
        causes.add(Exit.FAULT)
    if (fail_on == "fault" and (summary["faults"] or summary["invalid"])) or (
        fail_on == "emergency" and summary["emergencies"]
    ):
        causes.add(Exit.FINDINGS)
    for line in _told(summary):
        click.echo(f"cramp-cds: {line}", err=True)
    return causes.exit


def _told(summary: dict[str, Any]) -> Iterator[str]:
    """What a person wants to know at the end; nothing that reads like an all-clear."""
    yield f"{summary['decided']:,} of {summary['responses']:,} responses assessed"
    words = {
        "faults": "lines not used: see faults.ndjson",
        "invalid": "responses have faults that could hide an alarm",
        "left-out": "parts or responses left out after two tries",
        "without-record": "responses without a record",
        "patients-without-response": "patients without a response",
        "two-patients": "ids that two patients share",
        "of-no-patient": "resources of no patient",
    }
    for name, text in words.items():
        quiet = name == "without-record" and "record" not in summary
        if summary.get(name) and not quiet:
            yield f"{summary[name]:,} {text}"
    if not summary["responses"]:
        yield "no QuestionnaireResponse was found"


class _Stopped(BaseException):
    """The run was told to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _stoppable(folder: Any, bar: "_Bar") -> Iterator[None]:
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


class _Bar:
    """A bar on stderr: only on a terminal, and only after half a second."""

    def __init__(self) -> None:
        import time

        self._clock = time.monotonic
        self._started = self._clock()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def show(self, what: str, done: int, total: int) -> None:
        """So much of this is done."""
        if not sys.stderr.isatty() or self._clock() - self._started < PATIENCE_S:
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


PATIENCE_S = 0.5


@contextmanager
def _progress() -> Iterator[_Bar]:
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()
