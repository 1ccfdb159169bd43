"""Resources of other kinds that name what the pack asks for: told by name, and never read.

An order for dialysis, a warning of low potassium, a letter that says *critical*: nothing of it
makes a fact, and none of it passes in silence. What a heard entry shows already is not told again.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from cds.core.account import OTHER, RESULT, Unheard
from cds.record.answered import affirmed_in, is_own
from cds.record.category import laboratory
from cds.record.hearing import Hearing
from cds.record.history import Meanings
from cds.record.matters import PLAIN_KEYS, is_another_matter
from cds.record.naming import Names, Naming
from cds.record.over import ended
from cds.record.remarks import denies
from cds.record.said import OVER, concept_named, drawn_by_hand, holds_fhir, said_in
from cds.record.shapes import as_many, as_object, codings_of, text_at, texts_of
from cds.record.words import clean, on_date
from cds.wire import JsonObject

# What is planned or arranged: done is over, and naming a test says nothing of its value.
_PLANS = frozenset(
    {
        *("ServiceRequest", "ProcedureRequest", "ReferralRequest", "DiagnosticOrder", "CarePlan"),
        *("DeviceRequest", "DeviceUseRequest", "NutritionOrder", "EpisodeOfCare", "Encounter"),
        *("Appointment", "AppointmentResponse", "Task", "Goal", "RequestGroup", "Order"),
        *("RequestOrchestration", "SupplyRequest", "SupplyDelivery", "VisionPrescription"),
    }
)
_DONE = frozenset(
    {"completed", "finished", "fulfilled", "discharged", "resolved", "failed", "booked-out"}
)
# What is told once, on a day, and says less with every day.
_TOLD_ONCE = frozenset(
    {
        *("Communication", "CommunicationRequest", "ClinicalImpression", "Composition", "Media"),
        *("DocumentReference", "DocumentManifest", "DetectedIssue", "AdverseEvent"),
        *("ImagingStudy", "QuestionnaireResponse"),
    }
)
_DOCUMENTS = frozenset({"DocumentReference", "Composition"})
LASTS = timedelta(days=365)  # of a letter that names a condition or a medicine (engineering)
_DATES = (
    *("effectiveDateTime", "identifiedDateTime", "sent", "received", "date", "authored"),
    *("authoredOn", "created", "createdDateTime", "issued", "started", "recordedDate", "indexed"),
    *("performedDateTime", "occurrenceDateTime", "assertedDate", "dateWritten", "dateAsserted"),
)
_PERIODS = (
    *("period", "effectivePeriod", "occurrencePeriod", "identifiedPeriod", "performedPeriod"),
)
_FINDINGS = ("code", "valueCodeableConcept", "valueString")
_WORD = re.compile(r"\w+")
_SEVERE = "high"  # FHIR: may be life-threatening, or leave permanent harm


class _Mention(NamedTuple):
    """What a resource names: tests, and entries of the history, each with their facts."""

    record: str
    what: str
    text: str | None
    date: str | None
    tests: Names
    history: Names
    critical: bool


class Elsewhere:
    """What the resources of other kinds name."""

    def __init__(self, conditions: Meanings, procedures: Meanings, hearing: Hearing) -> None:
        """Nothing is named yet."""
        self._hearing = hearing
        self._naming = Naming(conditions, procedures, hearing.rules)
        self._mentions: list[_Mention] = []

    def take(self, resource: JsonObject, record: str) -> None:
        """Keep what a resource names, if it is of a kind that says something of the patient."""
        kind = resource["resourceType"]
        if is_another_matter(kind) or self._is_over(resource, kind):
            return
        date = _date_of(resource)
        if kind in _TOLD_ONCE and ended(date, self._hearing.now - LASTS):
            return
        if holds_fhir(resource):
            self._hear_data(resource, record, date)
        elif kind != "QuestionnaireResponse":
            self._take_words(resource, record, date)
        elif not is_own(resource, self._hearing.rules.forms):
            self._take_words(affirmed_in(resource), record, date)

    def _take_words(self, resource: JsonObject, record: str, date: str | None) -> None:
        """Keep what a resource says in words and codes."""
        kind, said = resource["resourceType"], said_in(resource)
        history = self._naming.history(said)
        tests: Names = {}
        critical = False
        recent = self._hearing.rules.labs.recent
        if kind not in _TOLD_ONCE or not ended(date, self._hearing.now - recent):
            # A plan names what is to be measured; one that reads critical says what was.
            plan = kind in _PLANS and not said.critical
            tests = (self._naming.disorders if plan else self._naming.tests)(said)
            if not tests and self._is_laboratory(resource, kind):
                tests = {"laboratory": self._hearing.rules.kinds[RESULT]}
            severe = resource.get("severity") == _SEVERE
            critical = said.critical and bool(tests) if kind in _PLANS else said.critical or severe
        if critical or tests or history:
            what = _what(resource, (*tests, *history))
            text = concept_named(resource)
            shown = None if text is None else f'"{clean(text)}"'
            self._mentions.append(_Mention(record, what, shown, date, tests, history, critical))

    def take_beside(self, entry: JsonObject, record: str, lasts: timedelta | None = None) -> None:
        """Keep what stands beside what is read of an entry in force: notes, reasons, evidence.

        `lasts`: for how long it says something of today; None: for as long as the entry counts.
        """
        date, now = _date_of(entry), self._hearing.now
        if lasts is not None and ended(date, now - lasts):
            return
        said = said_in(
            {**{key: entry[key] for key in entry.keys() - PLAIN_KEYS}, "text": drawn_by_hand(entry)}
        )
        recent = not ended(date, now - self._hearing.rules.labs.recent)
        tests = (self._naming.tests if recent else self._naming.disorders)(said)
        history, critical = self._naming.history(said), recent and said.critical
        if critical or tests or history:
            what = _what(entry, (*tests, *history))
            self._mentions.append(_Mention(record, what, None, date, tests, history, critical))

    def take_finding(self, observation: JsonObject, record: str) -> None:
        """Keep the condition or procedure that an observation names in words or codes, if it may.

        What says no, was measured, or is of long ago does not.
        """
        rules = self._hearing.rules
        if text_at(observation, "status") in rules.labs.never or denies(observation):
            return
        date = _date_of(observation)
        if ended(date, self._hearing.now - LASTS):
            return
        known = codings_of(observation.get("code"))
        if any(code in rules.statuses or code in rules.analytes for _, code, _ in known):
            return
        said = said_in({key: observation[key] for key in _FINDINGS if key in observation})
        tests = self._naming.disorders(said)
        history = self._naming.history(said)
        if tests or history:
            what = _what({**observation, "code": None}, (*tests, *history))
            mention = _Mention(record, what, None, date, tests, history, critical=False)
            self._mentions.append(mention)

    def _hear_data(self, resource: JsonObject, record: str, date: str | None) -> None:
        """A resource as data, which could be any and is not read."""
        rules = self._hearing.rules
        facts = tuple(dict.fromkeys(fact for every in rules.kinds.values() for fact in every))
        what = f"{resource['resourceType']}: FHIR"
        unheard = Unheard(record, OTHER, what, "other-kind", None, on_date(date), facts=facts)
        self._hearing.out.not_heard(unheard, rules.labs.unusable_floor)

    def _is_over(self, resource: Mapping[str, Any], kind: str) -> bool:
        """Whether it is over, withdrawn, or an order to leave something out."""
        status = text_at(resource, "status") or text_at(resource, "lifecycleStatus")
        if status in OVER or (status in _DONE and kind in _PLANS):
            return True
        if resource.get("doNotPerform") is True or _is_about_an_assessment(resource):
            return True
        ends = (as_object(resource.get(key)).get("end") for key in _PERIODS)
        return kind not in _TOLD_ONCE and any(ended(end, self._hearing.now) for end in ends)

    def _is_laboratory(self, resource: JsonObject, kind: str) -> bool:
        """Whether a document says that it is a laboratory's, without entries that speak for it."""
        if kind not in _DOCUMENTS or any(
            as_object(one).get("entry") for one in as_many(resource.get("section"))
        ):
            return False
        said = [*as_many(resource.get("type")), *as_many(resource.get("category"))]
        words = (word for one in said for text in texts_of(one) for word in _WORD.findall(text))
        named = {word.casefold() for word in words} & self._hearing.rules.labs.categories
        coded = bool(said) and laboratory({"category": said}, self._hearing.rules) is True
        return bool(named) or coded

    def tell(self) -> None:
        """Tell what no heard entry shows already; a critical word is always told."""
        out, rules = self._hearing.out, self._hearing.rules
        for one in self._mentions:
            tests = {
                name: facts
                for name, facts in one.tests.items()
                if one.critical or not any(map(out.is_settled, facts))
            }
            history = {
                name: facts
                for name, facts in one.history.items()
                if not all(map(out.is_present, facts))
            }
            if not (tests or history or one.critical):
                out.replace((one.record,))
                continue
            facts = tuple(dict.fromkeys(_facts_in(tests, history)))
            unheard = Unheard(
                one.record,
                OTHER,
                one.what,
                "other-kind",
                one.text,
                on_date(one.date),
                one.critical,
                facts,
            )
            out.not_heard(unheard, rules.labs.unusable_floor)


def _what(resource: JsonObject, names: tuple[str, ...]) -> str:
    """How it is called: its type, and what it names, by the names that are known here."""
    displays = (display for _, _, display in codings_of(resource.get("code")))
    named = ", ".join(dict.fromkeys(names)) or next(filter(None, displays), "")
    kind: str = resource["resourceType"]
    return clean(f"{kind}: {named}" if named else kind)


def _facts_in(*named: Names) -> Iterator[str]:
    for names in named:
        for facts in names.values():
            yield from facts


def _is_about_an_assessment(request: Mapping[str, Any]) -> bool:
    """Whether a message tells of a RiskAssessment, such as ours, and of nothing new."""
    return request["resourceType"] == "CommunicationRequest" and any(
        "RiskAssessment" in (text_at(as_object(one), "reference") or "")
        for key in ("about", "basedOn")
        for one in as_many(request.get(key))
    )


def _date_of(resource: Mapping[str, Any]) -> str | None:
    periods = (as_object(resource.get(key)) for key in _PERIODS)
    spans = (one.get("end") or one.get("start") for one in periods)
    written = (*(resource.get(key) for key in _DATES), *spans)
    return next((clean(one) for one in written if isinstance(one, str)), None)
