"""`pack`: make, check, prove, show, compare and publish the knowledge."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.knowledge.read.pack import find_pack, folder_of, pack_folders

if TYPE_CHECKING:
    from cds.flows.packs.check import Checked

_SUMMARIES = {
    "case": "Print the skeleton of a golden case for a rule.",
    "watch": "Check again on every save, and draw the page anew.",
    "prove": "Prove the safety laws for every possible set of answers (needs the extra prove).",
    "diff": "Compare two versions: each changed decision with a witness.",
    "review": "Print what still wants a clinician's word, as questions.",
    "trace": "Trace source fact → item → rule → case → emitted element.",
    "publish": "Write the FHIR package, or the page for a clinical reviewer.",
}
_FOLDER = Path(__file__).parent


@click.group(
    "pack",
    cls=LazyGroup,
    table={
        name: (f"cds.commands.pack_{name}:command", summary)
        for name, summary in _SUMMARIES.items()
        if (_FOLDER / f"pack_{name}.py").is_file()
    },
)
def command() -> None:
    """Make, check, prove, show, compare and publish knowledge packs.

    PACK is the id of an installed pack, or a folder.
    """


@command.command("show")
@click.argument("pack", shell_complete=completions.packs)
@PACKS
def show_(pack: str, packs: tuple[Path, ...]) -> int:
    """Print PACK as a clinician reads it: rules in sentences, with their sources."""
    from cds.commands.layout import wrapped
    from cds.commands.output import text_width
    from cds.knowledge.shown.show import show_lines

    click.echo("\n".join(wrapped(show_lines(find_pack(pack, packs)), text_width())))
    return Exit.OK


@command.command("check")
@click.argument("pack", shell_complete=completions.packs)
@click.option(
    "--seeds",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the source documents lie: their lines are compared with sources.toml.",
)
@PACKS
def check_command(pack: str, seeds: Path | None, packs: tuple[Path, ...]) -> int:
    """Check PACK: every fault of its data, the laws, and all golden cases.

    Prints also how hard its texts are to read.
    """
    from cds.flows.packs.check import check_pack

    checked = check_pack(folder_of(pack, packs), seeds)
    tell(pack, checked)
    for line in checked.legible.lines if checked.legible is not None else ():
        click.echo(f"{pack}: {line}", err=True)
    return Exit.FINDINGS if checked.faults else Exit.OK


def tell(name: str, checked: "Checked") -> None:
    """Print every fault, and on standard error how many there are."""
    for fault in checked.faults:
        click.echo(str(fault))
    count = len(checked.faults)
    summary = f"{count} fault{'s' if count != 1 else ''}" if count else "no fault"
    click.echo(f"{name}: {summary}, {checked.cases} golden cases run.", err=True)


@command.command("new")
@click.argument("identifier", metavar="ID")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(identifier: str, folder: Path) -> int:
    """Write a small pack ID into DIR/ID that loads, passes its checks, and waits to be edited."""
    from cds.flows.packs.scaffold import scaffold

    made = scaffold(identifier, folder)
    if identifier in pack_folders():
        problem = f"a pack {identifier} is installed; with --packs this one takes its place."
        click.echo(f"cramp-cds: warning: {problem}", err=True)
    for path in made:
        click.echo(str(path))
    click.echo(f"Next: edit, then `cramp-cds pack check {folder / identifier}`.", err=True)
    return Exit.OK
