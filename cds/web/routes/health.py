"""Is the process alive, and is it fit to answer? For the platform that runs it."""

from cds import wire
from cds.errors import StoreError
from cds.web.refusals import Reply
from cds.web.routes.endpoint import Call
from cds.web.service import Service

_LOOK_S = 2.0  # at the knowledge on disk: reading all of it takes a twentieth of that


async def live(_: Service, __: Call) -> Reply:
    """GET /livez: the process answers."""
    return Reply(200, b'{"status":"alive"}')


async def ready(service: Service, _: Call) -> Reply:
    """GET /readyz: 503 while the knowledge or the decision log is not whole."""
    knowledge = await _knowledge(service)
    log = "off"
    whole = knowledge == "whole"
    if service.ledger is not None:
        trouble = await service.ledger.ready()
        log = trouble or "whole"
        # What waits in the spool is safe and is on its way: no reason to stop sending requests
        # here.
        whole = whole and trouble != "log away"
    said = {"knowledge": knowledge, "log": log}
    spool = service.ledger.spool_state() if service.ledger is not None else ""
    if spool:
        said["spool"] = spool
    missing = service.keys.missing()
    if missing:
        said["keys"] = f"not fetched: {', '.join(missing)}"
        # Those of whom keys are held can be answered.
        whole = whole and len(missing) < len(service.config.clients)
    without = service.without_answers()
    if without:
        said["responses"] = f"cannot be searched: {', '.join(without)}"
    body = wire.write({"status": "ready" if whole else "not ready", **said})
    return Reply(200 if whole else 503, body)


async def _knowledge(service: Service) -> str:
    """Whether what is on disk is what is in use; its disk may hang."""
    try:
        intact = await service.looking.run(service.intact, _LOOK_S)
    except StoreError:
        return "not read in time"
    return "whole" if service.packs and intact else "changed on disk"
