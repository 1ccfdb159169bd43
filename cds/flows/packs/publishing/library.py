"""Library, ValueSets and the extension of the source attributes: the knowledge as data."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cds import wire
from cds.core.pack import Pack
from cds.flows.packs.about import source_attributes
from cds.flows.packs.publishing.common import canonical_of, head, limits, purpose
from cds.knowledge.read.signed import contents_of
from cds.wire import JsonObject

ATTRIBUTE = "source-attribute"


def library(pack: Pack, folder: Path) -> JsonObject:
    """The files that decide, their sources, and the source attributes."""
    made = head(
        pack,
        "Library",
        pack.id,
        f"{pack.title}: the knowledge",
        "The rules, levels, sources and limits as the engine runs them. The patient texts that they"
        " rest on are under copyright and not included: each line is named by its checksum.",
    )
    made["extension"] = [_attribute(pack, one) for one in source_attributes(pack)["attributes"]]
    made["type"] = {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/library-type",
                "code": "logic-library",
                "display": "Logic Library",
            }
        ]
    }
    made["purpose"] = purpose(pack)
    made["usage"] = limits(pack)
    made["relatedArtifact"] = list(_artifacts(pack))
    made["content"] = [
        _attachment("application/toml" if name.endswith(".toml") else "application/fhir+json", data)
        | {"title": name}
        for name, data in contents_of(folder)
        if data is not None
    ]
    made["content"].append(
        _attachment("application/json", wire.write(source_attributes(pack)))
        | {"title": "source-attributes.json"}
    )
    first = ("resourceType", "id", "extension")
    ordered = {key: made[key] for key in first if made.get(key)}
    return ordered | {key: value for key, value in made.items() if key not in first and value}


def _attribute(pack: Pack, one: Mapping[str, str]) -> JsonObject:
    return {
        "extension": [
            {"url": "name", "valueString": one["name"]},
            {"url": "value", "valueString": one["value"]},
        ],
        "url": canonical_of(pack, "StructureDefinition", ATTRIBUTE),
    }


def _artifacts(pack: Pack) -> Iterable[JsonObject]:
    for document in pack.sources.documents:
        yield {
            "type": "citation",
            "label": document.id,
            "citation": f"{document.title}. {document.publisher}, reviewed {document.reviewed}."
            f" SHA-256 {document.sha256}",
        }
    for citation in pack.sources.citations.values():
        artifact = {"type": "citation", "label": citation.id, "citation": citation.text}
        if citation.url:
            artifact["url"] = citation.url
        yield artifact
    for form in pack.forms:
        yield {"type": "depends-on", "label": form.id, "resource": f"{form.url}|{form.version}"}


def _attachment(kind: str, data: bytes) -> JsonObject:
    return {"contentType": kind, "data": base64.b64encode(data).decode("ascii")}


def value_sets(pack: Pack, code_systems: Iterable[Mapping[str, Any]]) -> list[JsonObject]:
    """One ValueSet per code system: all of it."""
    made = []
    for system in code_systems:
        one = head(
            pack,
            "ValueSet",
            system["id"],
            str(system.get("title", system["id"])),
            f"All codes of {system['url']}.",
        )
        one["compose"] = {"include": [{"system": system["url"]}]}
        made.append(one)
    return made


def attribute_definition(pack: Pack) -> JsonObject:
    """The extension that carries one source attribute on a Library: a name and a value."""
    made = head(
        pack,
        "StructureDefinition",
        ATTRIBUTE,
        "Source attribute",
        "One source attribute of a decision support intervention: its name and what is said of it.",
    )
    url = made["url"]
    made |= {
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Library"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension", "short": "Source attribute"},
                *_part("name", "What it is about"),
                *_part("value", "What is said of it"),
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
                {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
            ]
        },
    }
    return made


def _part(name: str, short: str) -> list[JsonObject]:
    start = f"Extension.extension:{name}"
    return [
        {
            "id": start,
            "path": "Extension.extension",
            "sliceName": name,
            "short": short,
            "min": 1,
            "max": "1",
        },
        {"id": f"{start}.url", "path": "Extension.extension.url", "fixedUri": name},
        {
            "id": f"{start}.value[x]",
            "path": "Extension.extension.value[x]",
            "min": 1,
            "type": [{"code": "string"}],
        },
    ]
