"""`sample population`: many made-up patients with their records."""

from pathlib import Path

import click

from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.output import STDOUT, whole_file
from cds.commands.sample import PACK, SEED
from cds.commands.scenarios import pack_with_scenarios


@click.command("population")
@click.option("--mix", default=None, metavar="NAME", help="Who comes: everyday, emergency, messy.")
@click.option(
    "-n",
    "count",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar="N",
    help="How many patients.",
)
@SEED
@click.option("--list", "listing", is_flag=True, help="List the mixes.")
@click.option(
    "--bundle",
    type=click.Choice(["collection", "transaction"]),
    default=None,
    help="One Bundle a patient, as NDJSON, instead of one file a type.",
)
@click.option(
    "--defects", is_flag=True, help="Put labelled faults into one patient of ten (defects.ndjson)."
)
@PACK
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="A new folder; with --bundle a file, - is standard output.",
)
@PACKS
def command(
    mix: str | None,
    count: int,
    seed: int,
    listing: bool,  # noqa: FBT001
    bundle: str | None,
    defects: bool,  # noqa: FBT001
    name: str | None,
    output: str | None,
    packs: tuple[Path, ...],
) -> int:
    """Make up patients with answers, conditions, medicines and laboratory results that fit.

    The same seed gives the same bytes. The shares are engineering, not epidemiology.
    """
    from cds.flows.synthetic.exported import bundles, write_bulk_data
    from cds.flows.synthetic.plan import POPULATION_FILE, plan_of
    from cds.flows.synthetic.population import Population
    from cds.knowledge.read.pack import pack_folders

    pack, scenarios = pack_with_scenarios(name, packs)
    plan = plan_of(pack_folders(packs).get(pack.id, Path(name or pack.id)), pack, scenarios)
    if plan is None:
        message = f"the pack {pack.id} has no {POPULATION_FILE}, which says who is in a population."
        raise click.BadParameter(message, param_hint="--pack")
    if listing:
        for one in plan.mixes.values():
            click.echo(f"{one.name:<10}  {one.title}")
        return Exit.OK
    chosen = plan.mix(mix or next(iter(plan.mixes), ""))
    population = Population(pack, scenarios, plan, chosen, seed)
    if bundle is not None:
        _refuse(defects, "--defects", "goes with a folder of NDJSON, not with --bundle.")
        with whole_file(output or STDOUT) as out:
            for line in bundles(population, count, pack.identity.base, bundle):
                out.write(line + b"\n")
        return Exit.OK
    _refuse(
        output in {None, STDOUT},
        "--output",
        "name a new folder for the files, or say --bundle collection for one stream.",
    )
    folder = Path(output or "")
    manifest = write_bulk_data(population, count, folder, defects=pack if defects else None)
    resources = sum(entry["count"] for entry in manifest["output"])
    click.echo(f"cramp-cds: {count:,} patients, {resources:,} resources in {folder}", err=True)
    return Exit.OK


def _refuse(wrong: bool, option: str, message: str) -> None:  # noqa: FBT001
    if wrong:
        raise click.BadParameter(message, param_hint=option)
