"""The hash of exactly what was used of a record: another record makes another decision."""

import hashlib
from collections.abc import Iterable

from cds.core.model import Facts
from cds.record.versions import Named
from cds.record.walk import content_of, resource_name, resources_of
from cds.wire import JsonObject


def record_fingerprint(resources: Iterable[JsonObject], facts: Facts) -> str | None:
    """SHA-256 over the used resources, in an order of their own; None if nothing was used.

    The patients' dates of birth count as well: they decide which limits apply.
    """
    every = resources_of(resources)
    return hash_of_used(((*one, resource_name(*one)) for one in every), facts)


def hash_of_used(entries: Iterable[Named], facts: Facts) -> str | None:
    """The same of resources that have their names already."""
    if not facts.used:
        return None
    used = frozenset(facts.used)
    parts: set[str] = set()
    for resource, _, name in entries:
        if resource["resourceType"] == "Patient":
            parts.add(f"birthDate {resource.get('birthDate')}")
        if name in used:
            parts.add(hashlib.sha256(content_of(resource).encode()).hexdigest())
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
