"""Lists and sections of documents: what they say is here, and why it may not be."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cds.core.account import CONDITION, MEDICINE, OTHER, PROCEDURE, RESULT, Missing, Unheard
from cds.record.hearing import Hearing
from cds.record.over import ended
from cds.record.said import OVER
from cds.record.shapes import as_many, as_object, codings_of, tail_of, text_at, texts_of
from cds.record.words import clean, on_date
from cds.wire import JsonObject

# What is read of what a list may hold.
KIND_OF: Mapping[str, str] = {
    "Observation": RESULT,
    "DiagnosticReport": RESULT,
    "Condition": CONDITION,
    "Procedure": PROCEDURE,
    "MedicationRequest": MEDICINE,
    "MedicationStatement": MEDICINE,
    "MedicationOrder": MEDICINE,
    "MedicationUsage": MEDICINE,
}
# FHIR's reasons for an empty list that do not say that there is nothing.
_NOT_SAID = {
    "notasked": "nobody asked",
    "withheld": "it was withheld",
    "unavailable": "it could not be had",
    "notstarted": "it was not begun",
}


# Sections that hold nothing that is asked for: LOINC's allergies, immunizations and devices, as the
# International Patient Summary has them (hl7.fhir.uv.ips 2.0.0, its Composition).
_OTHER_SECTIONS = frozenset({"48765-2", "11369-6", "46264-8"})


class Listed(NamedTuple):
    """What a list refers to: by which references, of which kind; its date."""

    record: str
    what: str
    kind: str
    references: tuple[str, ...]
    date: Any


def listed_in(resource: JsonObject, record: str) -> Iterator[Listed]:
    """What a List or a Composition refers to, each kind apart."""
    if text_at(resource, "status") in OVER:
        return
    for part, references in _parts(resource):
        by_kind: dict[str, list[str]] = {}
        for reference in references:
            kind = KIND_OF.get(reference.split("/_history/")[0].rpartition("/")[0].split("/")[-1])
            if kind is None and reference.startswith("urn:"):
                kind = OTHER
            if kind is not None:
                by_kind.setdefault(kind, []).append(reference)
        for kind, found in by_kind.items():
            yield Listed(record, _called(part, resource), kind, tuple(found), resource.get("date"))


def gaps_of(resource: JsonObject) -> Iterator[Missing]:
    """What a list or a section leaves out, and why; one that is withdrawn leaves out nothing."""
    if text_at(resource, "status") in OVER:
        return
    for part, _ in _parts(resource):
        if any(code in _OTHER_SECTIONS for _, code, _ in codings_of(part.get("code"))):
            continue
        for _, code, _ in codings_of(part.get("emptyReason")):
            if code in _NOT_SAID:
                yield Missing(_called(part, resource), _NOT_SAID[code])


def _parts(resource: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    """The list itself, or each section; with the references that it holds."""
    if resource.get("resourceType") == "List":
        entries = (as_object(one) for one in as_many(resource.get("entry")))
        items = (one.get("item") for one in entries if one.get("deleted") is not True)
        yield resource, _references(items)
        return
    for one in as_many(resource.get("section")):
        section = as_object(one)
        yield section, _references(as_many(section.get("entry")))
        yield from _parts(section)


def _references(items: Any) -> list[str]:
    found = (text_at(as_object(one), "reference") for one in items)
    return [one for one in found if one is not None and not one.startswith("#")]


def _called(part: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """What a list or a section is called."""
    said = (text_at(part, "title"), *texts_of(part.get("code")), text_at(whole, "title"))
    return clean(next((one for one in said if one), "a list"))


def tell_lost(lists: Iterable[Listed], here: frozenset[str], hearing: Hearing) -> None:
    """Tell which lists refer to what was not handed in; `here` are all names that are."""
    rules = hearing.rules
    for one in lists:
        if one.kind == RESULT and ended(one.date, hearing.now - rules.labs.recent):
            continue
        if not all(each in here or tail_of(each) in here for each in one.references):
            facts = rules.kinds.get(one.kind, ())
            on = on_date(one.date if isinstance(one.date, str) else None)
            lost = Unheard(one.record, one.kind, one.what, "not-found", date=on, facts=facts)
            hearing.out.not_heard(lost, rules.labs.unusable_floor)
