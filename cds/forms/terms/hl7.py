"""The code systems and value sets of HL7 itself, which every FHIR reader is expected to know.

One table for all versions of FHIR, read when the first of these urls is met.
"""

import json
from functools import lru_cache
from pathlib import Path

from cds.wire import JsonObject

FHIR, THO = "http://hl7.org/fhir/", "http://terminology.hl7.org/"
_VERSIONS = frozenset(("", "4.0.1", "4.3.0", "5.0.0"))


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, str]]:
    read = json.loads(Path(__file__).with_name("hl7-codes.json").read_bytes())
    return read["systems"], read["sets"], read["open"]


def is_of_hl7(url: str) -> bool:
    """Whether HL7 itself keeps what has this url."""
    return url.startswith((FHIR, THO))


def code_system_codes(system: str) -> frozenset[str] | None:
    """The codes of a complete code system of HL7, of any version; None if it is not known.

    >>> "female" in code_system_codes("http://hl7.org/fhir/administrative-gender")
    True
    """
    known = is_of_hl7(system) and system in _tables()[0]
    return _codes(system) if known else None


@lru_cache(maxsize=256)  # of those that there are; what a patient's answer names is not kept
def _codes(system: str) -> frozenset[str]:
    return frozenset(_tables()[0][system].split())


def unknown_code(system: str, code: str, *, version: bool) -> tuple[str, str | None] | None:
    """What is said of a code that a system of HL7 does not have, and the severity where it differs.

    None where it has the code, as far as can be told: with a `version` of its own it may be any.
    """
    known = code_system_codes(system) if is_of_hl7(system) else None
    if known is None or code in known or version:
        return None
    text = "the code system does not have this code"
    # FHIR's own systems are fixed with it; HL7 Terminology may have gone on since.
    if system.startswith(FHIR):
        return text, None
    return f"{text}, as far as is known here", "warning"


def code_system(canonical: str) -> JsonObject | None:
    """A code system of HL7 as a resource; its hierarchy is not known, so no filter is settled."""
    url, _, version = canonical.partition("|")
    codes = code_system_codes(url) if version in _VERSIONS else None
    if codes is None:
        return None
    concepts = [{"code": code} for code in sorted(codes)]
    return {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": concepts}


def value_set(canonical: str) -> JsonObject | None:
    """A value set of HL7 as a resource, with its codes of whichever version of FHIR."""
    url, _, version = canonical.partition("|")
    if not is_of_hl7(url) or version not in _VERSIONS:
        return None
    listed = _tables()[1].get(url)
    if listed is None:
        return None
    include = []
    for system, codes in listed.items():
        known = code_system_codes(system) or () if codes == "*" else codes.split()
        include.append({"system": system, "concept": [{"code": code} for code in sorted(known)]})
    return {"resourceType": "ValueSet", "url": url, "compose": {"include": include}}


def value_set_systems(canonical: str) -> list[str]:
    """The code systems that a value set of FHIR takes codes of, where their codes are not known.

    >>> value_set_systems("http://hl7.org/fhir/ValueSet/jurisdiction")[0]
    'urn:iso:std:iso:3166'
    """
    url, _, version = canonical.partition("|")
    if not url.startswith(FHIR) or version not in _VERSIONS:
        return []
    return _tables()[2].get(url, "").split()
