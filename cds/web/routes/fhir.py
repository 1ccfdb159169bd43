"""The FHIR side: the knowledge, which anyone may read and search."""

from cds import wire
from cds.errors import RequestError
from cds.flows.packs.about import source_attributes as source_attributes_of
from cds.web.refusals import FHIR_JSON, Reply
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import identify
from cds.web.service import Service


async def read_metadata(service: Service, call: Call) -> Reply:
    """GET /fhir/metadata."""
    await identify(service, call, needed=False)
    return Reply(200, service.capability, FHIR_JSON)


async def read_resource(service: Service, call: Call) -> Reply:
    """GET /fhir/{type}/{id}."""
    await identify(service, call, needed=False)
    return Reply(200, service.published.read(call.params["type"], call.params["id"]), FHIR_JSON)


async def search(service: Service, call: Call) -> Reply:
    """GET /fhir/{type}?url=…&version=…."""
    await identify(service, call, needed=False)
    return Reply(200, service.published.search(call.params["type"], call.query), FHIR_JSON)


async def read_source_attributes(service: Service, call: Call) -> Reply:
    """GET /packs/{id}/source-attributes: where the knowledge comes from and what it uses."""
    await identify(service, call, needed=False)
    pack = service.packs.get(call.params["id"])
    if pack is None:
        raise RequestError(404, "pack", "there is no such pack.", code="not-found")
    return Reply(200, wire.write(source_attributes_of(pack)))
