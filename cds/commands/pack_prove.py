"""`pack prove`: the laws of a pack, proven over every possible set of answers and facts."""

from pathlib import Path

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit


@click.command("prove")
@click.argument("pack", shell_complete=completions.packs)
@PACKS
@click.option("--law", "laws", metavar="abcdegh", default="abcdegh", help="Only these laws.")
@click.option(
    "--differential",
    is_flag=True,
    help="Also compare compiled rules, tree, published FHIRPath and the page's script.",
)
@click.option("--worlds", type=click.IntRange(min=1), default=100_000, show_default=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    pack: str,
    packs: tuple[Path, ...],
    laws: str,
    differential: bool,  # noqa: FBT001 - click hands in options by name
    worlds: int,
    format_: str,
) -> None:
    """Prove that PACK keeps its laws, or show the smallest set of answers that breaks one.

    PACK is the id of an installed pack or a folder. Needs the extra `prove` (z3-solver).
    Exit code 0: all proven, 1: a law does not hold, 2: the solver is not installed.
    """
    from cds.knowledge.proofs.claims import LAWS
    from cds.knowledge.proofs.prove import prove
    from cds.knowledge.proofs.report import report_json, report_text
    from cds.knowledge.read.pack import folder_of, load_pack
    from cds.knowledge.read.red_flags import red_flags

    if not set(laws) <= set(LAWS):
        raise click.BadParameter(f"the laws are {', '.join(LAWS)}.", param_hint="--law")
    folder = folder_of(pack, packs)
    found = load_pack(folder)
    proofs = prove(found, laws, red_flags(found, folder))
    failed = bool(proofs.failures)
    if format_ == "json":
        click.echo(wire.write(report_json(proofs), indent=True).decode())
    else:
        for line in report_text(proofs):
            click.echo(line)
    if differential:
        from cds.flows.packs.differential import differential as compare
        from cds.web.form.differential import pages_and_ours

        for result in (*compare(found, worlds=worlds), *pages_and_ours(found)):
            click.echo(str(result), err=format_ == "json")
            failed = failed or not result.agrees
    context.exit(Exit.FINDINGS if failed else Exit.OK)
