"""What is being ordered, as the context of a hook brings it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds.errors import RequestError
from cds.web.contract.shapes import OrderContext, PatientContext, SelectContext
from cds.wire import JsonObject

_MEDICATION = "Medication"
MOST_NESTED = 8  # Bundles in Bundles


class Orders(NamedTuple):
    """The orders, and the medicines that they may refer to, by each name that they have."""

    listed: tuple[JsonObject, ...] = ()
    medications: Mapping[str, JsonObject] = {}


def orders_of(context: PatientContext) -> Orders:
    """What is being ordered; of order-select only the chosen, if they can be told apart."""
    if not isinstance(context, OrderContext):
        return Orders()
    listed: list[tuple[str, JsonObject]] = []
    medications: dict[str, JsonObject] = {}
    for url, resource in _entries(context.draft_orders, "body.context.draftOrders", 0):
        kind, identifier = str(resource.get("resourceType")), resource.get("id")
        if kind == _MEDICATION:
            medications[f"{_MEDICATION}/{identifier}"] = resource
            medications[url] = resource
        else:
            listed.append((f"{kind}/{identifier}", resource))
    chosen = listed
    if isinstance(context, SelectContext):
        wanted = set(context.selections)
        chosen = [one for one in listed if one[0] in wanted] or listed
    return Orders(tuple(order for _, order in chosen), medications)


def _entries(bundle: JsonObject, where: str, depth: int) -> Iterator[tuple[str, JsonObject]]:
    """Each resource of a Bundle with its fullUrl, those of Bundles inside it as well."""
    entries: Any = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise RequestError(400, f"{where}.entry", "is not a list.", code="structure")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") == "Bundle":
            if depth < MOST_NESTED:
                yield from _entries(resource, where, depth + 1)
            continue
        url = entry.get("fullUrl")
        yield url if isinstance(url, str) else "", resource
