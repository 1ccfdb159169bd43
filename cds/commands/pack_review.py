"""`pack review`: what still wants a clinician's word."""

from pathlib import Path

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit


@click.command("review")
@click.argument("pack", shell_complete=completions.packs)
@PACKS
def command(pack: str, packs: tuple[Path, ...]) -> int:
    """Print, as Markdown, every conclusion of PACK that its sources do not settle."""
    from cds.knowledge.read.pack import find_pack
    from cds.knowledge.shown.review import review

    click.echo("\n".join(review(find_pack(pack, packs))))
    return Exit.OK
