"""A transaction as FHIR has it: all of it or nothing, `urn:uuid` references named anew."""

import copy
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from tests.form.emr import Emr

Json = dict[str, Any]


def transaction(emr: "Emr", bundle: Json) -> tuple[int, Json, Json]:
    """Carry it out; refused as a whole where one entry is not allowed."""
    before, placed = copy.deepcopy(emr.kept), []
    names: dict[str, str] = {}
    for entry in bundle["entry"]:
        method = entry["request"]["method"]
        kind = entry["resource"]["resourceType"]
        right = {"POST": "c", "PUT": "u"}[method]
        if not emr.allows(kind, right) or f"{method} {kind}" in emr.refuses:
            emr.kept = before
            return 403, {}, {"resourceType": "OperationOutcome", "issue": []}
        name, status = place(emr, entry)
        names[entry["fullUrl"]] = f"{kind}/{name}"
        placed.append((kind, name, status))
    for kind, name, _ in placed:
        emr.kept[kind][name] = renamed(emr.kept[kind][name], names)
    entries = [
        {"response": {"status": status, "location": f"{kind}/{name}/_history/1"}}
        for kind, name, status in placed
    ]
    return 200, {}, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def place(emr: "Emr", entry: Json) -> tuple[str, str]:
    """Where one entry is kept, and how that came."""
    request, resource = entry["request"], entry["resource"]
    kept = emr.kept.setdefault(resource["resourceType"], {})
    if request["method"] == "PUT":
        name = request["url"].partition("/")[2]
        kept[name] = resource
        return name, "200 OK"
    found = found_by(kept, request.get("ifNoneExist", ""))
    if found is not None:
        return found, "200 OK"
    name = f"{resource['resourceType'].lower()}-{len(kept) + 1}"
    kept[name] = {**resource, "id": name}
    return name, "201 Created"


def found_by(kept: dict[str, Json], query: str) -> str | None:
    """The resource that a conditional create finds: by an identifier, or by a tag."""
    asked = parse_qs(unquote(query))
    wanted = {*asked.get("identifier", ()), *asked.get("_tag", ())}
    return next((name for name, one in kept.items() if wanted & names_of(one)), None)


def names_of(resource: Json) -> set[str]:
    listed = resource.get("identifier", [])
    listed = listed if isinstance(listed, list) else [listed]
    tags = resource.get("meta", {}).get("tag", [])
    named = {f"{one['system']}|{one['value']}" for one in listed}
    return named | {f"{one['system']}|{one['code']}" for one in tags}


def renamed(value: Any, names: dict[str, str]) -> Any:
    text = json.dumps(value)
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    return json.loads(text)
