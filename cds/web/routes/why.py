"""GET /packs/{id}/{version}/why: what the cards link to. The pack's own words, for anyone."""

from cds.core.pack import Pack
from cds.errors import RequestError
from cds.knowledge.shown.why import POLICY, why_page
from cds.web.refusals import HTML, Reply
from cds.web.routes.endpoint import Call
from cds.web.service import Service

_HEADERS = ((b"content-security-policy", POLICY.encode()),)
_pages: dict[str, bytes] = {}


async def why(service: Service, call: Call) -> Reply:
    """The page of this version of the pack."""
    pack = service.packs.get(call.params["id"])
    if pack is None or pack.version != call.params["version"]:
        raise RequestError(404, "pack", "there is no such version here.", code="not-found")
    return Reply(200, _page(pack), HTML, headers=_HEADERS)


def _page(pack: Pack) -> bytes:
    """Written when it is first asked for, and kept."""
    if pack.hash not in _pages:
        _pages[pack.hash] = why_page(pack).encode()
    return _pages[pack.hash]
