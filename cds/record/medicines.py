"""Active medicines: matched by ingredient code, ATC prefix, or an ingredient as a whole word."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from cds.core.account import MEDICINE, Missing, Unheard
from cds.core.model import Evidence
from cds.record.hearing import Hearing
from cds.record.nothing import NothingSaid, said_nothing
from cds.record.over import ended, is_on_hold, medicine_in_force, status_of
from cds.record.rules import Medicine, RecordRules
from cds.record.shapes import Codings, as_list, as_object, codings_of, tail_of, text_at
from cds.record.words import clean, on_date

Concepts = list[object]
# FHIR's statuses of what was not handed out, or not given.
_NOT_SUPPLIED = frozenset({"cancelled", "entered-in-error", "declined", "not-done", "preparation"})
_SUPPLY_LASTS = timedelta(days=90)  # the usual pack of a medicine that is taken daily (engineering)


class Linked(NamedTuple):
    """The Medication that an order refers to: its name, if it is here, and what it says it is.

    `lost`: it refers to one that is not here.
    """

    name: str | None = None
    concepts: Concepts = []  # noqa: RUF012 - never changed
    lost: bool = False


_NO_LINK = Linked()


class _Named(NamedTuple):
    """What an entry calls its medicine."""

    codings: Codings
    texts: list[str]

    @property
    def name(self) -> str | None:
        """Its name in words."""
        return clean(self.texts[0]) if self.texts else None

    @property
    def shown(self) -> str | None:
        """Its name; of a mere code, the code."""
        code = self.codings[0][1] if self.codings else None
        return self.name or (f"code {clean(code)}" if code else None)

    @property
    def called(self) -> str:
        """The same, or that it has no name."""
        return self.shown or "a medicine without a name"


def concepts_of(medication: Mapping[str, Any]) -> Concepts:
    """What a Medication resource says that it is: its code, and its ingredients."""
    found: Concepts = [medication.get("code")]
    for one in as_list(medication.get("ingredient")):
        ingredient = as_object(one)
        found.append(ingredient.get("itemCodeableConcept"))
        found.append({"text": as_object(ingredient.get("itemReference")).get("display")})
        item = as_object(ingredient.get("item"))  # R5
        found += [item.get("concept"), {"text": as_object(item.get("reference")).get("display")}]
    return found


def reference_of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reference to its Medication, as R4 and R5 write it."""
    own = resource.get("medicationReference")
    return as_object(as_object(resource.get("medication")).get("reference") if own is None else own)


def linked_in(
    resource: Mapping[str, Any], medications: Mapping[str, tuple[str, Concepts]]
) -> Linked:
    """The Medication that an order refers to: contained, by its id, or by its fullUrl."""
    reference = text_at(reference_of(resource), "reference")
    if reference is None:
        return _NO_LINK
    if reference.startswith("#"):
        inside = (one for one in as_list(resource.get("contained")) if isinstance(one, dict))
        named = (one for one in inside if one.get("id") == reference[1:])
        found = next((one for one in named if one.get("resourceType") == "Medication"), None)
        return Linked(lost=True) if found is None else Linked(None, concepts_of(found))
    plain = reference.split("/_history/")[0]
    known = medications.get(plain) or medications.get(tail_of(plain))
    return Linked(lost=True) if known is None else Linked(*known)


def hear_medicine(
    resource: Mapping[str, Any], record: str, linked: Linked, hearing: Hearing
) -> None:
    """Tell which classes a medicine belongs to, if it is in force."""
    rules, now, out = hearing.rules, hearing.now, hearing.out
    if not medicine_in_force(resource, rules, now):
        if is_on_hold(resource, now):
            _hear_held(resource, record, _named(resource, linked), hearing)
        return
    named = _named(resource, linked)
    date = _date(resource)
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        _not_heard(named, "modifier", _Entry(record, date), hearing)
        return
    entry = _Entry(record, date, _mark(resource, rules))
    if _match_all(named, entry, hearing):  # whatever else it says: it names a medicine
        if linked.name is not None:
            out.use(linked.name)
        return
    nothing = said_nothing(named.codings, named.texts, rules.no_medicines)
    if nothing is NothingSaid.NONE:
        text = f"The record says that no medicines are known ({on_date(date)})."
        out.note("no-medicines", record, text)
        return
    if nothing is NothingSaid.NO_INFORMATION:
        gap = Missing("medicines", "the record says that it has no information", (MEDICINE,))
        out.missing(gap, rules.kinds[MEDICINE], rules.labs.unusable_floor)
        return
    _not_recognised(named, entry, hearing, lost=linked.lost and not named.texts)


def _hear_held(resource: Mapping[str, Any], record: str, named: "_Named", hearing: Hearing) -> None:
    """A listed medicine is held back for the time being: it makes no fact, and is told."""
    if _is_listed(named, hearing.rules):
        date = on_date(_date(resource))
        hearing.out.not_heard(Unheard(record, MEDICINE, named.called, "on-hold", date=date))


