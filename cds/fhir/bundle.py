"""Resources → Bundle: a collection to read, or a transaction that may safely be sent twice."""

from cds.fhir.context import TRANSACTION
from cds.wire import JsonObject


def decision_bundle(resources: list[JsonObject], kind: str) -> JsonObject:
    """The Bundle; each resource is known in it by the `urn:uuid` of its id.

    In a transaction a resource is created only if none with its identifier, or its tag, exists yet.
    """
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    if kind == TRANSACTION:
        for entry, resource in zip(entries, resources, strict=True):
            entry["request"] = _request(resource)
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def _request(resource: JsonObject) -> JsonObject:
    request = {"method": "POST", "url": resource["resourceType"]}
    if "identifier" in resource:
        one = resource["identifier"][0]
        request["ifNoneExist"] = f"identifier={one['system']}|{one['value']}"
    else:
        tag = resource["meta"]["tag"][0]
        request["ifNoneExist"] = f"_tag={tag['system']}|{tag['code']}"
    return request
