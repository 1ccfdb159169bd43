"""What one visit to a record calls for: which responses count, what they say, what orders touch.

The cards are drawn from a `Verdict`; nothing here knows HTTP.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cds.core.account import MEDICINE, OTHER, Missing, Unheard
from cds.core.fields import of_fields
from cds.core.model import NOTHING, Deviation, Facts, Presence
from cds.core.pack import Pack
from cds.core.remember import remember
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.by_name import FormNames, WhoseForm
from cds.flows.deciding.incoming import Incoming
from cds.flows.deciding.orders import (
    activated,
    is_coded,
    medication_of,
    medications_in,
    order_text,
)
from cds.flows.deciding.record import OneRecord
from cds.flows.deciding.translator import Translator
from cds.flows.deciding.which_response import (
    Assess,
    Counting,
    Judged,
    assess_counting,
    usable,
)
from cds.wire import JsonObject

__all__ = ["Judged", "Verdict", "Visit", "consider", "verdict_in"]


class Visit(NamedTuple):
    """What an EHR told. `responses` is None when they could not be had.

    `unread`: why they could not, or not all of them; `searchable`: whether this EHR can be asked
    for them at all. `missing`: what of the record could not be had, nothing follows from its
    silence. `concern`: whether what tells if the patient has the problem was had. `foreign`: where
    data of another patient were sent, which are not among these. `medications`: those that the
    orders may refer to, by name. `bases` and `forms`: the addresses
    of the EHR, and its own names of our forms. `valid_hours`: the site's own window for answers.
    """

    patient: str
    now: datetime
    responses: Sequence[JsonObject] | None
    record: Sequence[JsonObject]
    unread: str = ""
    searchable: bool = True
    missing: Sequence[Missing] = ()
    concern: bool = True
    foreign: Sequence[str] = ()
    orders: Sequence[JsonObject] = ()
    medications: Mapping[str, JsonObject] = NOTHING
    user: str | None = None
    encounter: str | None = None
    bases: Sequence[str] = ()
    forms: Mapping[str, str] = NOTHING
    valid_hours: int | None = None


class Verdict(NamedTuple):
    """What there is to say. `assessed` is None when there was nothing to assess.

    `concerned`: the patient has the problem, by a response or by the record; None if unknown.
    `read`: what the record was read beside, if only beside no answer. `orders`: the orders, as
    their text says, that the pack asks to look at; `unread`: those that could not be read.
    `unclear`: how many responses may be ours.
    """

    pack: Pack
    visit: Visit
    assessed: Assessed | None
    response: JsonObject | None
    concerned: bool | None
    read: Assessed
    orders: tuple[str, ...] = ()
    unread: tuple[Unheard, ...] = ()
    counted: Counting = Counting()
    unclear: int = 0

    @property
    def asked(self) -> bool:
        """Whether there is any response to our form, be it old or unreadable."""
        counted = self.counted
        return bool(counted.shown or counted.old or counted.unreadable)

    @property
    def valid_hours(self) -> int | None:
        """How long answers say something of now; None: always."""
        return self.visit.valid_hours or self.pack.answers_valid_hours


def verdict_in(verdict: Verdict, translator: Translator) -> Verdict:
    """The verdict as it is told in another language."""
    if translator.same:
        return verdict
    tell, counted = translator.assessed, verdict.counted

    def told(judged: Judged | None) -> Judged | None:
        return None if judged is None else judged._replace(assessed=tell(judged.assessed))

    return verdict._replace(
        pack=translator.pack,
        assessed=None if verdict.assessed is None else tell(verdict.assessed),
        read=tell(verdict.read),
        counted=counted._replace(
            shown=told(counted.shown), old=told(counted.old), closed=told(counted.closed)
        ),
    )


def consider(pack: Pack, assessor: Assessor, visit: Visit) -> Verdict:
    """Assess the responses that count; without one, what the record alone shows of this problem."""
    record = OneRecord(visit.record, visit.missing)
    about = f"Patient/{visit.patient}"

    ours, unclear = _ours(pack, assessor, visit)
    hours = visit.valid_hours or pack.answers_valid_hours
    valid = timedelta(hours=hours) if hours else None
    listed = [(response, _assessing(assessor, visit, readable)) for response, readable in ours]
    counted = assess_counting(listed, record, visit.now, valid)
    shown = counted.shown
    read = (
        shown.assessed if shown else assessor.of_record(pack, record, now=visit.now, subject=about)
    )
    account = _deviating(read, pack, visit)
    told = shown is not None or any(finding.level.alert for finding in account.findings)
    concerned = _concerned(pack, visit, account, asked=bool(ours))
    orders, unread = _orders(pack, assessor, visit) if concerned and visit.orders else ((), ())
    assessed, response = account if told else None, shown.response if shown else None
    said = (pack, visit, assessed, response, concerned, account, orders, unread, counted, unclear)
    return of_fields(Verdict, said)


def _assessing(assessor: Assessor, visit: Visit, response: JsonObject) -> Assess:
    """How this response is assessed: read once, whatever it is assessed beside."""
    read: Incoming | None = None

    def assess(beside: OneRecord | None) -> Assessed:
        nonlocal read
        read = read or assessor.read(response)
        return assessor.assess(
            read,
            now=visit.now,
            record=beside,
            # Whose it is, the context says where the response does not.
            subject=None if response.get("subject") else f"Patient/{visit.patient}",
            user={"reference": visit.user} if visit.user else None,
            draft=True,
        )

    return assess


def _deviating(assessed: Assessed, pack: Pack, visit: Visit) -> Assessed:
    """The decision with the site's own window for answers, which stands in every output of it."""
    hours, usual = visit.valid_hours, pack.answers_valid_hours
    if hours is None or hours == usual:
        return assessed
    text = f"This site acts on answers for {hours} hours; the pack says {usual or 'always'}."
    deviation = Deviation("answers_valid_hours", hours, (), (), text)
    assessment = assessed.assessment
    deviations = (*assessment.deviations, deviation)
    return assessed._replace(assessment=assessment._replace(deviations=deviations))


