"""What an order that is being written orders: the medicine that it refers to, and its words."""

from collections.abc import Iterable, Iterator

from cds.wire import JsonObject


def medications_in(record: Iterable[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """The medicines of the record by name; an order may refer to one that is already there."""
    for one in record:
        if one.get("resourceType") == "Medication" and isinstance(one.get("id"), str):
            yield f"Medication/{one['id']}", one


def medication_of(order: JsonObject) -> str | None:
    """The Medication that an order refers to, as it is known beside it; not one inside it."""
    text = _link(order).get("reference")
    if not isinstance(text, str) or text.startswith("#"):
        return None
    if text.startswith("urn:"):
        return text
    return "/".join(text.partition("/_history/")[0].split("/")[-2:])


def _link(order: JsonObject) -> JsonObject:
    """The reference to its Medication, as R4 and R5 write it."""
    medication = order.get("medication")
    found = order.get("medicationReference") or (
        medication.get("reference") if isinstance(medication, dict) else None
    )
    return found if isinstance(found, dict) else {}


# What is not yet in force, as it stands in an order that is being written.
_DRAFT = ("draft", "proposed", "preparation", "unknown")  # a status may be any JSON
# Who hands out, gives or notes a medicine in an order means that it is to be taken.
_AS_ORDER = (
    *("MedicationDispense", "MedicationAdministration", "MedicationStatement"),
    "MedicationUsage",
)


def activated(order: JsonObject, subject: str) -> JsonObject:
    """The order as it would stand in the record, were it in force; also what it holds inside."""
    forced = {"status": "active", "intent": "order"}  # a proposal that is signed is one
    active = {**order, **forced, "subject": {"reference": subject}}
    if active.get("resourceType") in _AS_ORDER:
        active["resourceType"] = "MedicationRequest"
    if isinstance(order.get("contained"), list):
        active["contained"] = [
            {**one, **forced} if isinstance(one, dict) and one.get("status") in _DRAFT else one
            for one in order["contained"]
        ]
    return active


def order_text(order: JsonObject, medicine: JsonObject | None) -> str:
    """The order as its own text names it, else as its medicine or the link to it is called."""
    linked = [_link(order).get("display")]
    names = [text for concept in _concepts(order, medicine) for text in _texts(concept)]
    return next((text for text in (*names, *linked) if isinstance(text, str) and text), "")


def is_coded(order: JsonObject, medicine: JsonObject | None) -> bool:
    """Whether any code says what is ordered; else it is a mere text."""
    return any(
        isinstance(concept, dict) and concept.get("coding")
        for concept in _concepts(order, medicine)
    )


def _concepts(order: JsonObject, medicine: JsonObject | None) -> list[object]:
    """What may say what is ordered: its own concepts, its medicine's, and those inside it."""
    medication = order.get("medication")
    own = medication.get("concept") if isinstance(medication, dict) else None  # R5
    concepts = [order.get("medicationCodeableConcept"), own, medicine and medicine.get("code")]
    inside = order.get("contained")
    for one in inside if isinstance(inside, list) else ():
        if isinstance(one, dict):
            concepts += [one.get("code"), one.get("medicationCodeableConcept")]
    return concepts


def _texts(concept: object) -> Iterator[object]:
    """The text of a concept, then what its codes are called."""
    if isinstance(concept, dict):
        codings = concept.get("coding")
        yield concept.get("text")
        for one in codings if isinstance(codings, list) else ():
            if isinstance(one, dict):
                yield one.get("display")
