"""The row of a decision, in FHIR: an extension that carries it, and the view that reads it back.

A RiskAssessment predicts emergencies; what else was found, what is open and why stands in the
decision document. `bulk --fhir` writes it beside the level, so that an engine of SQL on FHIR makes
of the resources the same table as `bulk --table`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.core.pack import Pack
from cds.wire import JsonObject

_NAME = "decision-row"
TITLE = "Row of a decision"
TEXT = (
    "What a table of decisions says of this one, by the name of the column: the rules that fired, "
    "what is open, which causes are supported, and what responses are counted by."
)
# Column → its type in FHIR; a star where there may be several. Dates are the text that was sent.
COLUMNS: Mapping[str, str] = {
    "response": "string",
    "subject": "string",
    "status": "string",
    "authored": "string",
    "month": "string",
    "site": "string",
    "age_band": "string",
    "pack": "string",
    "pack_version": "string",
    "level": "string",
    "level_rank": "integer",
    "complete": "boolean",
    "valid": "boolean",
    "record": "boolean",
    "rules": "string*",
    "findings": "string*",
    "open": "string*",
    "causes": "string*",
    "issues": "string*",
    "notes": "string*",
}
_LEVEL = "triage-level"
FHIR_VERSION = "4.0.1"


def own_path(pack: Pack, column: str) -> str | None:
    """Where the RiskAssessment itself says it; None for what only the extension carries."""
    return {
        "subject": "subject.reference",
        "pack_version": "method.coding.version.first()",
        "level": f"extension('{_url(pack, _LEVEL)}').value.ofType(Coding).code",
    }.get(column)


def _url(pack: Pack, name: str) -> str:
    return f"{pack.identity.base}/StructureDefinition/{name}"


def column_type(column: str) -> tuple[str, bool]:
    """The FHIR type of a column, and whether it may hold several."""
    kind = COLUMNS[column]
    return kind.rstrip("*"), kind.endswith("*")


def extension_of(pack: Pack, row: Mapping[str, Any]) -> JsonObject:
    """The extension for a row; FHIR has no null and no empty text: what is either is left out."""
    return {"url": _url(pack, _NAME), "extension": list(_inside(pack, row))}


def _inside(pack: Pack, row: Mapping[str, Any]) -> Iterator[JsonObject]:
    for column in COLUMNS:
        if own_path(pack, column) is not None:
            continue
        kind, several = column_type(column)
        value = row[column]
        for one in value if several else [value]:
            if one not in {None, ""}:
                yield {"url": column, f"value{kind.capitalize()}": one}


def definition(pack: Pack) -> JsonObject:
    """The StructureDefinition of the extension."""
    url = _url(pack, _NAME)
    elements: list[JsonObject] = [
        {"id": "Extension", "path": "Extension", "short": TITLE, "definition": TEXT, "max": "1"},
        {
            "id": "Extension.extension",
            "path": "Extension.extension",
            "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "closed"},
        },
    ]
    for column in COLUMNS:
        if own_path(pack, column) is None:
            elements += _slice(column)
    elements += [
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
    ]
    return {
        "resourceType": "StructureDefinition",
        "id": _NAME,
        "url": url,
        "version": pack.version,
        "name": "DecisionRow",
        "title": TITLE,
        "status": "draft",
        "description": TEXT,
        "fhirVersion": FHIR_VERSION,
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "RiskAssessment"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": elements},
    }


def _slice(column: str) -> list[JsonObject]:
    kind, several = column_type(column)
    here, path = f"Extension.extension:{column}", "Extension.extension"
    most = "*" if several else "1"
    return [
        {"id": here, "path": path, "sliceName": column, "min": 0, "max": most},
        {"id": f"{here}.extension", "path": f"{path}.extension", "max": "0"},
        {"id": f"{here}.url", "path": f"{path}.url", "fixedUri": column},
        {
            "id": f"{here}.value[x]",
            "path": f"{path}.value[x]",
            "min": 1,
            "type": [{"code": kind}],
        },
    ]


def view_definition(pack: Pack) -> JsonObject:
    """The table as a ViewDefinition of SQL on FHIR, over the RiskAssessments of this pack.

    Its resource type is the short one: the long one of version 2.0 has had three addresses, and the
    engines that look at it at all know the short one. Only what every engine must know is used.
    """
    pack_path = f"{_within(pack, 'pack')} = '{pack.id}'"
    return {
        "resourceType": "ViewDefinition",
        "id": f"{pack.id}-decisions",
        "url": f"{pack.identity.base}/ViewDefinition/{pack.id}-decisions",
        "version": pack.version,
        "name": f"{pack.id.replace('-', '_')}_decisions",
        "title": f"Decisions: {pack.title}",
        "status": "draft",
        "experimental": True,
        "description": "One row a decision: the table of `bulk --table`, but for the place of the "
        "response in a file. Made up of the RiskAssessments that `bulk --fhir` writes.",
        "resource": "RiskAssessment",
        "fhirVersion": [FHIR_VERSION],
        "where": [{"path": pack_path, "description": "Those of this pack."}],
        "select": [{"column": [_column(pack, name) for name in COLUMNS]}],
    }


def _within(pack: Pack, column: str) -> str:
    kind, _ = column_type(column)
    # `extension('rules')` would be shorter; fhirpathpy 2.1 gives only the first of several by it.
    inside = f"extension.where(url = '{column}').value.ofType({kind})"
    return f"extension('{_url(pack, _NAME)}').{inside}"


def _column(pack: Pack, name: str) -> JsonObject:
    kind, several = column_type(name)
    path = own_path(pack, name) or _within(pack, name)
    return {"name": name, "path": path, "type": kind, **({"collection": True} if several else {})}
