"""What users did with the cards: counted per rule, so that a site sees alert fatigue."""

from cds.errors import RequestError
from cds.store.model import Feedback
from cds.web.contract.shapes import FeedbackItem, FeedbackRequest, shaped
from cds.web.refusals import Reply
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import body_json, body_of
from cds.web.service import Service


async def feedback(service: Service, call: Call) -> Reply:
    """POST /cds-services/{id}/feedback: stored once, however often it is sent."""
    name = call.params["id"]
    if name not in service.services:
        raise RequestError(404, "service", "there is no such service.", code="not-found")
    client, body = await body_of(service, call)

    def read() -> FeedbackRequest:
        return shaped(FeedbackRequest, body_json(service, body), "body")

    request = await service.aside.run(len(body), read)
    items = [_item(service, client.name, name, one) for one in request.feedback]
    if service.ledger is not None:
        await service.ledger.feedback(items)
    for one in items:
        service.metrics.feedback(name, one.outcome)
    return Reply(200, b"{}", facts={"service": name})


def _item(service: Service, client: str, name: str, one: FeedbackItem) -> Feedback:
    override = one.override_reason
    reason = override.reason if override else None
    return Feedback(
        time=service.clock(),
        client=client,
        service=name,
        card=one.card,
        outcome=one.outcome,
        outcome_timestamp=one.outcome_timestamp,
        suggestions=tuple(suggestion.id for suggestion in one.accepted_suggestions or ()),
        reason_code=reason.code if reason else None,
        reason_system=reason.system if reason else None,
        reason_display=reason.display if reason else None,
        comment=override.user_comment if override else None,
    )
