"""`form`: a pack's form as one file, for places without a network."""

from pathlib import Path

import click

from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.commands.output import write_result
from cds.errors import UsageError


@click.group("form", cls=LazyGroup)
def command() -> None:
    """Hand out a pack's form (needs the extra `form`)."""


@command.command("export")
@click.argument("pack")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), required=True)
@click.option("--language", metavar="CODE", default="", help="The pack's own, if not given.")
@click.option(
    "--emergency-number",
    metavar="NUMBER",
    default="",
    help="Whom an alarm tells to call; else the local emergency number.",
)
@PACKS
def export_form(
    pack: str, output: Path, language: str, emergency_number: str, packs: tuple[Path, ...]
) -> int:
    """Write the form of PACK as one page that asks, alarms, decides and downloads by itself.

    It works from a file, without a server or a network. PACK is the id of a pack or of one of its
    forms.
    """
    from cds.knowledge.read.pack import pack_folders
    from cds.knowledge.read.tables import nearest

    try:
        from cds.web.form.export import exported
        from cds.web.form.language import all_words
        from cds.web.form.offered import offered
    except ModuleNotFoundError as error:
        hint = "pip install 'cramp-cds[form]'"
        raise UsageError("form", f"{error.name} is not installed.", hint) from error
    from cds.flows.assess import installed

    assessor = installed((), packs)
    forms = offered(assessor.engines, pack_folders(packs), all_words(), emergency_number)
    if pack not in forms:
        raise UsageError("pack", f"there is no pack or form {pack!r}.", nearest(pack, forms))
    spoken = forms[pack]
    wanted = language or next(iter(spoken.values())).base
    if wanted not in spoken:
        hint = f"It has: {', '.join(spoken)}."
        raise UsageError("--language", f"{pack} has no translation {wanted!r}.", hint)
    data = exported(spoken[wanted])
    write_result(str(output), data)
    click.echo(f"{output}: {len(data):,} bytes, {wanted}.", err=True)
    return Exit.OK
