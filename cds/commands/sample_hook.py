"""`sample hook`: the request body of a CDS Hooks call."""

import click

from cds.commands.assess import PACKS, instant_of
from cds.commands.sample import OUTPUT, SampleChoice, chooses_samples, write_samples
from cds.core.pack import Pack
from cds.flows.synthetic.hook_samples import SAMPLED_HOOKS, hook_request, moved
from cds.flows.synthetic.people import labelled
from cds.flows.synthetic.samples import Sample
from cds.wire import JsonObject

_NOW = click.option(
    "--now", metavar="INSTANT", help="Move the dates, as if it were called at that time."
)


@click.command("hook")
@click.option(
    "--hook", type=click.Choice(SAMPLED_HOOKS), default=SAMPLED_HOOKS[0], show_default=True
)
@chooses_samples
@_NOW
@OUTPUT
@PACKS
def command(choice: SampleChoice, hook: str, now: str | None, output: str) -> int:
    """Print the body of a call of HOOK, with the data of a scenario as its prefetch.

    Samples have a fixed date; with --now they are moved, so that they are of that time.
    """
    at = None if now is None else instant_of(now)

    def body(pack: Pack, sample: Sample) -> JsonObject:
        resources = [labelled(one) for one in (sample.patient, sample.response, *sample.record)]
        if at is not None:
            resources = [moved(resource, at - sample.now) for resource in resources]
        return hook_request(pack, hook, resources, patient=sample.patient["id"])

    return write_samples(choice, output, body)
