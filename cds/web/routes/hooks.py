"""POST /cds-services/{id}: from the request of an EHR to its cards.

Gates → shape → allow-list → prefetch, and what is missing fetched → whose data it is → the decision
→ cards → the log, which knows whether the call was answered before: then that answer is given. A
failure on the way is an OperationOutcome with a 4xx or 5xx, never an empty list of cards.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from cds import wire
from cds.errors import CdsError, RequestError, StoreError
from cds.flows.hooks import Verdict, Visit, consider, verdict_in
from cds.store.model import Conflict, Decision, Stored
from cds.web.cards.cards import Drawn, draw
from cds.web.cards.sheet import CardPlace
from cds.web.cards.unrecorded import not_recorded, withheld
from cds.web.contract.languages import accepted, chosen, preferred
from cds.web.contract.orders import orders_of
from cds.web.contract.prefetch import (
    CONDITIONS,
    PATIENT,
    RESPONSES,
    WHOLE,
    Supply,
    incomplete,
    missing_of,
    record_of,
)
from cds.web.contract.services import HookService
from cds.web.operating.kept import KEEPING
from cds.web.operating.ledger import NotRecorded
from cds.web.refusals import FHIR_JSON, Reply, outcome, outcome_issue
from cds.web.routes.asked import Asked, in_shape
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import body_of
from cds.web.routes.gathered import gathered
from cds.web.routes.logged import decision_of
from cds.web.service import Service
from cds.web.settings import Client
from cds.web.trust.allowed import client_of_server, is_about, own_only, refuse_server
from cds.web.trust.auth import ANYONE

BYTES_EACH = 700  # of a fetched resource, about


class _Told(NamedTuple):
    """What is said to one request, and what of it goes into the log."""

    verdict: Verdict
    place: CardPlace
    drawn: Drawn
    answer: bytes
    decision: Decision | None


async def hook(service: Service, call: Call) -> Reply:
    """The cards for one call of one service."""
    entry = service.services.get(call.params["id"])
    if entry is None:
        raise RequestError(404, "service", "there is no such service.", code="not-found")
    client, body = await body_of(service, call)
    read = partial(in_shape, service, entry, client, body)
    asked = await service.aside.run(len(body), read)
    call.read = asked.value
    facts: dict[str, str | int] = {"service": entry.id, "hook": entry.hook}
    # What was fetched then may not be had again; where all was sent, the log tells when it is
    # written, and until then the answer costs nothing but this process's time.
    first = bool(incomplete(asked.given))
    earlier = await _answered(service, call, asked) if first else None
    if earlier is None:
        try:
            return await _decided(service, call, asked, facts)
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
    asked: Asked,
    facts: dict[str, str | int],
) -> Reply:
    entry = asked.entry
    site = client_of_server(service.config, asked.client, asked.request.fhir_server)
    if site is None and asked.request.fhir_server is not None and incomplete(asked.given):
        raise refuse_server()
    supplies = await gathered(service, call, asked, site)
    size = asked.size
    if site is not None:
        size += BYTES_EACH * sum(len(one.resources) for one in supplies.values() if one.fetched)
    reads = accepted(call.header(b"accept-language"))
    told = await service.aside.run(size, partial(reckoned, service, asked, site, supplies, reads))
    if service.config.cards.not_assessed == "412" and _nothing_can_be_said(told.verdict):
        return _lacking(service, supplies, facts)
    try:
        kept = await _kept(service, call, told)
    except StoreError:
        if service.config.cards.not_assessed == "412":
            raise
        facts["why"] = "not recorded"
        return _shown(service, entry, [withheld(told.verdict, told.place)], facts)
    if isinstance(kept, NotRecorded):
        facts["why"] = "not recorded"
        return _shown(service, entry, not_recorded(told.drawn.cards, told.verdict.pack.say), facts)
    if kept is not None and kept.repeated:
        facts["repeated"] = 1
    answer = kept.response if kept is not None else told.answer
    return _shown(service, entry, told.drawn.cards, facts, answer)


def _shown(
    service: Service,
    entry: HookService,
    cards: Sequence[wire.JsonObject],
    facts: Mapping[str, str | int],
    answer: bytes = b"",
) -> Reply:
    for card in cards:
        service.metrics.card(entry.id, card["indicator"])
    written = answer or wire.write({"cards": list(cards)})
    return Reply(200, written, facts={**facts, "cards": len(cards)})


def reckoned(
    service: Service,
    asked: Asked,
    site: Client | None,
    supplies: dict[str, Supply],
    reads: Sequence[str],
) -> _Told:
    """Whose data it is, the decision, the cards: all that is reckoned, and nothing that waits."""
    entry = asked.entry
    base = site.fhir_base if site else None
    client = site or asked.client
    supplies, foreign = own_only(asked.context.patient_id, supplies, base)
    visit = _visit(service, asked, client, (supplies, foreign))
    verdict = consider(entry.pack, service.assessor, visit)
    place = CardPlace(
        entry.id,
        asked.request.hook_instance,
        service.public_url,
        service.config.form_url(client),
        frozenset(client.creates),
    )
    # Decided and logged in the pack's own words; told in those that the site reads.
    told = _in_words(service, verdict, client, supplies, reads)
    drawn = draw(told, place)
    answer = wire.write({"cards": drawn.cards})
    decision = None
    if service.ledger is not None:
        decision = decision_of(asked, verdict, drawn, supplies, answer)
    return _Told(told, place, drawn, answer, decision)


def _in_words(
    service: Service,
    verdict: Verdict,
    site: Client,
    supplies: Mapping[str, Supply],
    reads: Sequence[str],
) -> Verdict:
    """In the client's language; else in the first of the site's that patient or call asks for."""
    offered = service.config.cards.languages
    language = offered[0]
    if len(offered) > 1:
        person = next(iter(supplies[PATIENT].resources), {})
        language = chosen((site.language, preferred(person), *reads), offered)
    translator = service.translators.translator(verdict.pack, language)
    return verdict if translator is None else verdict_in(verdict, translator)


async def _answered(service: Service, call: Call, asked: Asked) -> Stored | None:
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
        text = "was used before, for another request."
        if found.why == "erased":
            text = "was used before; what was answered has been erased."
        hint = "Each call needs a new hookInstance."
        raise RequestError(409, "body.hookInstance", text, hint, code="conflict")
    return found


def _visit(
    service: Service,
    asked: Asked,
    site: Client,
    given: tuple[Mapping[str, Supply], tuple[str, ...]],
) -> Visit:
    """What was given, and under which keys data of another patient were left out."""
    supplies, foreign = given
    base = site.fhir_base or None
    orders = orders_of(asked.context)
    own = orders.listed
    if own:
        own = tuple([one for one in own if is_about(one, asked.context.patient_id, base)])
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
        bases=tuple([one for one in (site.fhir_base, asked.request.fhir_server) if one]),
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
        outcome_issue(
            "incomplete",
            f"body.prefetch.{one.key}",
            f"is needed, and {one.why}.",
            base=service.base,
        )
        for one in incomplete(supplies)
    ]
    names = ",".join(one.key for one in incomplete(supplies))
    return Reply(
        412, outcome(issues), FHIR_JSON, facts={**facts, "issue": "incomplete", "keys": names}
    )


async def _kept(service: Service, call: Call, told: _Told) -> Stored | NotRecorded | None:
    """The decision in the log; None when there is no log, or it waits in the spool."""
    if service.ledger is None or told.decision is None:
        return None
    kept = await service.ledger.append(
        told.decision, must_answer=told.drawn.critical, patience=call.patience
    )
    if isinstance(kept, NotRecorded):
        return kept
    return _unless_conflict(kept) if isinstance(kept, Stored | Conflict) else None
