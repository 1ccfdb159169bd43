"""`bulk pack-deps`: what executors of a Spark cluster need, as one file."""

from pathlib import Path

import click

from cds.commands.assess import PACKS
from cds.commands.exits import Exit


@click.command("pack-deps")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The archive (.tar.gz).",
)
@PACKS
def command(output: Path, packs: tuple[Path, ...]) -> int:
    """Pack this software, its packs and its libraries for `bulk --engine spark --archive FILE`.

    The machines of the cluster must have the same Python and the same kind of processor.
    """
    from cds.bulk.dependencies import write_archive

    part = output.with_name(f".{output.name}.part")
    count = write_archive(part, packs)
    part.replace(output)
    size = output.stat().st_size / 1e6
    click.echo(f"cramp-cds: {count:,} files, {size:.1f} MB in {output}", err=True)
    return Exit.OK
