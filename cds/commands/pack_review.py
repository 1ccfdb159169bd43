"""`pack review`: what still wants a clinician's word, and the pack that it is about."""

from pathlib import Path

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit


@click.command("review")
@click.argument("pack", shell_complete=completions.packs)
@click.option("--only-questions", is_flag=True, help="Without the pack's own page below.")
@PACKS
def command(pack: str, only_questions: bool, packs: tuple[Path, ...]) -> int:  # noqa: FBT001 - click hands in options by name
    """Print, as Markdown, what the sources of PACK do not settle, and below it the pack's page.

    Each question has two readings and a person; the levels beside them are worked out by the rules.
    """
    from cds.flows.packs.questions import read_questions
    from cds.flows.packs.review import review
    from cds.knowledge.read.pack import folder_of, load_pack

    folder = folder_of(pack, packs)
    found = load_pack(folder)
    lines = list(review(found, read_questions(found, folder)))
    if not only_questions:
        from cds.knowledge.shown.show import show_lines

        lines += ["", "## The pack", "", "```", *show_lines(found), "```"]
    click.echo("\n".join(lines))
    return Exit.OK
