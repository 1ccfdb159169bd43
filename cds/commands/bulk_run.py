"""`bulk IN... -o OUT`: assess files of any size, in parts, on every core."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds.commands.assess import PACKS, SITE_CONFIG, instant_of
from cds.commands.bulk_shell import byte_bar, stoppable
from cds.commands.exits import Causes, Exit, report
from cds.errors import Unreadable, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cds.flows.bulk.run import Ended, Hands
    from cds.flows.bulk.tasks import Job

AS_AUTHORED = "authored"


@click.command("run")
@click.argument("inputs", nargs=-1, metavar="[IN]...")
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
    help="How many workers (the number of cores if not given); 0: in this process.",
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
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Who hands out the parts; spark needs the extra `spark`, and storage that all share.",
)
@click.option("--master", metavar="URL", help="The Spark master, if spark-submit does not say it.")
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What `bulk pack-deps` made, for executors without this software.",
)
@click.option(
    "--from",
    "server",
    metavar="URL",
    help="Take a Bulk Data export from this FHIR server (its base, or a $export) into OUT/export.",
)
@click.option("--client", metavar="ID", help="The client id at that server.")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The private key of the client (PEM or JWK): SMART backend services.",
)
@SITE_CONFIG
@click.option(
    "--fail-on",
    type=click.Choice(["fault", "emergency", "never"]),
    default="fault",
    show_default=True,
    help="What causes exit code 1.",
)
@PACKS
def command(
    inputs: tuple[str, ...],
    output: Path,
    jobs: int | None,
    fhir: bool,  # noqa: FBT001
    table: str | None,
    now: str | None,
    engine: str,
    master: str | None,
    archive: Path | None,
    server: str | None,
    client: str | None,
    key: Path | None,
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
    from cds.flows.bulk.files import Folder, run_locked
    from cds.flows.bulk.inputs import find
    from cds.flows.bulk.run import Run
    from cds.flows.bulk.table import require_duckdb
    from cds.flows.bulk.tasks import Job

    _require_used("--engine spark", engine == "spark", {"--master": master, "--archive": archive})
    _require_used("--from", server is not None, {"--client": client, "--key": key})
    if table is not None:
        require_duckdb()
    if server is not None:
        inputs = (*inputs, str(_taken(server, output, client, key)))
    elif not inputs:
        message = "name what to read, or a server with --from."
        raise click.UsageError(message)
    folder = Folder(output)
    earlier = manifests.kept(folder)
    found = find(inputs, output)
    if not found.files:
        raise found.missing[0] if found.missing else _nothing(inputs)
    given = None if now in {None, AS_AUTHORED} else instant_of(now)
    moment = manifests.now_of(earlier, given, datetime.now(UTC).replace(microsecond=0))
    options = Options(moment, as_authored=now == AS_AUTHORED, fhir=fhir)
    assessor = partial(
        _assessor,
        str(Path(config).resolve()) if config else None,
        tuple(pack.resolve() for pack in packs),
    )
    packs_here = assessor().packs
    begun = manifests.wanted(packs_here, options, _site(config), table)
    hashes = tuple(one.hash for one in packs_here)
    files = tuple(file.resolve() for file in found.files)
    names = tuple(str(file) for file in found.files)
    job = Job(
        output.resolve(),
        files,
        names,
        options,
        assessor,
        hashes,
        table,
        found.missing,
        found.counts,
    )
    with (
        run_locked(folder),
        closing(byte_bar()) as bar,
        stoppable(folder, bar),
        _hands(job, jobs, engine, master, archive) as hands,
    ):
        ended = Run(job, hands, begun, bar.show).go(earlier)
    for one in (*found.told, *ended.unreadable):
        report(one)
    return _end(ended, found.told, fail_on, output)


def _require_used(with_: str, given: bool, options: dict[str, object]) -> None:  # noqa: FBT001
    for name, value in options.items():
        if value is not None and not given:
            raise UsageError(
                name, f"does nothing without {with_}.", f"Give {with_}, or leave it out."
            )


def _taken(server: str, output: Path, client: str | None, key: Path | None) -> Path:
    """The export of a server, in the folder of the run."""
    from cds.bulk.access import Access, read_key
    from cds.bulk.exporting import Export
    from cds.flows.bulk import manifest as manifests
    from cds.flows.bulk.files import EXPORT, Folder

    if (key is None) != (client is None):
        raise UsageError("--key and --client", "belong together.", "Give both, or neither.")
    manifests.kept(Folder(output))
    known = None if key is None else read_key(key)
    export = Export(
        server,
        output / EXPORT,
        lambda http, base: Access(http, base, client, known),
        told=lambda text: click.echo(f"cramp-cds: {text}", err=True),
    )
    return export.take()


def _hands(
    job: "Job", jobs: int | None, engine: str, master: str | None, archive: Path | None
) -> "AbstractContextManager[Hands]":
    if engine == "spark":
        from cds.bulk.cluster import Executors, require_spark, session

        require_spark()
        return Executors(job, session(master, archive))
    from cds.flows.bulk.workers import Alone, Crew

    return Alone(job) if jobs == 0 else Crew(job, jobs or _cores())


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


def _end(ended: "Ended", told: tuple[Unreadable, ...], fail_on: str, output: Path) -> int:
    summary, causes = ended.summary, Causes()
    if told or ended.unreadable or not summary["responses"]:
        causes.add(Exit.UNREADABLE)
    if summary["own-faults"]:
        causes.add(Exit.FAULT)
    if (fail_on == "fault" and (summary["faults"] or summary["invalid"])) or (
        fail_on == "emergency" and summary["emergencies"]
    ):
        causes.add(Exit.FINDINGS)
    for line in _told(summary, output):
        click.echo(f"cramp-cds: {line}", err=True)
    return causes.exit


def _told(summary: dict[str, Any], output: Path) -> Iterator[str]:
    """What a person wants to know at the end; nothing that reads like an all-clear."""
    responses = "response" if summary["responses"] == 1 else "responses"
    yield f"{summary['decided']:,} of {summary['responses']:,} {responses} assessed"
    words = {
        "faults": ("line", f"not used: see {output / 'faults.ndjson'}"),
        "invalid": ("response", "with faults that could hide an alarm"),
        "left-out": ("part or response", "left out after two tries"),
        "without-record": ("response", "without a record"),
        "patients-without-response": ("patient", "without a response"),
        "two-patients": ("id", "that two patients share"),
        "of-no-patient": ("resource", "of no patient"),
    }
    for name, (one, text) in words.items():
        quiet = name == "without-record" and "record" not in summary
        count = summary.get(name)
        if count and not quiet:
            several = one if count == 1 else f"{one.replace(' or ', 's or ')}s"
            yield f"{count:,} {several} {text}"
    if not summary["responses"]:
        yield "no QuestionnaireResponse was found"
