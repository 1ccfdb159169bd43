"""`sample`: synthetic, seeded data for developers."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import NamedTuple

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.commands.output import keep_inputs, whole_file
from cds.commands.scenarios import list_scenarios, pack_with_scenarios
from cds.commands.site import site_of
from cds.core.pack import Pack
from cds.flows.synthetic.people import labelled
from cds.flows.synthetic.samples import Sample, sample_bundle, samples
from cds.wire import JsonObject

SCENARIO = click.option(
    "--scenario",
    metavar="NAME",
    shell_complete=completions.scenarios,
    help="One scenario; without it all valid ones in turn.",
)
COUNT = click.option(
    "-n",
    "number",
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


class SampleChoice(NamedTuple):
    """Which samples are asked for, as the options say."""

    scenario: str | None
    number: int | None
    seed: int
    listing: bool
    name: str | None
    packs: tuple[Path, ...]


def chooses_samples(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that choose samples; with `--packs` the command receives them as `choice`."""

    @wraps(command)
    def called(**options: object) -> int:
        choice = SampleChoice(**{name: options.pop(name) for name in SampleChoice._fields})  # type: ignore[arg-type] # click checks
        return command(choice=choice, **options)

    for option in (PACK, LIST, SEED, COUNT, SCENARIO):
        called = option(called)
    return called


@click.group("sample", cls=LazyGroup, table=MORE)
def command() -> None:
    """Make synthetic, valid data: no real person is in it."""


@command.command("response")
@chooses_samples
@click.option(
    "--from-record",
    "record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Half-fill the form from a record (Bundle or NDJSON).",
)
@OUTPUT
@PACKS
def sample_response(choice: SampleChoice, record: Path | None, output: str) -> int:
    """A QuestionnaireResponse, with subject and authored."""
    if record is not None:
        from cds.commands.prefilled import prefilled

        keep_inputs(output, (record,))
        return _write([prefilled(record, choice.name, choice.packs)], output)
    return write_samples(choice, output, lambda _, sample: labelled(sample.response))


@command.command("bundle")
@chooses_samples
@OUTPUT
@PACKS
def bundle(choice: SampleChoice, output: str) -> int:
    """A Bundle: patient, response, record, and what the engine makes of them."""
    return write_samples(
        choice,
        output,
        lambda _, sample: sample_bundle(sample, site_of(None, choice.packs).assessor),
    )


def write_samples(
    choice: SampleChoice, output: str, made_of: Callable[[Pack, Sample], JsonObject]
) -> int:
    """Write what is made of each sample, one a line; or list the scenarios, if that is asked."""
    pack, scenarios = pack_with_scenarios(choice.name, choice.packs)
    if choice.listing:
        list_scenarios(scenarios)
        return Exit.OK
    usual = 1 if choice.scenario else sum(one.valid for one in scenarios.values())
    made = samples(scenarios, pack, choice.scenario, choice.number or usual, choice.seed)
    return _write((made_of(pack, sample) for sample in made), output)


def _write(resources: Iterable[JsonObject], output: str) -> int:
    with whole_file(output) as out:
        for resource in resources:
            out.write(wire.write(resource) + b"\n")
    return Exit.OK
