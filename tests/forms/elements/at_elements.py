"""Responses that break one of FHIR's own rules each, and the words to write them with."""

from typing import Any

from cds.forms.validate import validate
from tests.forms.rule_kit import Json, a, form, q, response

XHTML = "http://www.w3.org/1999/xhtml"
E = "http://example.org/extension"
ANY = form(*(q(t, t) for t in ("string", "open-choice", "quantity", "attachment", "reference")))
KEYS = {
    "string": "valueString",
    "open-choice": "valueCoding",
    "quantity": "valueQuantity",
    "attachment": "valueAttachment",
    "reference": "valueReference",
}


def answer(type_: str, value: Any, **more: Any) -> Json:
    return response(a({KEYS[type_]: value, **more}, link_id=type_))


def told(given: Json, version: str = "4.0") -> list[tuple[str, str]]:
    issues = validate(given, ANY, fhir_version=version)
    return [(one.severity, one.rule) for one in issues if one.severity != "information"]


def text(div: str, status: str = "generated") -> Json:
    return response(text={"status": status, "div": div})


def inside(*resources: Json, **more: Any) -> Json:
    return response(contained=list(resources), **more)


PATIENT = {"resourceType": "Patient", "id": "p"}
TO_P = {"reference": "#p"}

ERRORS: list[tuple[str, Json, str]] = [
    # datatypes and counts
    ("unknown part", answer("open-choice", {"system": "urn:a", "code": "b", "x": 1}), "structure"),
    ("part of another type", answer("quantity", {"value": "1"}), "value"),
    ("a list where one belongs", answer("open-choice", [{"code": "b"}]), "structure"),
    ("one where a list belongs", response(basedOn={"reference": "CarePlan/1"}), "structure"),
    ("empty list", response(extension=[], basedOn=[{"display": "x"}]), ""),
    ("null", answer("quantity", {"value": 1, "unit": None}), "value"),
    ("empty object", response(subject={}), "structure"),
    ("an id alone", response(subject={"id": "x"}), "structure"),
    ("empty string", response(identifier={"value": ""}), "value"),
    ("a space in a uri", answer("open-choice", {"system": "urn:a b", "code": "c"}), "value"),
    ("spaces around a code", answer("open-choice", {"system": "urn:a", "code": " c"}), "value"),
    ("a text for a boolean", answer("open-choice", {"code": "c", "userSelected": "true"}), "value"),
    ("offset beyond 14:00", response(authored="2026-01-01T10:00:00+15:00"), "value"),
    ("offset of 61 minutes", response(authored="2026-01-01T10:00:00+01:61"), "value"),
    ("instant without time", response(meta={"lastUpdated": "2026-01-01"}), "value"),
    ("id too long", response(id="x" * 65), "value"),
    ("id with an underscore", response(id="a_b"), "value"),
    # primitives with siblings
    ("sibling with an unknown part", response(_authored={"x": 1}), "structure"),
    ("sibling that is a list", response(_authored=[{"extension": []}]), "structure"),
    ("sibling of nothing", response(_nonsense={"id": "x"}), "structure"),
    ("only an id for a value", response(authored=None, _authored={"id": "x"}), "structure"),
    (
        "siblings of another number",
        response(meta={"profile": ["urn:a"], "_profile": [None] * 2}),
        "structure",
    ),
    (
        "neither value nor sibling",
        response(meta={"profile": [None], "_profile": [None]}),
        "structure",
    ),
    # extensions
    (
        "two values",
        response(extension=[{"url": E, "valueCode": "a", "valueString": "b"}]),
        "structure",
    ),
    ("no known type", response(extension=[{"url": E, "valueNonsense": "a"}]), "structure"),
    ("malformed value", response(extension=[{"url": E, "valueDate": "yesterday"}]), "value"),
    (
        "nested without url",
        response(extension=[{"url": E, "extension": [{"valueCode": "a"}]}]),
        "structure",
    ),
    (
        "relative url of an extension in a value",
        answer("quantity", {"value": 1, "extension": [{"url": "a", "valueCode": "b"}]}),
        "value",
    ),
    (
        "no value deep inside",
        answer("string", "x", _valueString={"extension": [{"url": E}]}),
        "fhirInvariant",
    ),
    # narrative
    ("not XML", text(f'<div xmlns="{XHTML}">a<br></div>'), "narrative"),
    ("a word of HTML alone", text(f'<div xmlns="{XHTML}">a&nbsp;b</div>'), "narrative"),
    ("an event", text(f'<div xmlns="{XHTML}"><p onclick="x()">a</p></div>'), "narrative"),
    (
        "a script in a link",
        text(f'<div xmlns="{XHTML}"><a href=" JavaScript:x()">a</a></div>'),
        "narrative",
    ),
    ("a form", text(f'<div xmlns="{XHTML}"><form>a</form></div>'), "narrative"),
    ("no div", text(f'<p xmlns="{XHTML}">a</p>'), "narrative"),
    (
        "entities",
        text(f'<!DOCTYPE div [<!ENTITY a "b">]><div xmlns="{XHTML}">&a;</div>'),
        "narrative",
    ),
    ("unknown status", text(f'<div xmlns="{XHTML}">a</div>', "made-up"), "binding"),
    ("no div at all", response(text={"status": "generated"}), "structure"),
    # contained resources
    ("orphan", inside(PATIENT), "fhirInvariant"),
    ("no such type", inside({"resourceType": "Cat", "id": "p"}, subject=TO_P), "structure"),
    ("no type", inside({"id": "p"}, subject=TO_P), "structure"),
    ("two of one id", inside(PATIENT, PATIENT, subject=TO_P), "contained"),
    ("wrong within", inside({**PATIENT, "birthDate": "x"}, subject=TO_P), "value"),
    ("a code that FHIR does not know", inside({**PATIENT, "gender": "x"}, subject=TO_P), "binding"),
    ("a part missing", inside({**PATIENT, "link": [{"type": "refer"}]}, subject=TO_P), "structure"),
    (
        "a label",
        inside({**PATIENT, "meta": {"security": [{"code": "R"}]}}, subject=TO_P),
        "fhirInvariant",
    ),
    (
        "a target within",
        inside({**PATIENT, "managingOrganization": {"reference": "Patient/1"}}, subject=TO_P),
        "referenceTarget",
    ),
    # references
    ("no resource type", response(subject={"reference": "Cat/1"}), "invalidRefResourceType"),
    ("not readable", response(author={"reference": "no reference"}), "invalidRefValue"),
    (
        "type against reference",
        response(author={"reference": "Patient/1", "type": "Device"}),
        "referenceType",
    ),
    ("type against contained", inside(PATIENT, subject={**TO_P, "type": "Group"}), "referenceType"),
    (
        "target by url",
        response(source={"reference": "https://a.org/fhir/Observation/1"}),
        "referenceTarget",
    ),
    ("target by type", response(encounter={"type": "Patient", "display": "x"}), "referenceTarget"),
    ("target of basedOn", response(basedOn=[{"reference": "Task/1"}]), "referenceTarget"),
    ("target of partOf", response(partOf=[{"reference": "Encounter/1"}]), "referenceTarget"),
    (
        "target by contained",
        inside({"resourceType": "Group", "id": "p", "type": "person", "actual": True}, author=TO_P),
        "referenceTarget",
    ),
    ("the whole from itself", response(subject={"reference": "#"}), "fhirInvariant"),
    # bindings and invariants
    ("use of an identifier", response(identifier={"use": "x", "value": "1"}), "binding"),
    (
        "end before start",
        response(identifier={"value": "1", "period": {"start": "2026", "end": "2025-12"}}),
        "fhirInvariant",
    ),
    (
        "relative system of a unit",
        answer("quantity", {"value": 1, "system": "ucum", "code": "kg"}),
        "value",
    ),
    (
        "range upside down",
        response(extension=[{"url": E, "valueRange": {"low": {"value": 2}, "high": {"value": 1}}}]),
        "fhirInvariant",
    ),
    (
        "half a ratio",
        response(extension=[{"url": E, "valueRatio": {"numerator": {"value": 2}}}]),
        "fhirInvariant",
    ),
    (
        "contact without system",
        response(extension=[{"url": E, "valueContactPoint": {"value": "1"}}]),
        "fhirInvariant",
    ),
    (
        "negative age",
        response(
            extension=[
                {
                    "url": E,
                    "valueAge": {"value": -1, "code": "a", "system": "http://unitsofmeasure.org"},
                }
            ]
        ),
        "fhirInvariant",
    ),
    (
        "language of an attachment",
        answer("attachment", {"url": "urn:a", "language": "no language"}),
        "binding",
    ),
]
