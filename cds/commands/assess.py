"""`assess`: a questionnaire response in, the decision out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import click

from cds.commands.inputs import Input, named_files, read_inputs
from cds.commands.language import in_words
from cds.commands.layout import Style
from cds.commands.output import (
    colour_option,
    keep_inputs,
    text_width,
    visible,
    wants_colour,
    whole_file,
)
from cds.commands.own_record import assess_beside, brought_along
from cds.commands.progress import response_counter
from cds.commands.site import site_of
from cds.commands.told import Told
from cds.errors import CdsError, Unreadable, UsageError
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed

PACKS = click.option(
    "--packs",
    "packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    callback=lambda _context, _option, places: _with_packs(places),
    help="A folder with further packs.",
)
NOW_OPTION = click.option(
    "--now", metavar="INSTANT", help="The time of the assessment, such as 2026-11-20T15:00:00Z."
)
RECORD_OPTION = click.option(
    "--record",
    "records",
    type=click.Path(path_type=Path),
    multiple=True,
    help="What the EHR knows: a Bundle or NDJSON file; may be given more than once.",
)
SITE_CONFIG = click.option(
    "--config", metavar="FILE", help="Site options (the file that `serve` reads)."
)


@click.command("assess")
@click.argument("files", nargs=-1, metavar="[FILES]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "fhir"]),
    default="text",
    show_default=True,
)
@RECORD_OPTION
@NOW_OPTION
@click.option(
    "--subject",
    metavar="REF",
    help="The patient, such as Patient/123, if the response names none.",
)
@SITE_CONFIG
@click.option(
    "--fail-on",
    type=click.Choice(["emergency", "never"]),
    default="never",
    show_default=True,
    help="Exit 1 on an emergency level.",
)
@click.option(
    "--bundle",
    type=click.Choice(["collection", "transaction"]),
    default="collection",
    show_default=True,
)
@click.option(
    "--with-inputs",
    is_flag=True,
    help="Put the patient and the response into the FHIR Bundle as well.",
)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="Output file (- for standard output).",
)
@click.option(
    "--stdin-filename", metavar="NAME", help="Name to show for standard input in messages."
)
@click.option(
    "--against",
    metavar="VERSION",
    help="Compare with another version of the pack, or with its folder, on the same input.",
)
@click.option("--language", metavar="CODE", help="The language of the words, such as es.")
@click.option("--show-values", is_flag=True, help="Print answer values in text.")
@click.option("--statistics", is_flag=True, help="Count levels and rules, on standard error.")
@PACKS
@colour_option
def command(
    files: tuple[str, ...],
    form: str,
    records: tuple[Path, ...],
    now: str | None,
    subject: str | None,
    config: str | None,
    fail_on: str,
    bundle: str,
    with_inputs: bool,  # noqa: FBT001
    output: str,
    stdin_filename: str | None,
    against: str | None,
    language: str | None,
    show_values: bool,  # noqa: FBT001
    statistics: bool,  # noqa: FBT001
    packs: tuple[Path, ...],
    color: str,
) -> int:
    """Assess each QuestionnaireResponse in FILES (JSON, NDJSON, Bundles, folders, .gz, .zip, -).

    Prints the triage level with its reasons. An unreadable input among readable ones is reported in
    its place, and the exit code is 3 at the end.
    """
    names = named_files(files)
    keep_inputs(output, (*names, *records, config))
    site = site_of(config, packs)
    moment, subject = instant_of(now), _subject_of(subject)
    record = read_records(records)
    if against is not None and form == "fhir":
        raise click.BadParameter("a comparison is text or json.", param_hint="--format")
    other = against and _other(site.assessor, against, packs)
    if against is not None and language is not None:
        message = "a comparison is told in the pack's own words."
        raise click.BadParameter(message, param_hint="--language")
    style = Style(wants_colour(color) and output == "-", show_values, text_width(output))
    told = Told(form, style, fail_on, in_words(site, language, packs))
    inputs = read_inputs(
        names, resource_type="QuestionnaireResponse", stdin_filename=stdin_filename
    )
    with whole_file(output) as out, response_counter("assess") as tick:
        for heading, one in headed(inputs):
            try:
                if one.fault is not None:
                    raise one.fault
                how = {"now": moment, "subject": subject, "bundle": bundle, "where": one.where}
                assessed = assess_beside(site.assessor, one, record, **how)
                along = brought_along(assessed, one, record) if with_inputs else []
                beside = other and assess_beside(other(assessed), one, record, **how)
                data = told.decision(assessed, one, heading, along, beside or None)
            except UsageError:
                raise  # what was asked for is wrong, not this input
            except CdsError as error:
                data = told.refusal(error, one)
            out.write(data)
            out.flush()
            tick()
    for line in told.totals(always=statistics):
        click.echo(line, err=True)
    return told.causes.exit


def _other(
    assessor: Assessor, version: str, packs: tuple[Path, ...]
) -> Callable[[Assessed], Assessor]:
    # Loaded only where versions are compared.
    from cds.commands.versions import other_version

    return other_version(assessor, version, packs)


def _with_packs(places: tuple[Path, ...]) -> tuple[Path, ...]:
    """Warn of a folder that holds no pack: what it was named for will not be used."""
    if places:
        from cds.knowledge.read.no_pack import without_pack

        for problem in filter(None, map(without_pack, places)):
            click.echo(f"cramp-cds: warning: --packs: {visible(problem)}", err=True)
    return places


def headed(inputs: Iterator[Input]) -> Iterator[tuple[list[str], Input]]:
    """Each input with the lines that say which one it is, where there are several."""
    first, second = next(inputs, None), next(inputs, None)
    for number, one in enumerate(chain([first, second], inputs)):
        if one is not None:
            heading = [""] if number else []
            yield ([*heading, f"== {visible(one.where)}"] if second else []), one


def read_records(paths: tuple[Path, ...]) -> list[dict[str, Any]] | None:
    """The resources of the records named on the command line; None where there are none."""
    if not paths:
        return None
    from cds.record.read import read_record

    resources: list[dict[str, Any]] = []
    for path in paths:
        try:
            with path.open("rb") as file:
                resources.extend(read_record(file, where=str(path)))
        except OSError as error:
            raise Unreadable(
                str(path), f"cannot be read: {error.strerror}.", "Check the name."
            ) from error
    return resources


def instant_of(text: str | None) -> datetime:
    """The time given, or the clock's.

    Raises:
        click.BadParameter: it is not an instant with a time zone.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = "give a date and time with a time zone, such as 2026-11-20T15:00:00Z."
    raise click.BadParameter(message, param_hint="--now")


def _subject_of(reference: str | None) -> str | None:
    """The reference of --subject, if it can be that of a patient or of a group.

    Raises:
        click.BadParameter: it cannot.
    """
    from cds.fhir.references import SUBJECTS, legal_reference

    if reference is None or legal_reference({"reference": reference}, SUBJECTS):
        return reference
    message = "give a reference to a Patient or a Group, such as Patient/123."
    raise click.BadParameter(message, param_hint="--subject")
