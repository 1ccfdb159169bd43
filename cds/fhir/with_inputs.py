"""A Bundle together with what it was made from: the patient, the response, the record."""

from collections.abc import Iterable, Mapping
from typing import Any

from cds.fhir.context import TRANSACTION
from cds.fhir.primitives import legal_id
from cds.wire import JsonObject


def with_inputs(bundle: JsonObject, inputs: Iterable[JsonObject], base: str) -> JsonObject:
    """The Bundle with its inputs before it; every fullUrl is one under which references resolve.

    In a transaction an input is put under its own id, so that what refers to it finds it. What has
    no legal id cannot come along.
    """
    made = list(bundle["entry"])
    brought = [_entry(one, base, bundle["type"]) for one in inputs if _has_id(one)]
    if bundle["type"] == TRANSACTION:
        return {**bundle, "entry": [*brought, *made]}
    # Relative references count from the base of the fullUrl beside them, so ours get one as well.
    names = {one["fullUrl"]: _name(one["resource"]) for one in made}
    ours = [
        {**one, "fullUrl": f"{base}/{_name(one['resource'])}", "resource": _renamed(one, names)}
        for one in made
    ]
    return {**bundle, "entry": [*brought, *ours]}


def _entry(resource: JsonObject, base: str, kind: str) -> JsonObject:
    entry: JsonObject = {"fullUrl": f"{base}/{_name(resource)}", "resource": resource}
    if kind == TRANSACTION:
        entry["request"] = {"method": "PUT", "url": _name(resource)}
    return entry


def _has_id(resource: Mapping[str, Any]) -> bool:
    return legal_id(resource.get("id")) is not None


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _renamed(entry: JsonObject, names: Mapping[str, str]) -> Any:
    """The resource with references to the other new resources by their names."""
    return _walk(entry["resource"], names)


def _walk(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(one, one)
            if key == "reference" and isinstance(one, str)
            else _walk(one, names)
            for key, one in value.items()
        }
    return [_walk(one, names) for one in value] if isinstance(value, list) else value
