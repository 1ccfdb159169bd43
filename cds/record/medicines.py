"""Active medicines: matched by ingredient code, ATC prefix, or an ingredient as a whole word."""

from collections.abc import Mapping
from typing import Any

from cds.core.account import MEDICINE, Unheard
from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.reading import Codings, as_list, as_object, codings_of, text_at
from cds.record.rules import Medicine, RecordRules
from cds.record.words import clean, on_date

Concepts = list[object]


def is_active(resource: Mapping[str, Any], rules: RecordRules) -> bool:
    """Whether it is a current order or statement, and not an order to leave something out."""
    if text_at(resource, "status") not in rules.medicine_active:
        return False
    if text_at(resource, "intent") in rules.medicine_not_intents:
        return False
    return resource.get("doNotPerform") is not True


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
    codings, texts = _said(concepts)
    said = "\n".join(texts).casefold()  # no name goes over the end of a line
    name = texts[0] if texts else None
    date = _date(resource)
    matched = False
    for medicine in rules.medicines:
        how = _match(codings, said, medicine, rules)
        if how is not None:
            matched = True
            shown = clean(name) if name else None
            out.present(medicine.fact, Evidence(record, shown, date=date, matched_by=how))
    if not matched:
        _not_recognised((codings, name), record, date, rules, out)
    return matched


def _not_recognised(
    said: tuple[Codings, str | None],
    record: str,
    date: str | None,
    rules: RecordRules,
    out: Findings,
) -> None:
    """An active medicine of none of the listed classes; a mere code could be any medicine."""
    codings, name = said
    code = codings[0][1] if codings else None
    shown = clean(name) if name else f"code {clean(code)}" if code else None
    what = f"The active medicine {shown!r}" if shown else "An active medicine without a name"
    text = f"{what} ({on_date(date)}) was not recognised: it is in none of the listed classes."
    out.note("unrecognised-medicine", record, text)
    facts = () if name else rules.kinds[MEDICINE]
    unheard = Unheard(
        record,
        MEDICINE,
        shown or "a medicine without a name",
        "unknown-code" if shown else "unreadable",
        date=on_date(date),
        facts=facts,
    )
    out.not_heard(unheard, rules.labs.unusable_floor)


def _match(codings: Codings, said: str, medicine: Medicine, rules: RecordRules) -> str | None:
    for system, code, _ in codings:
        if system in rules.rxnorm and code in medicine.codes:
            return "code"
        if system in rules.snomed and code in medicine.substances:
            return "code"
    for system, code, _ in codings:
        if system in rules.atc and code.startswith(medicine.prefixes):
            return "atc"
    return "text" if medicine.names.search(said) else None


def _said(concepts: Concepts) -> tuple[Codings, list[str]]:
    """All codings; and the text of each concept, followed by the displays of its codings."""
    codings: Codings = []
    texts: list[str] = []
    for concept in concepts:
        own, text = codings_of(concept), text_at(as_object(concept), "text")
        codings += own
        if text is not None:
            texts.append(text)
        texts += [display for _, _, display in own if display is not None]
    return codings, texts


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
