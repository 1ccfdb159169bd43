"""Make `forms/terms/hl7-codes.json`: the code systems and value sets of HL7 itself, codes alone.

Of a value set whose codes others keep (LOINC, ISO 3166), the names of their systems.

From the same packages as the tables; run by `make definitions`.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cds.forms.elements.expansion import Terms
from cds.forms.elements.generate import VERSIONS, definitions_in
from cds.wire import JsonObject

_SYSTEMS = ("http://hl7.org/fhir/", "http://terminology.hl7.org/CodeSystem/")
_SETS = ("http://hl7.org/fhir/ValueSet/", "http://terminology.hl7.org/ValueSet/")
MAX_CODES = 1500
_NOTE = (
    "HL7 FHIR 4.0.1, 4.3.0, 5.0.0 and HL7 Terminology 5.1.0 (CC0 1.0), taken from"
    " ca.uhn.hapi.fhir:hapi-fhir-validation-resources-{r4,r4b,r5}:8.8.1 (Apache-2.0)"
    " by cds/forms/elements/generate_codes.py"
)


def main() -> None:
    """Read the packages in a folder (the argument); write the codes, one line a system or set."""
    folder = Path(sys.argv[1])
    releases = [
        list(definitions_in(next(folder.glob(f"*resources-{name}-*.jar")))) for name in VERSIONS
    ]
    systems = _systems(one for release in releases for one in release)
    sets = _sets(releases, systems)
    lines = [f'{{"source": {json.dumps(_NOTE)},', '"systems": {']
    lines.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in systems.items()))
    lines.append('},\n"sets": {')
    lines.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sets.items()))
    lines.append('},\n"open": {')
    named = _named(releases, sets)
    lines.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in named.items()))
    out = Path(__file__).parents[1] / "terms" / "hl7-codes.json"
    out.write_text("\n".join([*lines, "}}\n"]), encoding="utf-8")


def _systems(resources: Iterable[JsonObject]) -> dict[str, str]:
    """Every code of a complete system, of whichever version, with a space between."""
    found: dict[str, dict[str, None]] = {}
    partial = set()
    for resource in resources:
        url = resource.get("url", "")
        if resource["resourceType"] != "CodeSystem" or not url.startswith(_SYSTEMS):
            continue
        if resource.get("content") != "complete":
            partial.add(url)
        found.setdefault(url, {}).update(dict.fromkeys(_codes(resource.get("concept", ()))))
    return {
        url: " ".join(codes)
        for url, codes in sorted(found.items())
        if url not in partial and 0 < len(codes) <= MAX_CODES and not any(" " in c for c in codes)
    }


def _codes(concepts: Iterable[JsonObject]) -> Iterable[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))


def _sets(releases: list[list[JsonObject]], systems: dict[str, str]) -> dict[str, Any]:
    """The codes of each value set in whichever version of FHIR; `*` is a whole system."""
    found: dict[str, JsonObject] = {}
    for release in releases:
        terms = Terms(release)
        for one in release:
            url = one.get("url", "")
            codes = terms.expand(url) if one["resourceType"] == "ValueSet" else None
            if codes is not None and url.startswith(_SETS):
                every = found.setdefault(url, {})
                for system, listed in codes.items():
                    every[system] = list(dict.fromkeys([*every.get(system, ()), *listed]))
    return {
        url: {name: _short(name, codes, systems) for name, codes in listed.items()}
        for url, listed in sorted(found.items())
        if all(name in systems for name in listed)
    }


def _named(releases: list[list[JsonObject]], sets: dict[str, Any]) -> dict[str, str]:
    """The systems of each value set of FHIR itself whose codes others keep, such as LOINC."""
    found: dict[str, list[str]] = {}
    unknown = set(sets)
    for release in releases:
        for one in release:
            url = one.get("url", "")
            if one["resourceType"] != "ValueSet" or not url.startswith(_SETS[0]):
                continue
            parts = (one.get("compose") or {}).get("include") or [{}]
            systems = [part.get("system") for part in parts if "valueSet" not in part]
            if len(systems) < len(parts) or None in systems:
                unknown.add(url)
            else:
                known = found.setdefault(url, [])
                known.extend(name for name in systems if name not in known)
    return {url: " ".join(names) for url, names in sorted(found.items()) if url not in unknown}


def _short(name: str, codes: list[str], systems: dict[str, str]) -> str:
    return "*" if set(codes) == set(systems[name].split()) else " ".join(codes)


if __name__ == "__main__":
    main()
