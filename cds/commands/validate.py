"""`validate`: questionnaire responses against their Questionnaire."""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from cds import wire
from cds.commands import completions
from cds.commands.output import colour_option, keep_inputs, wants_colour, whole_file
from cds.commands.progress import response_counter

if TYPE_CHECKING:
    from cds.commands.validate_tally import IssueHearing
    from cds.flows.validate_forms import FormValidator
    from cds.flows.validate_inputs import Document
    from cds.forms.support import Support
    from cds.web.validate_settings import ValidateSettings

FORMATS = ("text", "json", "jsonl", "operation-outcome", "sarif", "junit")


@click.command("validate")
@click.argument("files", nargs=-1)
@click.option(
    "--questionnaire",
    "questionnaires",
    metavar="FILE",
    multiple=True,
    help="The form; any Questionnaire, not only ours. Of several, each response names its own.",
)
@click.option(
    "--support",
    metavar="FILE",
    multiple=True,
    help="ValueSet, CodeSystem, Questionnaire or Bundle; repeatable.",
)
@click.option(
    "--form-only",
    is_flag=True,
    help="FILES are Questionnaires: check each by itself, for its author.",
)
@click.option(
    "--fhir-version",
    type=click.Choice(["4.0", "4.3", "5.0", "auto"]),
    default="4.0",
    show_default=True,
    help="auto: 5.0 where an element of R5 is used.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    help="Lowest severity that causes exit code 1.  [default: error]",
)
@click.option(
    "--select",
    metavar="RULE",
    multiple=True,
    shell_complete=completions.issue_rules,
    help="Only these rules; repeatable.",
)
@click.option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    shell_complete=completions.issue_rules,
    help="Not these rules; repeatable.",
)
@click.option(
    "--min-severity",
    type=click.Choice(["information", "warning", "error"]),
    help="Leave out what is less severe.  [default: information]",
)
@click.option(
    "--package",
    "packages",
    metavar="FILE.tgz",
    multiple=True,
    help="FHIR package with value sets, code systems and forms; repeatable.",
)
@click.option(
    "--terminology",
    metavar="URL",
    help="FHIR terminology server to ask for value sets that are not at hand. Codes of answers"
    " and their systems are sent to it, nothing else.",
)
@click.option("--require-form", is_flag=True, help="Exit 1 where a response's form is not found.")
@click.option("--statistics", is_flag=True, help="Count the issues by rule, on standard error.")
@click.option("--quiet", is_flag=True, help="No summary line on standard error.")
@click.option("--config", metavar="FILE", help="Defaults from the table [validate] of this file.")
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
    "--stdin-filename", metavar="NAME", help="Name to show for standard input in messages."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Output file (- for standard output).",
)
@colour_option
@click.pass_context
def command(
    context: click.Context,
    files: tuple[str, ...],
    questionnaires: tuple[str, ...],
    support: tuple[str, ...],
    form_only: bool,  # noqa: FBT001 - click hands in options by name
    fhir_version: str,
    format_: str,
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str | None,
    packages: tuple[str, ...],
    terminology: str | None,
    require_form: bool,  # noqa: FBT001
    statistics: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    config: str | None,
    show_values: bool,  # noqa: FBT001
    max_bytes: int,
    stdin_filename: str | None,
    output: str,
    color: str,
) -> None:
    """Check responses against their Questionnaire: every issue, with its place and what to do.

    FILES are QuestionnaireResponses, Bundles, arrays or NDJSON, also .gz and .zip; folders, globs
    and - (stdin) are taken. Exit code 0: no error, 1: at least one, 3: something was not readable.
    """
    from cds.commands.inputs import named_files
    from cds.commands.validate_forms import (
        forms_of,
        installed_form,
        moved_items,
        support_files,
        support_resources,
    )
    from cds.commands.validate_report import REPORTS
    from cds.flows.validate import Validator

    names = named_files(files)
    judged = "form" if form_only else "response"
    rules = _rules(config, select, ignore, min_severity, fail_on, judged, require_form=require_form)
    if form_only and questionnaires:
        message = "With --form-only the forms are FILES; leave --questionnaire out."
        raise click.UsageError(message)
    beside_forms = support_files(support)
    keep_inputs(
        output, (*names, *chain(*beside_forms.values()), *questionnaires, *packages, config)
    )
    form, beside = forms_of(questionnaires)
    resources = [*support_resources(beside_forms), *beside]
    validator: Validator | FormValidator
    if form_only:
        from cds.flows import validate_forms

        validator = validate_forms.FormValidator(resources, fhir_version=fhir_version)
    else:
        validator = Validator(
            form,
            resources,
            fhir_version=fhir_version,
            installed=installed_form,
            moved=moved_items,
            behind=_behind(packages, terminology),
        )
    kind = "Questionnaire" if form_only else "QuestionnaireResponse"
    with whole_file(output) as out, response_counter("validate") as tick:
        colour = output == "-" and wants_colour(color)
        report = REPORTS[format_](out, show_values=show_values, colour=colour)
        report.begin()
        for result in validator.results(_documents(names, stdin_filename, max_bytes, kind)):
            report.add(rules.heard(result))
            tick()
        report.end()
    for line in rules.tally.statistics() if statistics else ():
        click.echo(line, err=True)
    if not quiet:
        click.echo(f"validate: {rules.tally}", err=True)
    context.exit(rules.causes.exit)


def _behind(packages: tuple[str, ...], terminology: str | None) -> "Support | None":
    """What is looked into for what was not given: packages, then a server."""
    server: Support | None = None
    if terminology is not None:
        from cds.flows.terminology import Terminology, cache_file

        server = Terminology(terminology, cache=cache_file())
    if not packages:
        return server
    from cds.flows.packages import Packages

    return Packages(packages, behind=server)


def _rules(
    config: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str | None,
    fail_on: str | None,
    judged: str,
    *,
    require_form: bool,
) -> "IssueHearing":
    """What is heard of and what fails: the options, else the table [validate], else the usual."""
    from cds.commands.validate_tally import IssueHearing
    from cds.flows.validate_choice import choice_of
    from cds.forms.checks.rules import RULES

    usual = _settings(config)
    return IssueHearing(
        choice_of(
            select or usual.select,
            ignore or usual.ignore,
            min_severity or usual.min_severity,
            RULES,
        ),
        judged,
        fail_on=fail_on or usual.fail_on,
        require_form=require_form or usual.require_form,
    )


def _settings(config: str | None) -> "ValidateSettings":
    from cds.web.validate_settings import ValidateSettings

    if config is None:
        return ValidateSettings()
    import os

    from cds.web.config import load  # what `serve` needs: only where a file is named

    return load(config, os.environ).validate


def _documents(
    names: Iterable[str], stdin_filename: str | None, max_bytes: int, kind: str
) -> "Iterator[Document]":
    from cds.flows.input_files import STDIN
    from cds.flows.validate_inputs import documents

    for name in names:
        where = (stdin_filename or "stdin") if name == STDIN else name
        stdin = sys.stdin.buffer
        yield from documents(
            name, stdin=stdin, where=where, max_bytes=max_bytes, resource_type=kind
        )
