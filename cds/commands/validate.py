"""`validate`: questionnaire responses against their Questionnaire."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import click

from cds import wire
from cds.commands.exits import Causes, Exit
from cds.commands.output import colour_option, wants_colour, whole_file
from cds.errors import Unreadable

if TYPE_CHECKING:
    from cds.flows.validate_inputs import Document

FORMATS = ("text", "json", "operation-outcome", "sarif", "junit")
PATIENCE_S = 0.5
MAX_SUPPORT_BYTES = 64 * 1024 * 1024


@click.command("validate")
@click.argument("files", nargs=-1)
@click.option("--questionnaire", metavar="FILE", help="The form; any Questionnaire, not only ours.")
@click.option(
    "--support",
    metavar="FILE",
    multiple=True,
    help="ValueSet, CodeSystem, Questionnaire or Bundle; repeatable.",
)
@click.option("--fhir-version", type=click.Choice(["4.0", "5.0"]), default="4.0", show_default=True)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="Lowest severity that causes exit code 1.",
)
@click.option(
    "--show-values", is_flag=True, help="Print answers beside the issues. They may be a patient's."
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=1),
    default=wire.MAX_BYTES,
    show_default=True,
    help="Refuse resources larger than this without reading them.",
)
@click.option(
    "--stdin-filename", metavar="NAME", help="What to call standard input in the messages."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Where the result goes; default standard output.",
)
@colour_option
@click.pass_context
def command(
    context: click.Context,
    files: tuple[str, ...],
    questionnaire: str | None,
    support: tuple[str, ...],
    fhir_version: str,
    format_: str,
    fail_on: str,
    show_values: bool,  # noqa: FBT001 - click hands in options by name
    max_bytes: int,
    stdin_filename: str | None,
    output: str,
    color: str,
) -> None:
    """Check responses against their Questionnaire: every issue, with its place and what to do.

    FILES are QuestionnaireResponses, Bundles or NDJSON, also .gz; globs and - (stdin) are taken.
    Exit code 0: no error, 1: at least one, 3: something could not be read.
    """
    from cds.commands.validate_report import REPORTS, Tally
    from cds.flows.validate import Validator

    if not files and sys.stdin.isatty():
        message = "Name a file, or pipe one in."
        raise click.UsageError(message)
    form, beside = _form(questionnaire)
    resources = [*_resources(support), *beside]
    validator = Validator(form, resources, fhir_version=fhir_version, installed=_installed)
    causes, tally = Causes(), Tally()
    severities = {"error", "fatal"} | ({"warning"} if fail_on == "warning" else set())
    with whole_file(output) as out, _progress() as tick:
        colour = output == "-" and wants_colour(color)
        report = REPORTS[format_](out, show_values=show_values, colour=colour)
        report.begin()
        for result in validator.results(_documents(files, stdin_filename, max_bytes)):
            report.add(result)
            tally.add(result)
            if result.fault is not None:
                causes.add(Exit.UNREADABLE)
            elif any(issue.severity in severities for issue in result.issues):
                causes.add(Exit.FINDINGS)
            tick()
        report.end()
    click.echo(f"validate: {tally}", err=True)
    context.exit(causes.exit)


def _documents(
    files: Iterable[str], stdin_filename: str | None, max_bytes: int
) -> "Iterator[Document]":
    from cds.flows.input_files import STDIN, expand
    from cds.flows.validate_inputs import documents

    for name in expand(files or (STDIN,)):
        where = (stdin_filename or "stdin") if name == STDIN else name
        yield from documents(name, stdin=sys.stdin.buffer, where=where, max_bytes=max_bytes)


def _form(name: str | None) -> tuple[dict[str, Any] | None, list[Any]]:
    """The form of all responses, and what came with it.

    A Bundle with one form is that form with its value sets; of several each response names its own.
    """
    if name is None:
        return None, []
    value = _read(name)
    type_ = value.get("resourceType") if isinstance(value, dict) else None
    if type_ == "Questionnaire":
        return value, []
    if type_ == "Bundle":
        entries = value.get("entry")
        listed = entries if isinstance(entries, list) else []
        inside = (one.get("resource") for one in listed if isinstance(one, dict))
        forms = [one for one in inside if _is_form(one)]
        if forms:
            return (forms[0] if len(forms) == 1 else None), [value]
        raise Unreadable(name, "is a Bundle without a Questionnaire.", "Give the form.")
    if type_ == "QuestionnaireResponse":
        hint = "Swap the two: --questionnaire takes the form, FILES are the responses."
        raise Unreadable(name, "is a QuestionnaireResponse, not a Questionnaire.", hint)
    raise Unreadable(name, "is not a Questionnaire.", "Give the form with --questionnaire.")


def _is_form(resource: object) -> bool:
    return isinstance(resource, dict) and resource.get("resourceType") == "Questionnaire"


def _resources(names: Iterable[str]) -> list[Any]:
    from cds.flows.input_files import expand

    return [_read(name) for name in expand(names)]


def _read(name: str) -> Any:
    from cds.commands.inputs import read_bytes
    from cds.flows.validate_inputs import read_json

    data = read_bytes(name, max_bytes=MAX_SUPPORT_BYTES)
    return read_json(data, name, MAX_SUPPORT_BYTES)


@lru_cache(maxsize=1)
def _installed() -> dict[str, dict[str, Any]]:
    """The forms of the installed packs; a pack with faults has none to give."""
    from cds.errors import PackError
    from cds.knowledge.read.pack import load_pack, pack_folders

    forms: dict[str, dict[str, Any]] = {}
    for folder in pack_folders().values():
        try:
            pack = load_pack(folder)
        except PackError:
            continue
        forms |= {form.url: dict(form.raw) for form in pack.forms}
    return forms


@contextmanager
def _progress() -> Iterator[Callable[[], None]]:
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
        elif time.monotonic() - started > PATIENCE_S:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (
                SpinnerColumn(),
                TextColumn("{task.completed:,.0f} responses"),
                TimeElapsedColumn(),
            )
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            shown.extend((progress, progress.add_task("validate", total=None)))
            progress.start()

    try:
        yield tick
    finally:
        if shown:
            shown[0].stop()
