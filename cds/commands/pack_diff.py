"""`pack diff`: what two versions of a pack decide differently."""

from pathlib import Path

import click

from cds import wire
from cds.commands.assess import PACKS
from cds.commands.exits import Exit


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.option("--no-solver", is_flag=True, help="Compare the written parts and golden cases only.")
@PACKS
def command(old: str, new: str, format_: str, no_solver: bool, packs: tuple[Path, ...]) -> int:  # noqa: FBT001 - click hands in options by name
    """Compare OLD with NEW (ids or folders): each changed decision with its smallest witness.

    Exit code 0: the version number moved far enough, 1: it did not.
    """
    from cds.flows.packs.pack_diff import compare_packs, comparison_json, comparison_text
    from cds.knowledge.read.pack import folder_of

    compared = compare_packs(folder_of(old, packs), folder_of(new, packs), solver=not no_solver)
    if format_ == "json":
        click.echo(wire.write(comparison_json(compared), indent=True).decode())
    else:
        click.echo("\n".join(comparison_text(compared)))
    return Exit.FINDINGS if compared.difference.fault else Exit.OK
