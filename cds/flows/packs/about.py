"""What a reviewer must know of a pack: its source attributes, purpose and limits, as JSON."""

from cds.core.pack import Pack
from cds.wire import JsonObject

# Key of [about] in pack.toml → key of the JSON document.
_WORDS = {
    "intended-use": "intendedUse",
    "intended-users": "intendedUsers",
    "intended-population": "intendedPopulation",
    "decision-role": "decisionRole",
    "out-of-scope": "outOfScope",
    "known-limits": "knownLimits",
    "validation": "validation",
    "update-schedule": "updateSchedule",
    "regulatory": "regulatory",
    "contact": "contact",
}


def source_attributes(pack: Pack) -> JsonObject:
    """The source attributes of a pack (schema cramp-cds/source-attributes/1)."""
    about = pack.about
    document: JsonObject = {
        "schema": "cramp-cds/source-attributes/1",
        "pack": {
            "id": pack.id,
            "version": pack.version,
            "hash": pack.hash,
            "title": pack.title,
            "released": date_of(pack),
        },
        "interventionType": "evidence-based: written rules, no trained model, no probability",
        "attributes": [
            {"id": one["id"], "name": one["name"], "value": one["value"]}
            for one in about.get("attribute", ())
        ],
        "bibliography": bibliography(pack),
    }
    for key, name in _WORDS.items():
        if key in about:
            document[name] = about[key]
    return document


def bibliography(pack: Pack) -> list[JsonObject]:
    """Every source of the pack: the documents with their checksums, then the citations."""
    documents = [
        {
            "id": document.id,
            "title": document.title,
            "publisher": document.publisher,
            "reviewed": document.reviewed,
            "sha256": document.sha256,
        }
        for document in pack.sources.documents
    ]
    citations = []
    for one in pack.sources.citations.values():
        citation: JsonObject = {"id": one.id, "title": one.text}
        if one.url:
            citation["url"] = one.url
        citations.append(citation)
    return [*documents, *citations]


def date_of(pack: Pack) -> str:
    """The day this version was released: of [about], else of the form."""
    about = pack.about
    day = about.get("revised") or about.get("released") or pack.full.raw.get("date", "")
    return str(day)