def _ours(
    pack: Pack, assessor: Assessor, visit: Visit
) -> tuple[list[tuple[JsonObject, JsonObject]], int]:
    """The responses to our forms, each as it came and as it can be read; how many may be."""
    names = _names(pack, assessor, visit)
    found: list[tuple[JsonObject, JsonObject]] = []
    unclear = 0
    for response in visit.responses or ():
        if response.get("resourceType") == "QuestionnaireResponse" and usable(response):
            named = names.read(response)
            if named.whose is WhoseForm.OURS:
                found.append((response, named.response))
            unclear += named.whose is WhoseForm.UNCLEAR
    return found, unclear


# One for each pack and server: the addresses of a server do not change from call to call.
_known: dict[tuple[object, ...], FormNames] = {}
_MOST_KNOWN = 256


def _names(pack: Pack, assessor: Assessor, visit: Visit) -> FormNames:
    packs = tuple([one.hash for one in assessor.packs])
    key = (pack.hash, packs, tuple(visit.bases), tuple(visit.forms.items()))
    found = _known.get(key)
    if found is None:
        others = [form for one in assessor.packs if one.id != pack.id for form in one.forms]
        found = FormNames(pack, visit.bases, visit.forms, others)
        remember(_known, key, found, _MOST_KNOWN)
    return found


def _concerned(pack: Pack, visit: Visit, read: Assessed, *, asked: bool) -> bool | None:
    """Whether the patient has the problem; None where nothing that was had tells."""
    if asked or _present(read.facts, pack.cards.facts):
        return True
    return False if visit.concern else None


def _present(facts: Facts, wanted: Iterable[str]) -> bool:
    found = (facts.facts.get(one) for one in wanted)
    return any(fact is not None and fact.presence is Presence.PRESENT for fact in found)


_NO_ORDER = Unheard("draftOrders", OTHER, "an order without a resource", "unreadable")
# An order that is taken back where it stands orders nothing.
_WITHDRAWN = ("entered-in-error", "cancelled", "revoked", "stopped")  # a status may be any JSON


def _orders(
    pack: Pack, assessor: Assessor, visit: Visit
) -> tuple[tuple[str, ...], tuple[Unheard, ...]]:
    """The orders being written that one of the wanted facts would rest on, were they active.

    And those that could not be read: what they order could be such a medicine, or what they are
    for, such as dialysis, says something of the patient.
    """
    found: list[str] = []
    unread: list[Unheard] = []
    subject = f"Patient/{visit.patient}"
    known = dict(medications_in(visit.record)) | dict(visit.medications)
    for order in visit.orders:
        if order.get("status") in _WITHDRAWN:
            continue
        if not order:
            unread.append(_NO_ORDER)
            continue
        active = activated(order, subject)
        named = medication_of(order)
        medicine = known.get(named) if named else None
        if medicine is not None:
            # Beside the order it is found by the name that the order gives it.
            medicine = {**medicine, "resourceType": "Medication", "id": "ordered"}
            active["medicationReference"] = {"reference": "Medication/ordered"}
        record = [active] if medicine is None else [active, medicine]
        facts = assessor.facts(pack, record, now=visit.now, subject=subject)
        if _present(facts, pack.cards.orders):
            found.append(order_text(order, medicine))
        elif facts.account is not None:
            # An order for a medicine of none of the classes is read all the same, if it has a code.
            text = not is_coded(order, medicine)
            unread += [
                one
                for one in facts.account.unheard
                if one.facts or (text and one.kind == MEDICINE and one.why == "unknown-code")
            ]
    return tuple(dict.fromkeys(found)), tuple(unread)
