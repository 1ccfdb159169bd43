"""Active medicines: matched by ingredient code, ATC prefix, or an ingredient as a whole word."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.reading import as_list, as_object, codings_of, text_at
from cds.record.rules import Medicine, RecordRules
from cds.record.words import clean, on_date

Concepts = list[object]


def is_active(resource: Mapping[str, Any], rules: RecordRules) -> bool:
    """Whether it is a current order or statement, and not an order to leave something out."""
    if resource.get("doNotPerform") is True:
        return False
    if text_at(resource, "intent") in rules.medicine_not_intents:
        return False
    return text_at(resource, "status") in rules.medicine_active


def concepts_of(medication: Mapping[str, Any]) -> Concepts:
    """What a Medication resource says that it is: its code, and its ingredients."""
    found: Concepts = [medication.get("code")]
    for one in as_list(medication.get("ingredient")):
        found.append(as_object(one).get("itemCodeableConcept"))
        found.append({"text": as_object(as_object(one).get("itemReference")).get("display")})
    return found


def hear_medicine(
    resource: Mapping[str, Any], record: str, linked: Concepts, rules: RecordRules, out: Findings
) -> bool:
    """Tell `out` which classes this active medicine belongs to; true if it belongs to one.

    `linked` is what the Medication that it refers to says.
    """
    reference = as_object(resource.get("medicationReference"))
    concepts = [
        resource.get("medicationCodeableConcept"),
        *linked,
        {"text": reference.get("display")},
    ]
    name = next(_texts(concepts), None)
    date = _date(resource)
    matched = False
    for medicine in rules.medicines:
        how = _match(concepts, medicine, rules)
        if how is not None:
            matched = True
            shown = clean(name) if name else None
            out.present(medicine.fact, Evidence(record, shown, date=date, matched_by=how))
    if not matched:
        what = (
            f"The active medicine {clean(name)!r}" if name else "An active medicine without a name"
        )
        text = f"{what} ({on_date(date)}) was not recognised: it is in none of the listed classes."
        out.note("unrecognised-medicine", record, text)
    return matched


def _match(concepts: Concepts, medicine: Medicine, rules: RecordRules) -> str | None:
    codings = [coding for concept in concepts for coding in codings_of(concept)]
    if any(system in rules.rxnorm and code in medicine.codes for system, code, _ in codings):
        return "code"
    if any(
        system in rules.atc and code.startswith(medicine.prefixes) for system, code, _ in codings
    ):
        return "atc"
    if any(medicine.names.search(text.casefold()) for text in _texts(concepts)):
        return "text"
    return None


def _texts(concepts: Concepts) -> Iterator[str]:
    """The text of each concept, then the displays of its codings."""
    for concept in concepts:
        text = as_object(concept).get("text")
        if isinstance(text, str) and text:
            yield text
        for _, _, display in codings_of(concept):
            if isinstance(display, str) and display:
                yield display


def _date(resource: Mapping[str, Any]) -> str | None:
    period = as_object(resource.get("effectivePeriod")).get("start")
    for date in (
        resource.get("authoredOn"),
        resource.get("effectiveDateTime"),
        period,
        resource.get("dateAsserted"),
    ):
        if isinstance(date, str):
            return clean(date)
    return None