def hear_supply(resource: Mapping[str, Any], record: str, linked: Linked, hearing: Hearing) -> None:
    """A medicine was handed out or given: that it is taken nobody says, so it is only told."""
    if text_at(resource, "status") in _NOT_SUPPLIED:
        return
    period = as_object(resource.get("effectivePeriod")).get("end")
    keys = ("whenHandedOver", "whenPrepared", "effectiveDateTime", "occurenceDateTime")
    date = next((one for one in (*map(resource.get, keys), period) if isinstance(one, str)), None)
    if ended(date, hearing.now - _SUPPLY_LASTS):
        return
    named = _named(resource, linked)
    if named.shown is None or _is_listed(named, hearing.rules):
        on = on_date(None if date is None else clean(date))
        unheard = Unheard(record, MEDICINE, named.called, "supply-only", date=on)
        hearing.out.not_heard(unheard)


def _is_listed(named: _Named, rules: RecordRules) -> bool:
    """Whether it is of one of the listed classes."""
    said, codes = "\n".join(named.texts).casefold(), _codes_in(named.codings, rules)
    return any(_match(codes, said, medicine) for medicine in rules.medicines)


class _Entry(NamedTuple):
    record: str
    date: str | None
    mark: str | None = None


def _match_all(named: _Named, entry: _Entry, hearing: Hearing) -> bool:
    """Whether it is of one of the listed classes; it may be of several."""
    said = "\n".join(named.texts).casefold()  # no name goes over the end of a line
    codes = _codes_in(named.codings, hearing.rules)
    matched = False
    for medicine in hearing.rules.medicines:
        how = _match(codes, said, medicine)
        if how is not None:
            matched = True
            evidence = Evidence(entry.record, named.shown, None, entry.date, how, entry.mark)
            hearing.out.present(medicine.fact, evidence)
    return matched


def _not_recognised(named: _Named, entry: _Entry, hearing: Hearing, *, lost: bool) -> None:
    shown = named.shown
    what = f"The active medicine {shown!r}" if shown else "An active medicine without a name"
    date = on_date(entry.date)
    text = f"{what} ({date}) was not recognised: it is in none of the listed classes."
    hearing.out.note("unrecognised-medicine", entry.record, text)
    why = "not-found" if lost else "unknown-code" if shown else "unreadable"
    _not_heard(named, why, entry, hearing)


def _not_heard(named: _Named, why: str, entry: _Entry, hearing: Hearing) -> None:
    """A medicine of none of the listed classes; what has no name could be any medicine."""
    rules = hearing.rules
    facts = rules.kinds[MEDICINE] if why != "unknown-code" or named.name is None else ()
    date = on_date(entry.date)
    unheard = Unheard(entry.record, MEDICINE, named.called, why, date=date, facts=facts)
    hearing.out.not_heard(unheard, rules.labs.unusable_floor)


class _Codes(NamedTuple):
    """The codes of a medicine: of ingredients, of substances, of classes."""

    rxnorm: list[str]
    snomed: list[str]
    atc: list[str]


def _codes_in(codings: Codings, rules: RecordRules) -> _Codes:
    return _Codes(
        [code for system, code, _ in codings if system in rules.rxnorm],
        [code for system, code, _ in codings if system in rules.snomed],
        [code.upper() for system, code, _ in codings if system in rules.atc],
    )


def _match(codes: _Codes, said: str, medicine: Medicine) -> str | None:
    rxnorm, snomed, atc = codes
    if not (medicine.codes.isdisjoint(rxnorm) and medicine.substances.isdisjoint(snomed)):
        return "code"
    if atc and any(code.startswith(medicine.prefixes) for code in atc):
        return "atc"
    return "text" if medicine.names.search(said) else None


def name_in(said: str, codings: Codings, medicine: Medicine, rules: RecordRules) -> str | None:
    """By which name a medicine of this class stands in words in lower case, or among codes."""
    found = medicine.names.search(said)
    if found is not None:
        return found[0]
    listed = (one for one in codings if _match(_codes_in([one], rules), "", medicine) is not None)
    return next((display or medicine.display for _, _, display in listed), None)


def _named(resource: Mapping[str, Any], linked: Linked) -> _Named:
    """All codings; and the text of each concept, followed by the displays of its codings."""
    reference = reference_of(resource)
    concepts = [
        resource.get("medicationCodeableConcept"),
        as_object(resource.get("medication")).get("concept"),
        *linked.concepts,
    ]
    codings: Codings = []
    texts: list[str] = []
    for concept in concepts:
        if not isinstance(concept, dict):
            continue
        own, text = codings_of(concept), text_at(concept, "text")
        codings += own
        if text is not None:
            texts.append(text)
        texts += [display for _, _, display in own if display is not None]
    called = text_at(reference, "display")
    return _Named(codings, texts if called is None else [*texts, called])


def _mark(resource: Mapping[str, Any], rules: RecordRules) -> str | None:
    status = status_of(resource)
    return None if status in rules.medicine_active else f"status {clean(status or 'missing')}"


def _date(resource: Mapping[str, Any]) -> str | None:
    for key in ("authoredOn", "dateWritten", "effectiveDateTime"):
        date = resource.get(key)
        if isinstance(date, str):
            return clean(date)
    date = as_object(resource.get("effectivePeriod")).get("start")
    if not isinstance(date, str):
        date = resource.get("dateAsserted")
    return clean(date) if isinstance(date, str) else None
