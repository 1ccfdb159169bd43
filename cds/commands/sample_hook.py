"""`sample hook`: the request body of a CDS Hooks call."""

from pathlib import Path

import click

from cds import wire
from cds.commands.assess import PACKS, instant_of
from cds.commands.output import whole_file
from cds.commands.sample import COUNT, LIST, OUTPUT, PACK, SCENARIO, SEED
from cds.commands.scenarios import list_scenarios, pack_with_scenarios
from cds.flows.synthetic.hook_samples import SAMPLED_HOOKS, hook_request, moved
from cds.flows.synthetic.people import labelled
from cds.flows.synthetic.samples import samples

_NOW = click.option(
    "--now", metavar="INSTANT", help="Move the dates, as if it were called at that time."
)


@click.command("hook")
@click.option(
    "--hook", type=click.Choice(SAMPLED_HOOKS), default=SAMPLED_HOOKS[0], show_default=True
)
@SCENARIO
@COUNT
@SEED
@LIST
@PACK
@_NOW
@OUTPUT
@PACKS
def command(
    hook: str,
    scenario: str | None,
    count: int | None,
    seed: int,
    listing: bool,  # noqa: FBT001 - click hands in options by name
    name: str | None,
    now: str | None,
    output: str,
    packs: tuple[Path, ...],
) -> None:
    """Print the body of a call of HOOK, with the data of a scenario as its prefetch.

    Samples have a fixed date; with --now they are moved, so that they are of that time.
    """
    at = None if now is None else instant_of(now)
    pack, scenarios = pack_with_scenarios(name, packs)
    if listing:
        list_scenarios(scenarios)
        return
    number = count or (1 if scenario else sum(one.valid for one in scenarios.values()))
    with whole_file(output) as out:
        for sample in samples(scenarios, pack, scenario, number, seed):
            resources = [labelled(one) for one in (sample.patient, sample.response, *sample.record)]
            if at is not None:
                resources = [moved(resource, at - sample.now) for resource in resources]
            body = hook_request(pack, hook, resources, patient=sample.patient["id"])
            out.write(wire.write(body) + b"\n")
