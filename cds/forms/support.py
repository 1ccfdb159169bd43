"""The resources that stand beside a response.

Questionnaires, ValueSets and CodeSystems by canonical.
"""

from collections.abc import Iterable, Mapping
from typing import Any

JsonObject = dict[str, Any]


class Support:
    """An index of resources by type and canonical url.

    Bundles and contained resources are opened.
    """

    def __init__(self, resources: Iterable[object] = ()) -> None:
        """Index `resources`: any JSON, of which only objects with resourceType and url count."""
        self._by_url: dict[tuple[str, str], JsonObject] = {}
        self.types_by_url: dict[str, str] = {}
        for resource in resources:
            self._add(resource)

    def _add(self, resource: object) -> None:
        if not isinstance(resource, dict):
            return
        if resource.get("resourceType") == "Bundle":
            entries = resource.get("entry")
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict):
                    self._add(entry.get("resource"))
            return
        type_, url, version = (
            resource.get("resourceType"),
            resource.get("url"),
            resource.get("version"),
        )
        if isinstance(type_, str) and isinstance(url, str):
            self._by_url.setdefault((type_, url), resource)
            self.types_by_url.setdefault(url, type_)
            if isinstance(version, str):
                self._by_url.setdefault((type_, f"{url}|{version}"), resource)

    def find(self, type_: str, canonical: str) -> JsonObject | None:
        """The resource of this type with this canonical (`url` or `url|version`)."""
        return self._by_url.get((type_, canonical.partition("#")[0]))


def contained(resource: Mapping[str, Any], reference: str, type_: str) -> JsonObject | None:
    """The contained resource that `#id` names, if it is of this type."""
    entries = resource.get("contained")
    for entry in entries if isinstance(entries, list) else ():
        if (
            isinstance(entry, dict)
            and f"#{entry.get('id')}" == reference
            and entry.get("resourceType") == type_
        ):
            return entry
    return None
