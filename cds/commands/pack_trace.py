"""`pack trace`: from each source fact to the element that is sent out."""

from pathlib import Path

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.output import write_result


@click.command("trace")
@click.argument("pack", shell_complete=completions.packs)
@click.option(
    "--format", "format_", type=click.Choice(["markdown", "csv", "json"]), default="markdown"
)
@click.option("-o", "--output", metavar="FILE", default="-", help="Default: standard output.")
@PACKS
def command(pack: str, format_: str, output: str, packs: tuple[Path, ...]) -> int:
    """Print the matrix of PACK: source fact, item, rule, proof and case, emitted element.

    Exit code 0: nothing hangs in the air, 1: a source that nothing uses, or knowledge that no
    source carries.
    """
    from cds.flows.packs.trace import as_csv, as_json, trace, trace_markdown
    from cds.knowledge.read.pack import find_pack, folder_of

    found = trace(find_pack(pack, packs), folder_of(pack, packs))
    if format_ == "json":
        data = wire.write(as_json(found), indent=True) + b"\n"
    elif format_ == "csv":
        data = as_csv(found).encode()
    else:
        data = ("\n".join(trace_markdown(found)) + "\n").encode()
    write_result(output, data)
    for orphan in found.orphans:
        click.echo(f"orphan: {orphan}", err=True)
    click.echo(f"{found.pack.id}: {len(found.rows)} rows, {len(found.orphans)} orphans", err=True)
    return Exit.FINDINGS if found.orphans else Exit.OK
