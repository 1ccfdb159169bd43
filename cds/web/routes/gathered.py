"""What is there for one call: what was sent, what the EHR has of the rest, and what we keep."""

from cds.web.contract.prefetch import PLAIN, RESPONSES, Supply, incomplete
from cds.web.operating.kept import KEEPING, WhoseAnswers, supplies_with_kept
from cds.web.routes.asked import Asked
from cds.web.routes.endpoint import Call
from cds.web.service import Service
from cds.web.settings import Client


async def gathered(
    service: Service, call: Call, asked: Asked, site: Client | None
) -> dict[str, Supply]:
    """Every prefetch key, by its name; `site`: whose server may be asked for what is missing."""
    supplies = asked.given if site is None else await _fetched(service, asked, site, asked.given)
    for one in supplies.values():
        if one.state != "given":
            service.metrics.key(one.key, one.state)
    client = site or asked.client
    if service.ledger is None or client.responses not in KEEPING:
        return supplies
    whose = WhoseAnswers(client, asked.entry.pack.id, asked.context.patient_id)
    return await supplies_with_kept(service.ledger, whose, supplies, call.patience)


async def _fetched(
    service: Service, asked: Asked, registered: Client, supplies: dict[str, Supply]
) -> dict[str, Supply]:
    """The supplies with what was missing, as far as the EHR had it."""
    wanted = incomplete(supplies)
    if registered.responses == "own":
        wanted = [one for one in wanted if one.key != RESPONSES]
    if wanted:
        patient = asked.context.patient_id
        queries = {
            key: template.replace("{{context.patientId}}", patient)
            for key, template in asked.entry.prefetch.items()
        }
        authorization = asked.request.fhir_authorization
        plain = {key: query.format(patient=patient) for key, query in PLAIN.items()}
        for one in await service.ehr.fetch(registered, authorization, wanted, queries, plain):
            supplies[one.key] = one
    return supplies
