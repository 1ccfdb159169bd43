"""The hash of exactly what was used of a record: another record makes another decision."""

import hashlib
from collections.abc import Iterable, Iterator

from cds.core.model import Facts
from cds.record.versions import as_they_came
from cds.record.walk import content_of, resource_name, resources_of
from cds.wire import JsonObject


def record_fingerprint(resources: Iterable[JsonObject], facts: Facts) -> str | None:
    """SHA-256 over the used resources, in an order of their own; None if nothing was used.

    The patients' dates of birth count as well: they decide which limits apply.
    """
    if not facts.used:
        return None
    used = frozenset(facts.used)
    parts: set[str] = set()
    for resource, name in _named(resources):
        if resource["resourceType"] == "Patient":
            parts.add(f"birthDate {resource.get('birthDate')}")
        if name in used:
            parts.add(hashlib.sha256(content_of(resource).encode()).hexdigest())
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def _named(resources: Iterable[JsonObject]) -> Iterator[tuple[JsonObject, str]]:
    plain = as_they_came(resources)
    if plain is not None:
        return ((resource, name) for resource, _, name in plain.entries)
    return ((one, resource_name(one, full_url)) for one, full_url in resources_of(resources))
