"""The knowledge as FHIR resources that anyone may read, by type and id or by canonical."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from cds import wire
from cds.core.pack import Pack
from cds.errors import RequestError
from cds.flows.packs.population import with_population
from cds.flows.packs.publish import published_resources
from cds.record.rules import RecordRules
from cds.wire import JsonObject

_Rules = Mapping[str, RecordRules]
ASSESS = "assess"

PUBLISHED_TYPES = (
    "Questionnaire",
    "PlanDefinition",
    "ActivityDefinition",
    "Library",
    "ValueSet",
    "CodeSystem",
    "StructureDefinition",
    "OperationDefinition",
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
            raise RequestError(404, "resource", "there is no such resource.", code="not-found")
        return found

    def search(self, kind: str, query: str) -> bytes:
        """A searchset by `url` and `version`, or all of the type.

        Raises:
            RequestError: 400 for another parameter (it would otherwise be ignored, and more be
                found), 404 for another type.
        """
        if kind not in PUBLISHED_TYPES:
            raise RequestError(404, "resource type", "is not kept here.", code="not-found")
        wanted: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=20):
            if name in {"url", "version", "_id"}:
                wanted[name] = value
            elif name not in _IGNORED:
                hint = "Search by url, version or _id."
                raise RequestError(
                    400, "query", "has an unknown parameter.", hint, code="not-supported"
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


def publish_installed(
    packs: Iterable[Pack], folders: Mapping[str, Path], rules: _Rules, public_url: str
) -> Published:
    """Everything that the packs publish; `folders` and `rules` by the id of the pack.

    What two packs share (an extension, an operation) is published once, as the first has it.
    """
    by_id: dict[tuple[str, str], JsonObject] = {}
    for pack in packs:
        for one in (*published_resources(pack, folders[pack.id]), assess_definition(pack)):
            by_id.setdefault((one["resourceType"], one["id"]), _populating(one, rules.get(pack.id)))
    by_kind: dict[str, list[JsonObject]] = {}
    for one in by_id.values():
        by_kind.setdefault(one["resourceType"], []).append(one)
    return Published(
        by_id={key: wire.write(one) for key, one in by_id.items()},
        by_url={kind: tuple(found) for kind, found in by_kind.items()},
        public_url=public_url,
    )


def _populating(resource: JsonObject, rules: RecordRules | None) -> JsonObject:
    """A Questionnaire with the expressions by which other engines pre-fill it from a record."""
    if rules is None or resource["resourceType"] != "Questionnaire":
        return resource
    return with_population(resource, rules)


def assess_definition(pack: Pack) -> JsonObject:
    """The definition of our own operation, for whoever reads the CapabilityStatement."""
    parameters = (
        ("response", "in", 1, "QuestionnaireResponse", "The answers. Alone, they may be the body."),
        ("record", "in", 0, "Bundle", "What else is known of the patient."),
        ("against", "in", 0, "string", "Another version of the pack, to compare with."),
        (
            "return",
            "out",
            1,
            "Bundle",
            "RiskAssessment, Provenance, and a message where one is due.",
        ),
        ("moved", "out", 0, "code", "Whether the level is higher, lower or the same beside it."),
        ("why", "out", 0, "string", "What the two versions decide differently, and why."),
    )
    return {
        "resourceType": "OperationDefinition",
        "id": ASSESS,
        "url": f"{pack.identity.base}/OperationDefinition/{ASSESS}",
        "version": pack.version,
        "name": "Assess",
        "status": "active",
        "kind": "operation",
        "affectsState": False,
        "code": ASSESS,
        "description": "Assesses the answers to a questionnaire: a level with its reasons.",
        "resource": ["QuestionnaireResponse"],
        "system": False,
        "type": True,
        "instance": False,
        "parameter": [
            {
                "name": name,
                "use": use,
                "min": least,
                "max": "*" if name == "why" else "1",
                "documentation": text,
                "type": kind,
            }
            for name, use, least, kind, text in parameters
        ],
    }
