"""What every published resource carries: address, version, date, who, purpose and limits."""

from cds.core.pack import Pack
from cds.flows.packs.about import date_of
from cds.wire import JsonObject

PUBLISHER = "cramp-cds"
LICENCE = "Apache-2.0"


def head(pack: Pack, kind: str, identifier: str, title: str, description: str) -> JsonObject:
    """The first elements of a canonical resource, in FHIR's order."""
    made = {
        "resourceType": kind,
        "id": identifier,
        "url": canonical_of(pack, kind, identifier),
        "version": pack.version,
        "name": _name_of(identifier),
        "title": title,
        "status": "active",
        "experimental": True,
        "date": date_of(pack),
        "publisher": PUBLISHER,
        "description": description,
    }
    return {key: value for key, value in made.items() if value}  # a pack may give no date


def canonical_of(pack: Pack, kind: str, identifier: str) -> str:
    """The address of a resource of this pack."""
    return f"{pack.identity.base}/{kind}/{identifier}"


def versioned(pack: Pack, kind: str, identifier: str) -> str:
    """The address with the version behind it."""
    return f"{canonical_of(pack, kind, identifier)}|{pack.version}"


def _name_of(identifier: str) -> str:
    """A computer-friendly name: `cramps-red-flags` → `CrampsRedFlags`."""
    return "".join(part[:1].upper() + part[1:] for part in identifier.replace(".", "-").split("-"))


def purpose(pack: Pack) -> str:
    """Why the knowledge exists, in the pack's own words."""
    return str(pack.about.get("intended-use") or pack.wording.intended_use)


def limits(pack: Pack) -> str:
    """How far the knowledge may be relied on."""
    about = pack.about
    parts = [pack.wording.intended_use, *about.get("known-limits", ())]
    if "validation" in about:
        parts.append(f"Validation: {about['validation']}")
    return " ".join(parts)
