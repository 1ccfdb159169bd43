"""Every resource of what was handed in: resources, Bundle entries, Bundles, in any mixture."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds import wire
from cds.record.reading import as_list, as_object, text_at
from cds.wire import JsonObject

Located = tuple[JsonObject, str | None]


def resources_of(items: Iterable[JsonObject]) -> Iterator[Located]:
    """Each resource with the fullUrl of its entry, if any; what is no resource is passed over."""
    for item in items:
        kind = item.get("resourceType")
        if isinstance(kind, str) and kind != "Bundle":  # most of a long record, quickly
            yield item, None
        else:
            yield from _resources(item, None)


def _resources(item: object, full_url: str | None) -> Iterator[Located]:
    if not isinstance(item, dict):
        return
    kind = item.get("resourceType")
    if kind == "Bundle":
        for entry in as_list(item.get("entry")):
            yield from _resources(entry, None)
    elif isinstance(kind, str):
        yield item, full_url
    elif "resource" in item and as_object(item.get("search")).get("mode") != "outcome":
        yield from _resources(item["resource"], text_at(item, "fullUrl"))


def name_of(resource: Mapping[str, Any], full_url: str | None) -> str:
    """The reference by which the output names it: Type/id, else its fullUrl.

    A resource with neither gets a UUID made of its content, so that it can be named at all.
    """
    identifier = text_at(resource, "id")
    if identifier is not None:
        return f"{resource['resourceType']}/{identifier}"
    if full_url is not None:
        return full_url
    try:
        content = wire.write(resource, sort_keys=True).decode()
    except TypeError:  # not from the wire: a NaN, say, which JSON cannot hold
        content = repr(resource)
    return f"urn:uuid:{uuid5(NAMESPACE_URL, content)}"
