"""The knowledge as FHIR resources that anyone may read, by type and id or by canonical."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from cds import wire
from cds.core.pack import Pack
from cds.errors import RequestError
from cds.wire import JsonObject

TYPES = (
    "Questionnaire",
    "PlanDefinition",
    "ActivityDefinition",
    "Library",
    "ValueSet",
    "CodeSystem",
    "StructureDefinition",
)
_IGNORED = frozenset(("_format", "_pretty", "_summary", "_count"))


@dataclass(frozen=True, slots=True)
class Published:
    """Every resource, written once: it is the same for every reader."""

    by_id: Mapping[tuple[str, str], bytes]
    by_url: Mapping[str, tuple[JsonObject, ...]]
    public_url: str

    def read(self, kind: str, identifier: str) -> bytes:
        """One resource.

        Raises:
            RequestError: 404.
        """
        found = self.by_id.get((kind, identifier))
        if found is None:
            raise RequestError(404, "resource", "There is no such resource.", code="not-found")
        return found

    def search(self, kind: str, query: str) -> bytes:
        """A searchset by `url` and `version`, or all of the type.

        Raises:
            RequestError: 400 for another parameter (it would otherwise be ignored, and more be
            found),
                404 for another type.
        """
        if kind not in TYPES:
            raise RequestError(
                404, "resource type", "None of this type is kept here.", code="not-found"
            )
        wanted: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=20):
            if name in {"url", "version", "_id"}:
                wanted[name] = value
            elif name not in _IGNORED:
                hint = "Search by url, version or _id."
                raise RequestError(
                    400, "query", "A parameter is not known.", hint, code="not-supported"
                )
        url, _, version = wanted.get("url", "").partition("|")
        version = wanted.get("version", version)
        found = [
            one
            for one in self.by_url.get(kind, ())
            if (not url or one.get("url") == url)
            and (not version or one.get("version") == version)
            and ("_id" not in wanted or one.get("id") == wanted["_id"])
        ]
        return self._searchset(kind, found)

    def _searchset(self, kind: str, found: Iterable[JsonObject]) -> bytes:
        entries = [
            {
                "fullUrl": f"{self.public_url}/fhir/{kind}/{one['id']}",
                "resource": one,
                "search": {"mode": "match"},
            }
            for one in found
        ]
        bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
        if entries:
            bundle["entry"] = entries
        return wire.write(bundle)


def publish(packs: Iterable[Pack], public_url: str) -> Published:
    """Everything that the packs publish."""
    resources = [dict(form.raw) for pack in packs for form in pack.forms]
    by_kind: dict[str, list[JsonObject]] = {}
    for one in resources:
        by_kind.setdefault(one["resourceType"], []).append(one)
    return Published(
        by_id={(one["resourceType"], one["id"]): wire.write(one) for one in resources},
        by_url={kind: tuple(found) for kind, found in by_kind.items()},
        public_url=public_url,
    )
