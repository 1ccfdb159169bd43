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


def text_of(order: JsonObject, medicine: JsonObject | None) -> str:
    """The order as its own text names it, else as its medicine or the link to it is called."""
    linked = [_link(order).get("display")]
    inside = order.get("contained")
    medication = order.get("medication")
    own = medication.get("concept") if isinstance(medication, dict) else None  # R5
    concepts = [order.get("medicationCodeableConcept"), own, medicine and medicine.get("code")]
    concepts += (
        [one.get("code") for one in inside if isinstance(one, dict)]
        if isinstance(inside, list)
        else []
    )
    names = [text for concept in concepts for text in _texts(concept)]
    return next((text for text in (*names, *linked) if isinstance(text, str) and text), "")


def _texts(concept: object) -> Iterator[object]:
    """The text of a concept, then what its codes are called."""
    if isinstance(concept, dict):
        codings = concept.get("coding")
        yield concept.get("text")
        for one in codings if isinstance(codings, list) else ():
            if isinstance(one, dict):
                yield one.get("display")
