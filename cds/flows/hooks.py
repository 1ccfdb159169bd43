"""What one visit to a record calls for: which response counts, what it says, what the orders touch.

The cards are drawn from a `Verdict`; nothing here knows HTTP.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cds.core.model import NOTHING, Facts, Presence
from cds.core.pack import Form, Pack
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.wire import JsonObject

FINISHED = frozenset(("completed", "amended"))
ENTERED_IN_ERROR = "entered-in-error"
# How many unfinished responses are looked at behind the newest: a bound, not a medical choice.
MOST_RESPONSES = 5
# The name, in `Visit.missing`, of what tells whether a patient without a response has the problem.
CONDITIONS = "conditions"


class Visit(NamedTuple):
    """What an EHR told. `responses` is None when they could not be had.

    `missing`: what could not be had, by its name, with the reason; nothing follows from its
    silence.
    """

    patient: str
    now: datetime
    responses: Sequence[JsonObject] | None
    record: Sequence[JsonObject]
    missing: Mapping[str, str] = NOTHING
    orders: Sequence[JsonObject] = ()
    user: str | None = None
    encounter: str | None = None


class Verdict(NamedTuple):
    """What there is to say. `assessed` is None when there was nothing to assess.

    `concerned`: the patient has the problem, by a response or by the record; None if unknown.
    `orders`: the orders, as their text says, that the pack asks to look at.
    """

    pack: Pack
    visit: Visit
    assessed: Assessed | None
    response: JsonObject | None
    concerned: bool | None
    orders: tuple[str, ...] = ()


def consider(pack: Pack, assessor: Assessor, visit: Visit) -> Verdict:
    """Assess the response that counts; without one, what the record alone shows of this problem.

    Raises:
        ResponseError: a response of this pack that cannot be assessed at all.
    """
    assessed: Assessed | None = None
    response: JsonObject | None = None
    for candidate in candidates_of(pack, visit.responses or ()):
        one = _assessed(assessor, candidate, visit)
        if assessed is None or one.level.rank > assessed.level.rank:
            assessed, response = one, candidate
    concerned: bool | None = True
    if assessed is None:
        facts = assessor.facts(
            pack, visit.record, now=visit.now, subject=f"Patient/{visit.patient}"
        )
        concerned = _present(facts, pack.cards.facts)
        if concerned:
            alone = _assessed(assessor, nothing_asked(pack.full, visit.patient), visit)
            if any(finding.level.alert for finding in alone.findings):
                assessed = alone
        if not concerned and (visit.responses is None or CONDITIONS in visit.missing):
            concerned = None
    orders = _orders(pack, assessor, visit, pack.cards.orders) if concerned else ()
    return Verdict(pack, visit, assessed, response, concerned, orders)


def candidates_of(pack: Pack, responses: Iterable[JsonObject]) -> list[JsonObject]:
    """The responses to assess: the newest, and if it is not finished, back to the newest that is.

    One without a usable date may be the newest, so it is looked at as well. What was entered in
    error says nothing.
    """
    ours = [one for one in responses if belongs(pack, one) and _status(one) != ENTERED_IN_ERROR]
    ours.sort(key=_authored, reverse=True)
    taken: list[JsonObject] = []
    for one in ours[:MOST_RESPONSES]:
        taken.append(one)
        if _status(one) in FINISHED and _authored(one) != UNDATED:
            break
    return taken


def belongs(pack: Pack, response: JsonObject) -> bool:
    """Is this a response to one of the pack's forms? Without a canonical, its linkIds decide."""
    if response.get("resourceType") != "QuestionnaireResponse":
        return False
    canonical = response.get("questionnaire")
    if canonical is None:
        asked = {item.get("linkId") for item in pack.full.raw.get("item", ())}
        items = response.get("item")
        given = items if isinstance(items, list) else []
        return any(isinstance(item, dict) and _text(item.get("linkId")) in asked for item in given)
    return str(canonical).partition("|")[0] in {form.url for form in pack.forms}


def nothing_asked(form: Form, patient: str) -> JsonObject:
    """A response without an answer: what the record says when nobody has asked yet."""
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form.url}|{form.version}",
        "status": "in-progress",
        "subject": {"reference": f"Patient/{patient}"},
    }


UNDATED = datetime.max.replace(tzinfo=UTC)


def _authored(response: JsonObject) -> datetime:
    """The time of a response, as one that can be compared; without a usable one, the latest."""
    text = _text(response.get("authored"))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return UNDATED
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_finished(response: JsonObject) -> bool:
    """Whether its status says that nothing more will be answered."""
    return _status(response) in FINISHED


def _status(response: JsonObject) -> str:
    return _text(response.get("status"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _assessed(assessor: Assessor, response: JsonObject, visit: Visit) -> Assessed:
    """The decision. Whose it is, the context says where the response does not."""
    return assessor.assess(
        response,
        now=visit.now,
        record=visit.record,
        subject=None if response.get("subject") else f"Patient/{visit.patient}",
        user={"reference": visit.user} if visit.user else None,
        draft=True,
    )


def _present(facts: Facts, wanted: Iterable[str]) -> bool:
    found = (facts.facts.get(one) for one in wanted)
    return any(fact is not None and fact.presence is Presence.PRESENT for fact in found)


def _orders(pack: Pack, assessor: Assessor, visit: Visit, wanted: Sequence[str]) -> tuple[str, ...]:
    """The orders being written that one of the wanted facts would rest on, were they active."""
    found: list[str] = []
    subject = f"Patient/{visit.patient}"
    for order in visit.orders:
        active = {**order, "status": "active", "subject": {"reference": subject}}
        active.setdefault("intent", "order")
        facts = assessor.facts(pack, [active], now=visit.now, subject=subject)
        if _present(facts, wanted):
            found.append(_order_text(order))
    return tuple(dict.fromkeys(found))


def _order_text(order: JsonObject) -> str:
    concept = order.get("medicationCodeableConcept")
    if not isinstance(concept, dict):
        return ""
    codings = concept.get("coding")
    listed = codings if isinstance(codings, list) else ()
    displays = [one.get("display") for one in listed if isinstance(one, dict)]
    return next((text for text in (concept.get("text"), *displays) if isinstance(text, str)), "")
