"""One fault at every place where it can stand, in every version of FHIR: it is told at each.

The fragments are siblings of the handed cases: another element, another type, another place.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cds.forms.validate import compile_questionnaire, validate
from tests.forms.rule_kit import UCUM, Json, form, response

EXT = "http://example.org/e"
XHTML = "http://www.w3.org/1999/xhtml"
GENDER = "http://hl7.org/fhir/administrative-gender"
TYPES = ("boolean", "reference", "attachment", "quantity", "open-choice")
VERSIONS = ("4.0", "4.3", "5.0")


def asked(version: str) -> Json:
    """A form that asks for each of the types, an item each; their linkIds are the types."""
    items = []
    for type_ in TYPES:
        choice = type_ == "open-choice"
        option = {"valueCoding": {"system": "http://example.org/s", "code": "a"}}
        item: Json = {"linkId": type_, "type": type_, "text": type_}
        item |= {"answerOption": [option]} if choice else {}
        if choice and version == "5.0":
            item |= {"type": "coding", "answerConstraint": "optionsOrString"}
        items.append(item)
    return form(*items)


FORMS = {version: compile_questionnaire(asked(version)) for version in VERSIONS}
Places = Callable[[Any], Iterator[Json]]


def answered(type_: str, answer: Json, **more: Any) -> Json:
    return response({"linkId": type_, "text": type_, "answer": [answer]}, **more)


def yes(answer: Json | None = None, item: Json | None = None, **more: Any) -> Json:
    told = {"valueBoolean": True, **(answer or {})}
    named = {"linkId": "boolean", "text": "boolean", **(item or {})}
    return response({**named, "answer": [told]}, **more)


def contained(resource: Json) -> Json:
    inside = {"id": "c", **resource}
    return answered("reference", {"valueReference": {"reference": "#c"}}, contained=[inside])


def patient(**more: Any) -> Json:
    return contained({"resourceType": "Patient", **more})


def at_extensions(extension: Json) -> Iterator[Json]:
    """Wherever an extension may stand."""
    held: Json = {"extension": [extension]}
    yield yes(**held)
    yield yes(item=held)
    yield yes(answer=held)
    yield yes(answer={"_valueBoolean": held})
    yield yes(item={"_linkId": held})
    coding = {"system": "http://example.org/s", "code": "a"}
    yield answered("open-choice", {"valueCoding": coding | held})
    yield answered("open-choice", {"valueCoding": coding | {"_display": held}})
    yield answered("quantity", {"valueQuantity": {"value": 1, **held}})
    yield yes(subject={"reference": "Patient/1", **held})
    yield yes(meta=held)
    yield yes(_status=held)
    yield yes(extension=[{"url": EXT, "valueString": "a", "_valueString": held}])
    yield patient(**held)


def at_identifiers(identifier: Json) -> Iterator[Json]:
    for name in ("subject", "author", "source", "encounter"):
        yield yes(**{name: {"identifier": identifier}})
    for name in ("basedOn", "partOf"):
        listed: Json = {name: [{"identifier": identifier}]}
        yield yes(**listed)
    yield answered("reference", {"valueReference": {"identifier": identifier}})
    yield yes(subject={"identifier": {"value": "1", "assigner": {"identifier": identifier}}})
    yield from at_extensions({"url": EXT, "valueIdentifier": identifier})
    yield patient(identifier=[identifier])


def at_codings(coding: Json) -> Iterator[Json]:
    yield answered("open-choice", {"valueCoding": coding})
    yield yes(extension=[{"url": EXT, "valueCoding": coding}])
    yield yes(extension=[{"url": EXT, "valueCodeableConcept": {"coding": [coding]}}])
    yield yes(subject={"identifier": {"value": "1", "type": {"coding": [coding]}}})
    yield patient(maritalStatus={"coding": [coding]})


def at_quantities(quantity: Json) -> Iterator[Json]:
    yield answered("quantity", {"valueQuantity": quantity})
    yield yes(extension=[{"url": EXT, "valueQuantity": quantity}])
    ratio = {"numerator": quantity, "denominator": {"value": 1}}
    yield yes(extension=[{"url": EXT, "valueRatio": ratio}])
    seen = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    yield contained({**seen, "valueQuantity": quantity})


def at_attachments(attachment: Json) -> Iterator[Json]:
    yield answered("attachment", {"valueAttachment": attachment})
    yield yes(extension=[{"url": EXT, "valueAttachment": attachment}])
    yield patient(photo=[attachment])


def at_references(reference: Json) -> Iterator[Json]:
    yield answered("reference", {"valueReference": reference})
    yield yes(extension=[{"url": EXT, "valueReference": reference}])
    yield yes(subject=reference)
    yield yes(subject={"identifier": {"value": "1", "assigner": reference}})
    yield patient(managingOrganization=reference)


def at_narratives(narrative: Json) -> Iterator[Json]:
    yield yes(text=narrative)
    yield patient(text=narrative)


def at_languages(tag: str) -> Iterator[Json]:
    yield yes(language=tag)
    attachment = {"contentType": "text/plain", "url": "http://a.org", "language": tag}
    yield answered("attachment", {"valueAttachment": attachment})
    yield patient(language=tag)
    coding = {"system": "urn:ietf:bcp:47", "code": tag}
    yield patient(communication=[{"language": {"coding": [coding]}}])


def xhtml(inside: str, namespace: str = f' xmlns="{XHTML}"', status: str = "generated") -> Json:
    return {"status": status, "div": f"<div{namespace}>{inside}</div>"}


def identifier(**more: Any) -> Json:
    return {"system": "http://example.org/i", "value": "1", **more}


def _case(places: Places, fragment: Any) -> Any:
    name = places.__name__.removeprefix("at_")
    return pytest.param(places, fragment, id=f"{name}-{str(fragment)[:80]}")


WRONG: dict[Places, list[Any]] = {
    at_extensions: [
        {"url": EXT},
        {"url": EXT, "valueString": "a", "extension": [{"url": "b", "valueString": "c"}]},
        {"url": "relative", "valueString": "a"},
        {"url": EXT, "valueString": "a", "valueInteger": 1},
        {"valueString": "a"},
        {"url": EXT, "valueFoo": 1},
        {"url": EXT, "valueString": 5},
        {"url": EXT, "valueInteger": "5"},
        {"url": EXT, "valueBoolean": "true"},
        {"url": EXT, "valueDate": "2024-02-30"},
        {"url": EXT, "valueInstant": "2024-01-01"},
        {"url": EXT, "valueString": "a", "foo": 1},
        {"url": EXT, "extension": []},
        {"url": EXT, "valueContactPoint": {"value": "1"}},
        {"url": EXT, "valuePeriod": {"start": "2025", "end": "2024"}},
        {"url": EXT, "valueRange": {"low": {"value": 2}, "high": {"value": 1}}},
        {"url": EXT, "valueTiming": {"repeat": {"duration": 1}}},
        {"url": EXT, "valueOid": "1.2"},
        {"url": EXT, "valuePositiveInt": 0},
        {"url": EXT, "valueId": "a b"},
        {"url": EXT, "valueCode": " a"},
        {"url": EXT, "valueTime": "24:00:00"},
        {"url": EXT, "valueUuid": "c757873d"},
    ],
    at_identifiers: [
        identifier(use="bogus"),
        identifier(use=5),
        identifier(use=""),
        identifier(use=["usual"]),
        identifier(system="a b"),
        identifier(period={"start": "2024", "end": "2023"}),
        identifier(foo=1),
    ],
    at_codings: [
        {"system": "a", "code": "x"},
        {"system": "", "code": "x"},
        {"system": "http://example.org/s", "code": ""},
        {"system": "http://example.org/s", "code": "a", "userSelected": "true"},
        {"system": "http://example.org/s", "code": "a", "display": 5},
        {"system": "http://example.org/s", "code": "a", "version": ""},
        {"system": "http://example.org/s", "code": ["a"]},
        {"system": GENDER, "code": "bogus"},
    ],
    at_quantities: [
        {"value": 1, "comparator": "="},
        {"value": 1, "code": "kg"},
        {"value": 1, "system": UCUM, "code": "foo"},
        {"value": 1, "system": UCUM, "code": "MG/DL"},
        {"value": 1, "system": UCUM, "code": "kg "},
        {"value": "1"},
        {"value": True},
        {"value": 1, "unit": ""},
        {"value": 1, "system": UCUM, "code": "kg", "foo": 1},
    ],
    at_attachments: [
        {"contentType": "foo", "url": "http://a.org"},
        {"data": "aGk="},
        {"contentType": "text/plain", "data": "aG"},
        {"contentType": "text/plain", "data": ""},
        {"contentType": "text/plain", "data": "a$Gk"},
        {"contentType": "text/plain", "url": "a b"},
        {"contentType": "text/plain", "url": "http://a.org", "hash": "a"},
        {"contentType": "text/plain", "url": "http://a.org", "creation": "2024-13"},
        {"contentType": "text/plain", "url": "http://a.org", "title": ""},
    ],
    at_references: [
        {},
        {"reference": ""},
        {"reference": "#none"},
        {"reference": "Patient/1", "type": "Group"},
        {"reference": "Patient/1", "type": "Foo"},
        {"reference": "Patient/1", "display": 5},
        {"reference": 5},
        {"reference": "Patient/1", "foo": 1},
        {"reference": "Patient/a b"},
        {"reference": ["Patient/1"]},
        {"reference": "urn:uuid:123"},
    ],
    at_narratives: [
        xhtml("<script>a</script>"),
        xhtml('<p onclick="a">a</p>'),
        xhtml("a", namespace=""),
        xhtml(""),
        xhtml("  "),
        xhtml("<p>a"),
        xhtml("a", status="bogus"),
        {"status": "generated"},
        {"div": xhtml("a")["div"]},
        xhtml("<form>a</form>"),
        xhtml('<iframe src="a">x</iframe>'),
        xhtml("a & b"),
        xhtml("a&nbsp;b"),  # XML has no such entity
        xhtml('<p xmlns:x="u" x:y="z">a</p>'),
        xhtml('<input type="text"/>'),
        {"status": "generated", "div": "plain"},
        {"status": "generated", "div": f'<p xmlns="{XHTML}">a</p>'},
        {"status": "generated", "div": f'<!DOCTYPE a><div xmlns="{XHTML}">a</div>'},
    ],
    at_languages: ["english language", "e", "xx-", "en_US", "de-419-DE", "toolonglang", ""],
}
RIGHT: dict[Places, list[Any]] = {
    at_extensions: [
        {"url": EXT, "extension": [{"url": "b", "valueString": "c"}]},
        {"url": EXT, "valueDateTime": "2024-05"},
        {"url": EXT, "valueHumanName": {"family": "A"}},
        {"url": EXT, "valueDosage": {"text": "a"}},
        {"url": "urn:oid:1.2.3", "valueString": "a"},
    ],
    at_identifiers: [identifier(use="old"), identifier(period={"start": "2024", "end": "2024-05"})],
    at_codings: [
        {"system": "http://example.org/s", "code": "a", "userSelected": True},
        {"system": GENDER, "code": "female"},
        {"system": GENDER, "code": "of another version", "version": "6.0.0"},
    ],
    at_quantities: [
        {"value": 1, "system": UCUM, "code": code} for code in ("mg/dL", "{beats}/min", "mm[Hg]")
    ],
    at_attachments: [{"contentType": "text/plain; charset=utf-8", "url": "http://a.org"}],
    at_narratives: [
        xhtml('<img src="a.png" alt="x"/>'),
        xhtml('<p style="color:red">a</p>'),
        xhtml("a &amp; b"),
    ],
    at_languages: ["zh-Hant-TW", "es-419", "rm", "de-CH-1996", "sl-rozaj-biske-1994", "EN-us"],
}


@pytest.mark.parametrize(
    ("places", "fragment"), [_case(at, one) for at, listed in WRONG.items() for one in listed]
)
def test_a_fault_is_told_wherever_it_stands(places: Places, fragment: Any) -> None:
    for version in VERSIONS:
        for number, given in enumerate(places(fragment)):
            issues = validate(given, FORMS[version], fhir_version=version)
            assert any(one.severity in {"error", "warning"} for one in issues), (version, number)


@pytest.mark.parametrize(
    ("places", "fragment"), [_case(at, one) for at, listed in RIGHT.items() for one in listed]
)
def test_what_is_right_is_refused_nowhere(places: Places, fragment: Any) -> None:
    for version in VERSIONS:
        for number, given in enumerate(places(fragment)):
            issues = validate(given, FORMS[version], fhir_version=version)
            wrong = [one for one in issues if one.severity == "error"]
            # The answer itself is not among the options; that is another rule.
            assert not [one for one in wrong if one.rule != "invalidAnswerOption"], (
                version,
                number,
            )
