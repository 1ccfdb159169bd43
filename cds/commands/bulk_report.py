"""`bulk report OUT`: the decisions of a run counted, as a page, JSON or CSV."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.output import STDOUT, keep_inputs, whole_file

if TYPE_CHECKING:
    from cds.flows.bulk.report.counts import Counts

OF_THE_RUN = (
    *("manifest.json", "summary.json"),
    *("decisions.ndjson", "responses.ndjson", "faults.ndjson"),
)
_NAMES = {"html": "report.html", "json": "report.json", "csv": "report.csv"}


@click.command("report")
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="OUT")
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="OUT2",
    help="Another run on the same responses: show what changed since.",
)
@click.option(
    "--format", "form", type=click.Choice(list(_NAMES)), default="html", show_default=True
)
@click.option(
    "--small",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Hide counts under this one; 1 shows all.",
)
@click.option(
    "-o", "--output", metavar="FILE", help="Where it goes (OUT/report.html); - is standard output."
)
@PACKS
def command(
    out: Path,
    against: Path | None,
    form: str,
    small: int,
    output: str | None,
    packs: tuple[Path, ...],
) -> int:
    """Count what came of a run, without naming anybody.

    Levels, rules by firing, what is open, causes, faults, by month, site and age band. Small counts
    are hidden, and those that would give them away. The page needs no network.
    """
    from cds.flows.bulk.report.counts import count_run
    from cds.flows.bulk.report.document import report_of
    from cds.flows.bulk.table import require_duckdb

    require_duckdb("bulk report")
    counts = count_run(out)
    document = report_of(counts, _known(packs), small)
    if against is not None:
        document["changes"] = _changes(against, out, counts, small, packs)
    target = output or str(out / _NAMES[form])
    keep_inputs(target, (out / name for name in OF_THE_RUN))
    with whole_file(target) as file:
        file.write(_written(document, form))
    if target != STDOUT:
        click.echo(f"cramp-cds: {target}", err=True)
    return Exit.OK


def _changes(
    against: Path, out: Path, counts: "Counts", small: int, packs: tuple[Path, ...]
) -> dict[str, Any]:
    from cds.flows.bulk.report.changes import run_changes
    from cds.flows.bulk.report.counts import count_run
    from cds.flows.bulk.report.witnesses import witnesses
    from cds.knowledge.read.pack import pack_folders

    before = count_run(against)
    found = run_changes(against, out, before, counts, small)
    said = witnesses(before.manifest, counts.manifest, pack_folders(packs).values())
    return {**found, "witnesses": said}


def _known(packs: tuple[Path, ...]) -> list[Any]:
    from cds.knowledge.read.pack import find_pack, pack_folders

    return [find_pack(name, packs) for name in sorted(pack_folders(packs))]


def _written(document: dict[str, Any], form: str) -> bytes:
    from cds import wire

    if form == "json":
        return wire.write(document, indent=True) + b"\n"
    if form == "html":
        from cds.flows.bulk.report.page import report_page

        return report_page(document).encode() + b"\n"
    import csv
    import io

    from cds.flows.bulk.report.document import csv_of

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(csv_of(document))
    return text.getvalue().encode()
