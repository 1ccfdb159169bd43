"""All that a resource of any type says in words and codes: to be looked through, never read."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds.record.flags import reads_critical
from cds.record.shapes import Codings, as_many, as_object, codings_of, text_at

# What says who, where and by which name, and nothing of a patient's health; what is inside is
# looked at by itself.
_AROUND = frozenset(
    {
        *("meta", "identifier", "subject", "patient", "contained", "performer", "requester"),
        *("author", "recorder", "asserter", "assessor", "participant", "careTeam", "careManager"),
        *("location", "serviceProvider", "managingOrganization", "custodian", "recipient"),
        *("sender", "source", "owner", "informant", "attester", "authenticator", "resourceType"),
    }
)
_WORDS = frozenset(
    {
        *("text", "display", "title", "description", "summary", "detail", "comment", "conclusion"),
        *("contentString", "valueString", "valueMarkdown", "instruction", "patientInstruction"),
        *("lotNumber", "modelNumber", "deviceName", "name", "div", "reason"),
    }
)
# What was not done, is over, or was withdrawn.
OVER = frozenset(
    {
        *("entered-in-error", "cancelled", "revoked", "rejected", "inactive", "not-done", "noshow"),
        *("superseded", "stopped", "abandoned", "declined", "mitigated", "refuted", "deprecated"),
        "retired",
    }
)
_PART_OVER = (*OVER, "completed", "finished")  # a status may be any JSON
_TAGS = re.compile(r"<[^>]*>")
_LONG = 2_000  # longer texts are looked at only around a word that reads critical
_AROUND_CRITICAL = 200
_MOST = 400  # texts of one resource
_TYPED = '"resourceType"'
_ATTACHED = 200_000  # letters of base64
# A place, and what FHIR calls the weight of an allergy: no finding.
_NO_FINDING = re.compile(r"(?i)\b(?:critical[ -](?:care|access)|criticality)\b")
_CRITICAL = re.compile(r"(?i)\b(?:[ck]r[i\u00ed]t|panic|panik)")


class SaidWords(NamedTuple):
    """What a resource says. `critical`: a text reads as if something were."""

    texts: list[str]
    codings: Codings
    critical: bool


def said_in(resource: Mapping[str, Any]) -> SaidWords:
    """All texts and codings of a resource, at most 400 texts."""
    codings: Codings = []
    found = (_short(_TAGS.sub(" ", text)) for text in _texts(resource, codings))
    texts = [text for _, text in zip(range(_MOST), filter(None, found), strict=False)]
    return SaidWords(texts, codings, any(map(reads_critical, texts)))


def concept_named(resource: Mapping[str, Any]) -> str | None:
    """How a resource is called by its own code, type or category, else by its title."""
    for key in ("code", "type", "topic", "category", "reasonCode"):
        for concept in as_many(resource.get(key)):
            shown = text_at(as_object(concept), "text")
            shown = shown or next((one for _, _, one in codings_of(concept) if one), None)
            if shown is not None:
                return shown
    return text_at(resource, "title") or text_at(resource, "description")


def holds_fhir(resource: Mapping[str, Any]) -> bool:
    """Whether it is, or has as an attachment, a resource as data: by its type, or as it begins."""
    for one in (resource, *map(as_object, as_many(resource.get("content")))):
        held = as_object(one.get("attachment", one))
        kind = (text_at(held, "contentType") or "").casefold()
        if "fhir" in kind or (kind.endswith("json") and _TYPED in _decoded(held.get("data"))):
            return True
    return False


def drawn_by_hand(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its text for people, unless a machine drew it from the elements that are here."""
    text = as_object(resource.get("text"))
    return {} if text.get("status") == "generated" else text


def _short(text: str) -> str:
    """A text; of a long one only what stands around words that read critical."""
    plain = _NO_FINDING.sub(" ", text)
    return plain if len(plain) <= _LONG else _critical_in(plain)


def _critical_in(plain: str) -> str:
    found = (one.start() for one in _CRITICAL.finditer(plain))
    around = [plain[max(0, at - _AROUND_CRITICAL) : at + _AROUND_CRITICAL] for at in found]
    return " … ".join(around[:10])


def _texts(node: Mapping[str, Any], codings: Codings) -> Iterator[str]:
    """The texts of a part, with its codings put aside."""
    if node.get("doNotPerform") is True or node.get("prohibited") is True:
        return
    if "coding" in node:
        codings += codings_of(node)
    if "valueCoding" in node:
        codings += codings_of({"coding": node["valueCoding"]})
    for key, value in node.items():
        if key == "data":
            yield _attached(node, value)
        elif key not in _AROUND and (key in _WORDS or isinstance(value, list | dict)):
            for one in as_many(value):
                yield from _of_part(key, one, codings)


def _of_part(key: str, value: object, codings: Codings) -> Iterator[str]:
    """The texts of one value of an element."""
    if isinstance(value, str):
        if key in _WORDS:
            yield value
    elif isinstance(value, dict) and value.get("status") not in _PART_OVER:
        yield from (_section if key == "section" else _texts)(value, codings)


def _section(section: Mapping[str, Any], codings: Codings) -> Iterator[str]:
    """The words of a section; a heading says nothing, and entries that are here speak for it."""
    said = _texts({"text": section.get("text"), "section": section.get("section")}, codings)
    if not section.get("entry"):
        yield from said
        return
    for text in said:
        yield _critical_in(_NO_FINDING.sub(" ", _TAGS.sub(" ", text)))


def _attached(node: Mapping[str, Any], data: object) -> str:
    """The text of an attachment that is one."""
    kind = text_at(node, "contentType") or ""
    return _decoded(data) if kind.startswith("text/") else ""


def _decoded(data: object) -> str:
    """The text that stands for data, if it is not too long."""
    if not isinstance(data, str) or len(data) > _ATTACHED:
        return ""
    try:
        return b64decode(data).decode(errors="replace")
    except ValueError:
        return ""
