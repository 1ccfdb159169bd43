"""What is being ordered, as the context of a hook brings it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cds.errors import RequestError
from cds.record.walk import RecordWalk
from cds.web.contract.shapes import OrderContext, PatientContext, SelectContext
from cds.wire import JsonObject

_MEDICATION = "Medication"


class Orders(NamedTuple):
    """The orders, and the medicines that they may refer to, by each name that they have.

    An entry that holds no resource is an empty order, so that it is told.
    """

    listed: tuple[JsonObject, ...] = ()
    medications: Mapping[str, JsonObject] = {}


_NONE = Orders()


def orders_of(context: PatientContext) -> Orders:
    """What is being ordered; of order-select only the chosen, if they can be told apart."""
    if not isinstance(context, OrderContext):
        return _NONE
    listed: list[tuple[str, JsonObject]] = []
    medications: dict[str, JsonObject] = {}
    lost: list[JsonObject] = []
    for url, resource in _entries(context.draft_orders, lost):
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
    return Orders((*(order for _, order in chosen), *lost), medications)


def _entries(bundle: JsonObject, lost: list[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """Each resource of the orders with its fullUrl, in whatever they are wrapped.

    Into `lost` goes an empty order for each entry that holds no resource.
    """
    if not isinstance(bundle.get("entry", []), list):
        where = "body.context.draftOrders.entry"
        raise RequestError(400, where, "is not a list.", code="structure")
    walk = RecordWalk()
    for resource, url in walk.resources([bundle]):
        yield url or "", resource
    lost += [{} for _ in walk.nonsense]
