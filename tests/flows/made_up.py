"""The population of the shipped pack, for the tests of what is made up."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from cds.flows.synthetic.plan import PopulationPlan, plan_of
from cds.flows.synthetic.population import Member, Population
from cds.flows.synthetic.samples import scenarios_of
from cds.knowledge.read.pack import pack_folders
from tests.strategies import pack_of

Json = dict[str, Any]
PACK = pack_of("cramps")
FOLDER = pack_folders()["cramps"]
SCENARIOS = scenarios_of(FOLDER, PACK)
MIXES = ("everyday", "emergency", "messy")


def plan() -> PopulationPlan:
    found = plan_of(FOLDER, PACK, SCENARIOS)
    assert found is not None
    return found


def population(mix: str, seed: int = 7) -> Population:
    return Population(PACK, SCENARIOS, plan(), plan().mix(mix), seed)


@cache
def members(mix: str, count: int = 150) -> tuple[Member, ...]:
    return tuple(population(mix).members(count))


def everyone() -> Iterator[Member]:
    for mix in MIXES:
        yield from members(mix)


def codes(resource: Json) -> set[str]:
    coded = resource.get("code") or resource["medicationCodeableConcept"]
    return {coding["code"] for coding in coded["coding"]}


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from references(one)
