"""Questionnaires, ValueSets and CodeSystems that stand beside a response, by canonical."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cds.wire import JsonObject, objects

_ALL_OF = "the value set of a CodeSystem"


class Support:
    """An index of resources by type and canonical url; Bundles are opened.

    A form is also found by its address in a Bundle (fullUrl) or on its server (Questionnaire/id).
    """

    def __init__(
        self, resources: Iterable[object] = (), *, behind: "Support | None" = None
    ) -> None:
        """Index `resources`: any JSON, of which only objects with resourceType and url count.

        What they do not have is looked for in `behind`.
        """
        self._by_url: dict[tuple[str, str], list[JsonObject]] = {}
        self.types_by_url: dict[str, str] = dict(behind.types_by_url) if behind else {}
        self._behind = behind
        # Room for what other modules work out from these resources, by canonical.
        self.tables: dict[Any, Any] = {}
        for resource in resources:
            self._add(resource)

    def _add(self, resource: object) -> None:
        if not isinstance(resource, dict):
            return
        if resource.get("resourceType") == "Bundle":
            for entry in objects(resource.get("entry")):
                self._add(entry.get("resource"))
                self._add_form(entry.get("resource"), entry.get("fullUrl"))
            return
        if isinstance(resource.get("id"), str):
            self._add_form(resource, f"Questionnaire/{resource['id']}")
        self._add_canonical(resource)

    def _add_canonical(self, resource: JsonObject) -> None:
        type_, url, version, all_of = (
            resource.get(name) for name in ("resourceType", "url", "version", "valueSet")
        )
        if not isinstance(type_, str) or not isinstance(url, str):
            return
        if type_ == "CodeSystem" and resource.get("content") == "supplement":
            return  # it tells more of the codes of another system, and defines none
        self._keep(type_, url, resource)
        self.types_by_url.setdefault(url, type_)
        if isinstance(version, str):
            self._keep(type_, f"{url}|{version}", resource)
        if type_ == "CodeSystem" and isinstance(all_of, str):
            self._keep(_ALL_OF, all_of.partition("|")[0], resource)

    def _keep(self, type_: str, canonical: str, resource: JsonObject) -> None:
        """Sorted by version, the newest first; of equal versions the first that came."""
        kept = self._by_url.setdefault((type_, canonical), [])
        kept.append(resource)
        if len(kept) > 1:
            kept.sort(key=lambda one: version_order(one.get("version")), reverse=True)

    def _add_form(self, resource: object, address: object) -> None:
        if (
            isinstance(resource, dict)
            and isinstance(address, str)
            and resource.get("resourceType") == "Questionnaire"
        ):
            self._keep("Questionnaire", address, resource)

    def system_of(self, url: str) -> JsonObject | None:
        """The CodeSystem that says this is the value set of all its codes."""
        return self.find(_ALL_OF, url)

    def validate_code(self, canonical: str, system: str | None, code: str) -> bool | None:
        """Whether a code is in a value set, for who can be asked; None: nobody can say."""
        if self._behind is None:
            return None
        return self._behind.validate_code(canonical, system, code)

    def find(self, type_: str, canonical: str) -> JsonObject | None:
        """The resource of this type with this canonical; without a version, the newest at hand."""
        found = self._by_url.get((type_, canonical.partition("#")[0]))
        if found is None and self._behind is not None:
            return self._behind.find(type_, canonical)
        return found[0] if found else None


def version_order(version: object) -> list[tuple[int, int, str]]:
    """A key by which versions sort: numbers as numbers, and a draft before its release.

    >>> sorted(["1.10", "1.9", "1.10-draft"], key=version_order)
    ['1.9', '1.10-draft', '1.10']
    """
    parts = re.findall(r"[0-9]+|[A-Za-z]+", version) if isinstance(version, str) else []
    key = [(2, int(part[:18]), "") if part.isdigit() else (0, 0, part) for part in parts]
    return [*key, (1, 0, "")] if parts else []


def contained(resource: Mapping[str, Any], reference: str, type_: str) -> JsonObject | None:
    """The contained resource that `#id` names, if it is of this type."""
    for entry in objects(resource.get("contained")):
        if f"#{entry.get('id')}" == reference and entry.get("resourceType") == type_:
            return entry
    return None
