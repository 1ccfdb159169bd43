"""FHIR References that come from outside: passed on where legal, left out where not."""

from collections.abc import Iterable, Mapping
from typing import Final

from cds.fhir.primitives import MAX_ID, legal_id, legal_string, legal_uri, pattern
from cds.wire import JsonObject

URI_SYSTEM: Final = "urn:ietf:rfc:3986"

SUBJECTS: Final = frozenset({"Patient", "Group"})
ENCOUNTERS: Final = frozenset({"Encounter"})
PRACTITIONERS: Final = frozenset({"Practitioner", "PractitionerRole"})
AGENTS: Final = PRACTITIONERS | {"RelatedPerson", "Patient", "Device", "Organization"}
# Never the patient: a message to a patient needs other words, and a decision of the site.
RECIPIENTS: Final = PRACTITIONERS | {
    "Device",
    "Organization",
    "Group",
    "CareTeam",
    "HealthcareService",
}
REASON_TYPES: Final = frozenset(
    {"Condition", "Observation", "DiagnosticReport", "DocumentReference"}
)

_LITERAL: Final = (
    r"(?:https?://[A-Za-z0-9][A-Za-z0-9.\-]*(?::[0-9]{1,5})?/(?:[A-Za-z0-9\-.:%$_~]+/)*)?"
    r"([A-Z][A-Za-z]{2,40})/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_NAMED: Final = r"urn:(?:uuid:[0-9a-fA-F-]{36}|oid:[0-2](?:\.(?:0|[1-9][0-9]*))+)"
_TYPE: Final = r"[A-Z][A-Za-z]{2,40}"
_USES: Final = frozenset({"usual", "official", "temp", "secondary", "old"})


def type_of(reference: object) -> str | None:
    """The resource type that a literal reference names."""
    found = pattern(_LITERAL).fullmatch(reference) if isinstance(reference, str) else None
    return found[1] if found else None


def legal_reference(
    value: object, targets: frozenset[str], assumed: str | None = None
) -> JsonObject | None:
    """The Reference with what is legal in it, or None if it names nothing that `targets` allows.

    `assumed` is the type where the reference itself does not tell. A `urn:uuid` names an entry of
    the sender's Bundle, which ours does not hold: it becomes a logical reference, which never
    dangles. A `#` names a resource inside the response: only what stands beside it is passed on.
    """
    if value is None:
        return None
    # The usual case first: nothing but `Type/id`. It is met several times in every decision.
    if type(value) is dict and len(value) == 1:
        literal = value.get("reference")
        if type(literal) is str:
            kind, _, name = literal.partition("/")
            if kind in targets and (
                # `legal_id`, written out; hyphens are usual
                (name.replace("-", "").isalnum() and name.isascii() and len(name) <= MAX_ID)
                or legal_id(name)
            ):
                return {"reference": literal}
    return _described(value, targets, assumed) if isinstance(value, Mapping) else None


def _described(
    value: Mapping[str, object], targets: frozenset[str], assumed: str | None
) -> JsonObject | None:
    """A Reference with type, identifier or display."""
    literal, stated = value.get("reference"), value.get("type")
    kind = named = type_of(literal)
    if kind is None:
        kind = stated if isinstance(stated, str) and pattern(_TYPE).fullmatch(stated) else assumed
    if kind is not None and kind not in targets:
        return None
    identifier = legal_identifier(value.get("identifier"))
    logical = identifier is None and isinstance(literal, str) and pattern(_NAMED).fullmatch(literal)
    if logical:
        identifier = {"system": URI_SYSTEM, "value": literal}
    display = legal_string(value.get("display"))
    result: JsonObject = {"reference": literal} if named else {}
    if kind is not None and (stated is not None or logical):
        result["type"] = kind
    if identifier is not None:
        result["identifier"] = identifier
    if display is not None:
        result["display"] = display
    return result if named or identifier is not None or display is not None else None


def first_legal(
    values: Iterable[object], targets: frozenset[str], assumed: str | None = None
) -> JsonObject | None:
    """The first of several References that is legal."""
    for value in values:
        found = legal_reference(value, targets, assumed)
        if found is not None:
            return found
    return None


def legal_identifier(value: object) -> JsonObject | None:
    """Use, system and value of an Identifier, as far as they are legal; None without a value."""
    if not isinstance(value, Mapping):
        return None
    text = legal_string(value.get("value"))
    if text is None:
        return None
    result: JsonObject = {}
    use = value.get("use")
    if isinstance(use, str) and use in _USES:
        result["use"] = use
    system = legal_uri(value.get("system"))
    if system is not None:
        result["system"] = system
    result["value"] = text
    return result


def record_reference(reference: str) -> JsonObject:
    """A Reference to a resource of the record; without a literal one, a logical one.

    An address of another server is a logical one too: a server that keeps this cannot follow it.
    """
    if reference.startswith(("http://", "https://")) and pattern(_LITERAL).fullmatch(reference):
        kind = type_of(reference)
        return {"type": kind, "identifier": {"system": URI_SYSTEM, "value": reference}}
    if pattern(_LITERAL).fullmatch(reference):
        return {"reference": reference}
    if pattern(_NAMED).fullmatch(reference):
        return {"identifier": {"system": URI_SYSTEM, "value": reference}}
    return {"display": legal_string(reference) or "unnamed resource"}


def response_reference(response: Mapping[str, object], fingerprint: str) -> JsonObject:
    """A Reference to the response: by id, else by its identifier, else by its fingerprint."""
    found = legal_id(response.get("id"))
    if found is not None:
        return {"reference": f"QuestionnaireResponse/{found}"}
    identifier = legal_identifier(response.get("identifier"))
    if identifier is not None:
        return {"type": "QuestionnaireResponse", "identifier": identifier}
    return {
        "type": "QuestionnaireResponse",
        "display": f"The response that was assessed; it has no id. SHA-256 {fingerprint}",
    }
