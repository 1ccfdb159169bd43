"""`sample`: synthetic, seeded data for developers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.commands.output import keep_inputs, whole_file
from cds.commands.scenarios import list_scenarios, pack_with_scenarios
from cds.commands.site import site_of
from cds.flows.synthetic.people import labelled
from cds.flows.synthetic.samples import Sample, sample_bundle, samples

SCENARIO = click.option(
    "--scenario",
    metavar="NAME",
    shell_complete=completions.scenarios,
    help="One scenario; without it all valid ones in turn.",
)
COUNT = click.option(
    "-n",
    "count",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="How many; NDJSON if more than one.",
)
SEED = click.option("--seed", type=int, default=0, show_default=True)
LIST = click.option("--list", "listing", is_flag=True, help="List the scenarios.")
PACK = click.option(
    "--pack",
    "name",
    default=None,
    metavar="ID",
    shell_complete=completions.packs,
    help="The pack; the first installed one with scenarios if not given.",
)
OUTPUT = click.option("-o", "--output", default="-", metavar="FILE")

MORE = {
    "hook": ("cds.commands.sample_hook:command", "The request body of a CDS Hooks call."),
    "population": (
        "cds.commands.sample_population:command",
        "Many patients with their records, as Bulk Data files or Bundles.",
    ),
}


@click.group("sample", cls=LazyGroup, table=MORE)
def command() -> None:
    """Make synthetic, valid data: no real person is in it."""


@command.command("response")
@SCENARIO
@COUNT
@SEED
@LIST
@PACK
@click.option(
    "--from-record",
    "record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Half-fill the form from a record (Bundle or NDJSON).",
)
@OUTPUT
@PACKS
def sample_response(
    scenario: str | None,
    count: int | None,
    seed: int,
    listing: bool,  # noqa: FBT001
    name: str | None,
    record: Path | None,
    output: str,
    packs: tuple[Path, ...],
) -> int:
    """A QuestionnaireResponse, with subject and authored."""
    if record is not None:
        from cds.commands.prefilled import prefilled

        keep_inputs(output, (record,))
        return _write([prefilled(record, name, packs)], output)
    return _samples(scenario, count, seed, listing, name, output, packs, bundles=False)


@command.command("bundle")
@SCENARIO
@COUNT
@SEED
@LIST
@PACK
@OUTPUT
@PACKS
def bundle(
    scenario: str | None,
    count: int | None,
    seed: int,
    listing: bool,  # noqa: FBT001
    name: str | None,
    output: str,
    packs: tuple[Path, ...],
) -> int:
    """A Bundle: patient, response, record, and what the engine makes of them."""
    return _samples(scenario, count, seed, listing, name, output, packs, bundles=True)


def _samples(
    scenario: str | None,
    count: int | None,
    seed: int,
    listing: bool,  # noqa: FBT001
    name: str | None,
    output: str,
    packs: tuple[Path, ...],
    *,
    bundles: bool,
) -> int:
    pack, scenarios = pack_with_scenarios(name, packs)
    if listing:
        list_scenarios(scenarios)
        return Exit.OK
    number = count or (1 if scenario else sum(one.valid for one in scenarios.values()))
    made = samples(scenarios, pack, scenario, number, seed)
    return _write(_resources(made, packs, bundles=bundles), output)


def _resources(
    made: Iterator[Sample], packs: tuple[Path, ...], *, bundles: bool
) -> Iterator[dict[str, Any]]:
    for sample in made:
        yield (
            sample_bundle(sample, site_of(None, packs).assessor)
            if bundles
            else labelled(sample.response)
        )


def _write(resources: Iterator[dict[str, Any]] | list[dict[str, Any]], output: str) -> int:
    with whole_file(output) as out:
        for resource in resources:
            out.write(wire.write(resource) + b"\n")
    return Exit.OK
