"""`pack case`: the skeleton of a golden case for a rule."""

from pathlib import Path

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.flows.packs.case_skeleton import skeleton
from cds.knowledge.read.pack import find_pack


@click.command("case")
@click.argument("pack", shell_complete=completions.packs)
@click.argument("rule", shell_complete=completions.rules)
@PACKS
def command(pack: str, rule: str, packs: tuple[Path, ...]) -> None:
    """Print a golden case that fires RULE of PACK, to be edited and put into cases/.

    Its answers are the first that fit. Give it a name, and work out from the sources what it must
    conclude: a case that is copied from the program's answer proves nothing.
    """
    click.echo(skeleton(find_pack(pack, packs), rule), nl=False)
