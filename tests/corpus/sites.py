"""Places in a pair of form and response where something can be changed, and what a change is."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"
ROOT = "QuestionnaireResponse"


@dataclass(frozen=True)
class Change:
    """A changed pair. `rule` is what it breaks, at `place` or below; None if it stays valid."""

    name: str
    form: Json
    response: Json
    rule: str | None
    place: str = ROOT


@dataclass(frozen=True)
class Site:
    """One response item in a copy of a pair: its node, its list, its definition, its place."""

    form: Json
    response: Json
    node: Json
    siblings: list[Json]
    item: Json
    place: str

    def change(self, name: str, rule: str | None, place: str = "") -> Change:
        """The pair as it is now."""
        return Change(name, self.form, self.response, rule, place or self.place)


Mutation = Callable[[Site], Iterator[Change]]


def definitions(items: list[Json]) -> dict[str, Json]:
    """Every item of a form by its linkId."""
    found: dict[str, Json] = {}
    for item in items:
        found[item["linkId"]] = item
        found |= definitions(item.get("item", []))
    return found


def places(items: list[Json], above: str = ROOT) -> Iterator[tuple[Json, list[Json], str]]:
    """Every response item with the list that holds it and its FHIRPath."""
    for index, node in enumerate(items):
        here = f"{above}.item[{index}]"
        yield node, items, here
        yield from places(node.get("item", []), here)
        for at, answer in enumerate(node.get("answer", [])):
            yield from places(answer.get("item", []), f"{here}.answer[{at}]")


def sites(form: Json, response: Json) -> Iterator[Site]:
    """Each response item in a fresh copy of the pair, so that it may be changed."""
    for number in range(len(list(places(response.get("item", []))))):
        one, other = copy.deepcopy(form), copy.deepcopy(response)
        node, siblings, place = list(places(other["item"]))[number]
        yield Site(one, other, node, siblings, definitions(one["item"])[node["linkId"]], place)


def value_of(answer: Json) -> tuple[str, Any]:
    """The name and the value of an answer's value[x]."""
    return next((key, value) for key, value in answer.items() if key.startswith("value"))


def extend(item: Json, url: str, **value: Any) -> None:
    """Add an extension to an item of the form."""
    item.setdefault("extension", []).append({"url": url, **value})
