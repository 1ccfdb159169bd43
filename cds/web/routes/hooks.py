"""POST /cds-services/{id}: from the request of an EHR to its cards.

Gates → shape → allow-list → prefetch, and what is missing fetched → whose data it is → the decision
→ cards → the log, which knows whether the call was answered before: then that answer is given. A
failure on the way is an OperationOutcome with a 4xx or 5xx, never an empty list of cards.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from cds import wire
from cds.errors import CdsError, RequestError, StoreError
from cds.flows.hooks import Verdict, Visit, consider
from cds.store.model import Conflict, Decision, Stored
from cds.web.cards.cards import Drawn, draw
from cds.web.cards.sheet import Place
from cds.web.cards.unrecorded import not_recorded
from cds.web.contract.orders import orders_of
from cds.web.contract.prefetch import (
    CONDITIONS,
    PLAIN,
    RESPONSES,
    WHOLE,
    Supply,
    incomplete,
    missing_of,
    record_of,
    supplied,
)
from cds.web.contract.services import HookService
from cds.web.contract.shapes import (
    CONTEXTS,
    HookRequest,
    PatientContext,
    fhir_id,
    shaped,
)
from cds.web.operating.kept import KEEPING, Whose, with_kept
from cds.web.operating.ledger import NotRecorded
from cds.web.refusals import FHIR_JSON, Reply, issue, outcome
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import body_of, json_of
from cds.web.service import Service
from cds.web.settings import Client
from cds.web.trust.allowed import is_about, is_web_address, own_only, refuse_server, site_of
from cds.web.trust.auth import ANYONE


class _Asked(NamedTuple):
    """One request, in shape. `whole` is its JSON; the hash leaves out the token."""

    entry: HookService
    client: Client
    request: HookRequest
    context: PatientContext
    hash: str


async def hook(service: Service, call: Call) -> Reply:
    """The cards for one call of one service."""
    entry = service.services.get(call.params["id"])
    if entry is None:
        raise RequestError(404, "service", "there is no such service.", code="not-found")
    client, body = await body_of(service, call)
    asked = _in_shape(service, entry, client, json_of(service, body))
    facts: dict[str, str | int] = {"service": entry.id, "hook": entry.hook}
    given = supplied(asked.request.prefetch)
    # What was fetched then may not be had again; where all was sent, the log tells when it is
    # written, and until then the answer costs nothing but this process's time.
    first = bool(incomplete(given))
    earlier = await _answered(service, call, asked) if first else None
    if earlier is None:
        try:
            return await _decided(service, call, asked, given, facts)
        except StoreError:
            raise  # to ask a log that is away would only make the caller wait again
        except CdsError:
            # Under other knowledge or settings than today's it may have been answered.
            earlier = None if first else await _answered(service, call, asked)
            if earlier is None:
                raise
    return Reply(earlier.status, earlier.response, facts={**facts, "repeated": 1})


async def _decided(
    service: Service,
    call: Call,
    asked: _Asked,
    given: dict[str, Supply],
    facts: dict[str, str | int],
) -> Reply:
    entry = asked.entry
    site = site_of(service.config, asked.client, asked.request.fhir_server)
    if site is None and asked.request.fhir_server is not None and incomplete(given):
        raise refuse_server()
    supplies = await _supplies(service, asked, site, given)
    whose = Whose(site or asked.client, entry.pack.id, asked.context.patient_id)
    supplies = await with_kept(service.ledger, whose, supplies, call.patience)
    supplies, foreign = own_only(
        asked.context.patient_id, supplies, site.fhir_base if site else None
    )
    visit = _visit(service, asked, site or asked.client, (supplies, foreign))
    verdict = consider(entry.pack, service.assessor, visit)
    if service.config.cards.not_assessed == "412" and _nothing_can_be_said(verdict):
        return _lacking(service, supplies, facts)
    place = Place(
        entry.id,
        asked.request.hook_instance,
        service.public_url,
        service.config.form_url(site or asked.client),
        frozenset((site or asked.client).creates),
    )
    drawn = draw(verdict, place)
    answer = wire.write({"cards": drawn.cards})
    kept = await _kept(service, call, asked, verdict, (drawn, supplies, answer))
    for card in drawn.cards:
        service.metrics.card(entry.id, card["indicator"])
    facts["cards"] = len(drawn.cards)
    if isinstance(kept, NotRecorded):
        facts["why"] = "not recorded"
        return Reply(200, wire.write({"cards": not_recorded(drawn.cards)}), facts=facts)
    if kept is not None and kept.repeated:
        facts["repeated"] = 1
    return Reply(200, kept.response if kept is not None else answer, facts=facts)


def _in_shape(service: Service, entry: HookService, client: Client, value: Any) -> _Asked:
    request = shaped(HookRequest, value, "body")
    if request.hook != entry.hook:
        raise RequestError(400, "body.hook", f"This service answers {entry.hook}.", code="value")
    if request.fhir_authorization is not None and request.fhir_server is None:
        hint = "Send fhirServer with it."
        raise RequestError(400, "body.fhirServer", "Is missing.", hint, code="required")
    if request.fhir_server is not None and not is_web_address(request.fhir_server):
        text = "is not an http or https address."
        raise RequestError(400, "body.fhirServer", text, code="value")
    context = shaped(CONTEXTS[entry.hook], request.context, "body.context")
    fhir_id(context.patient_id, "body.context.patientId")
    fhir_id(context.encounter_id, "body.context.encounterId")
    digest = ""
    if service.ledger is not None:
        without = {key: part for key, part in value.items() if key != "fhirAuthorization"}
        digest = hashlib.sha256(wire.write(without, sort_keys=True)).hexdigest()
    return _Asked(entry, client, request, context, digest)


async def _answered(service: Service, call: Call, asked: _Asked) -> Stored | None:
    if service.ledger is None:
        return None
    return _unless_conflict(
        await service.ledger.answered(
            (asked.client.name, asked.entry.id, asked.request.hook_instance, asked.hash),
            call.patience,
        )
    )


def _unless_conflict(found: Stored | Conflict | None) -> Stored | None:
    if isinstance(found, Conflict):
        text = "Was used before, for another request."
        if found.why == "erased":
            text = "Was used before; what was answered has been erased."
        hint = "Each call needs a new hookInstance."
        raise RequestError(409, "body.hookInstance", text, hint, code="conflict")
    return found


async def _supplies(
    service: Service, asked: _Asked, registered: Client | None, supplies: dict[str, Supply]
) -> dict[str, Supply]:
    wanted = incomplete(supplies) if registered is not None else []
    if registered is not None and registered.responses == "own":
        wanted = [one for one in wanted if one.key != RESPONSES]
    if wanted and registered is not None:
        patient = asked.context.patient_id
        queries = {
            key: template.replace("{{context.patientId}}", patient)
            for key, template in asked.entry.prefetch.items()
        }
        authorization = asked.request.fhir_authorization
        plain = {key: query.format(patient=patient) for key, query in PLAIN.items()}
        for one in await service.ehr.fetch(registered, authorization, wanted, queries, plain):
            supplies[one.key] = one
    for one in supplies.values():
        if one.state != "given":
            service.metrics.key(one.key, one.state)
    return supplies


def _visit(
    service: Service,
    asked: _Asked,
    site: Client,
    given: tuple[Mapping[str, Supply], tuple[str, ...]],
) -> Visit:
    """What was given, and under which keys data of another patient were left out."""
    supplies, foreign = given
    base = site.fhir_base or None
    orders = orders_of(asked.context)
    own = [one for one in orders.listed if is_about(one, asked.context.patient_id, base)]
    if len(own) != len(orders.listed):
        foreign = (*foreign, "draftOrders")
    responses = supplies[RESPONSES]
    had = responses.state in WHOLE or bool(responses.resources)
    if site is not ANYONE and site.responses not in KEEPING:
        service.answers.note(site.name, sent=responses.state != "absent")
    nowhere = site.responses == "unsearchable" or service.answers.never(site.name)
    searchable = responses.state != "unsupported" and not (nowhere and responses.state == "absent")
    return Visit(
        patient=asked.context.patient_id,
        now=service.clock(),
        responses=responses.resources if had else None,
        unread="" if responses.state in WHOLE else responses.why,
        searchable=searchable,
        record=record_of(supplies),
        missing=missing_of(supplies),
        concern=supplies[CONDITIONS].state in WHOLE,
        orders=own,
        medications=orders.medications,
        foreign=foreign,
        user=asked.context.user_id,
        encounter=asked.context.encounter_id,
        bases=[one for one in (site.fhir_base, asked.request.fhir_server) if one],
        forms=site.forms,
        valid_hours=service.config.site.answers_valid_hours or None,
    )


def _nothing_can_be_said(verdict: Verdict) -> bool:
    """No decision, and what is missing could have brought one."""
    if verdict.assessed is not None or verdict.asked:
        return False
    failed = verdict.visit.responses is None and verdict.visit.searchable
    return failed or verdict.concerned is None


def _lacking(
    service: Service, supplies: Mapping[str, Supply], facts: Mapping[str, str | int]
) -> Reply:
    """412: the keys without which nothing can be said, each with what became of it."""
    issues = [
        issue(
            "incomplete", f"body.prefetch.{one.key}", f"Needed, and {one.why}.", base=service.base
        )
        for one in incomplete(supplies)
    ]
    names = ",".join(one.key for one in incomplete(supplies))
    return Reply(
        412, outcome(issues), FHIR_JSON, facts={**facts, "issue": "incomplete", "keys": names}
    )


async def _kept(
    service: Service,
    call: Call,
    asked: _Asked,
    verdict: Verdict,
    told: tuple[Drawn, Mapping[str, Supply], bytes],
) -> Stored | NotRecorded | None:
    """The decision in the log; None when there is no log, or it waits in the spool."""
    if service.ledger is None:
        return None
    drawn, supplies, answer = told
    states = {one.key: _state(one) for one in supplies.values()}
    assessed, pack = verdict.assessed, verdict.pack
    document = {"decision": assessed.document() if assessed else None, "prefetch": states}
    decision = Decision(
        time=verdict.visit.now,
        client=asked.client.name,
        service=asked.entry.id,
        hook_instance=asked.request.hook_instance,
        request_hash=asked.hash,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        level=assessed.level.code if assessed else None,
        rules=tuple(finding.rule.id for finding in assessed.findings) if assessed else (),
        response=answer,
        document=wire.write(document),
        cards=drawn.rules,
        subject=f"{asked.client.name}|{asked.context.patient_id}",
    )
    kept = await service.ledger.append(decision, must_answer=drawn.critical, patience=call.patience)
    if isinstance(kept, NotRecorded):
        return kept
    return _unless_conflict(kept) if isinstance(kept, Stored | Conflict) else None


def _state(supply: Supply) -> wire.JsonObject:
    return {"state": supply.state, "fetched": supply.fetched, "why": supply.why}
