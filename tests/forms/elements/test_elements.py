"""FHIR's own rules of every element: each broken once, and what is valid and unusual let pass."""

import json

import pytest

from cds.forms.elements.definitions import DATA, RESPONSE, definitions
from cds.forms.elements.invariants import JUDGES, NOT_JUDGED
from cds.forms.elements.resource_types import RESOURCE_TYPES
from tests.forms.elements.at_elements import (
    ERRORS,
    PATIENT,
    TO_P,
    XHTML,
    E,
    answer,
    inside,
    text,
    told,
)
from tests.forms.rule_kit import QR, Json, response


@pytest.mark.parametrize(("given", "rule"), [c[1:] for c in ERRORS], ids=[c[0] for c in ERRORS])
def test_what_fhir_does_not_allow_is_one_error(given: Json, rule: str) -> None:
    assert told(given) == ([("error", rule)] if rule else [])


WARNINGS: list[tuple[str, Json, str]] = [
    ("a blank string", answer("string", " "), "blank"),
    (
        "a unit that UCUM does not have",
        answer("quantity", {"value": 1, "system": "http://unitsofmeasure.org", "code": "mgs"}),
        "unitCode",
    ),
    (
        "a value set for a system",
        answer("open-choice", {"system": "http://a.org/ValueSet/x", "code": "a"}),
        "codeSystem",
    ),
    (
        "a relative system of an identifier",
        response(identifier={"system": "mrn", "value": "1"}),
        "value",
    ),
]


@pytest.mark.parametrize(("given", "rule"), [c[1:] for c in WARNINGS], ids=[c[0] for c in WARNINGS])
def test_what_fhir_only_advises_is_a_warning(given: Json, rule: str) -> None:
    assert told(given) == [("warning", rule)]


VALID: list[tuple[str, Json]] = [
    *(
        (f"language {tag}", response(language=tag))
        for tag in (
            "rm",
            "gsw",
            "es-419",
            "zh-Hant-TW",
            "de-CH-1996",
            "sl-rozaj-biske",
            "x-own",
            "i-klingon",
            "en-a-bcd-x-e",
            "DE",
        )
    ),
    *(
        (f"type {mime}", answer("attachment", {"contentType": mime, "url": "urn:a"}))
        for mime in (
            "text/plain; charset=utf-8",
            "application/fhir+json;fhirVersion=4.0",
            "image/svg+xml",
            'x/y; a="b;c"',
        )
    ),
    *(
        (f"reference {r}", response(subject={"reference": r}))
        for r in (
            "urn:oid:1.2.3",
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "https://a.org/fhir/Patient/1/_history/2",
            "http://a.org/anything",
            "Patient/1/_history/2",
            "Patient/1#x",
        )
    ),
    *(
        (
            f"unit {u}",
            answer("quantity", {"value": 1, "system": "http://unitsofmeasure.org", "code": u}),
        )
        for u in (
            "10*9/L",
            "mm[Hg]",
            "{score}",
            "/min",
            "mL/min/{1.73_m2}",
            "[Btu_39]",
            "ug.h/mL",
            "%",
        )
    ),
    ("14:00", response(authored="2026-01-01T10:00:00.123456789123+14:00")),
    ("leap second", response(authored="2016-12-31T23:59:60Z")),
    (
        "no author but why",
        response(_author=None, author={"extension": [{"url": E, "valueCode": "unknown"}]}),
    ),
    (
        "no time but why",
        response(authored=None, _authored={"extension": [{"url": E, "valueCode": "unknown"}]}),
    ),
    (
        "no status but why",
        response(status=None, _status={"extension": [{"url": E, "valueCode": "unknown"}]}),
    ),
    ("a sibling with an id", response(_authored={"id": "x"})),
    (
        "siblings of a list",
        response(
            meta={
                "profile": ["urn:a", None],
                "_profile": [None, {"extension": [{"url": E, "valueCode": "a"}]}],
            }
        ),
    ),
    (
        "nested extensions",
        response(
            extension=[
                {
                    "url": E,
                    "extension": [
                        {
                            "url": "part",
                            "extension": [{"url": "part", "valueRange": {"low": {"value": 1}}}],
                        }
                    ],
                }
            ]
        ),
    ),
    (
        "a relative url of a part",
        response(extension=[{"url": E, "extension": [{"url": "a", "valueInteger": 1}]}]),
    ),
    ("a display without code", answer("open-choice", {"display": "words"})),
    ("a unit without code", answer("quantity", {"value": 1, "unit": "stone"})),
    (
        "narrative of a table",
        text(
            f'<div xmlns="{XHTML}" xml:lang="rm"><table border="1"><tbody><tr><td colspan="2">'
            "a&#160;<b>b</b><br/></td></tr></tbody></table></div>"
        ),
    ),
    ("narrative of a picture", text(f'<div xmlns="{XHTML}"><img src="#p" alt="a"/></div>')),
    ("narrative of one space", text(f'<div xmlns="{XHTML}">&#160;</div>')),
    ("narrative with a prefix", text(f'<h:div xmlns:h="{XHTML}"><h:kbd>a</h:kbd></h:div>')),
    (
        "contained",
        inside(
            {
                **PATIENT,
                "gender": "female",
                "name": [
                    {
                        "given": ["A", None],
                        "_given": [None, {"extension": [{"url": E, "valueCode": "x"}]}],
                    }
                ],
            },
            subject={**TO_P, "type": "Patient"},
        ),
    ),
    (
        "contained that names the whole",
        inside(
            {
                "resourceType": "Provenance",
                "id": "p",
                "target": [{"reference": "#"}],
                "recorded": "2026-01-01T00:00:00Z",
                "agent": [{"who": {"display": "x"}}],
            }
        ),
    ),
    (
        "contained named by another",
        inside(
            {**PATIENT, "managingOrganization": {"reference": "#o"}},
            {"resourceType": "Organization", "id": "o", "name": "O"},
            subject=TO_P,
        ),
    ),
    (
        "contained that is an answer",
        {**inside(PATIENT), "item": answer("reference", TO_P)["item"]},
    ),
    ("base64 in lines", answer("attachment", {"contentType": "a/b", "data": "YWJj\nYWI="})),
    (
        "an identifier in place of a reference",
        response(author={"type": "Patient", "identifier": {"system": "urn:oid:1.2", "value": "1"}}),
    ),
    (
        "an age",
        response(
            extension=[
                {
                    "url": E,
                    "valueAge": {"value": 3, "code": "a", "system": "http://unitsofmeasure.org"},
                }
            ]
        ),
    ),
    (
        "an open period",
        response(identifier={"value": "1", "period": {"start": "2026-03", "end": "2026"}}),
    ),
]


@pytest.mark.parametrize("given", [c[1] for c in VALID], ids=[c[0] for c in VALID])
def test_what_is_valid_and_unusual_passes(given: Json) -> None:
    assert told(given) == []
    assert [one for one in told(given, "4.3") if one[0] == "error"] == []


R5: list[tuple[str, Json, str]] = [
    (
        "size as a number",
        answer("attachment", {"contentType": "a/b", "url": "urn:a", "size": 3}),
        "value",
    ),
    (
        "blanks in base64",
        answer("attachment", {"contentType": "a/b", "data": "YWJj YWJj"}),
        "value",
    ),
    ("a reference that says nothing", response(subject={"type": "Patient"}), "fhirInvariant"),
    ("one identifier", response(identifier={"value": "1"}), "structure"),
    (
        "an answer of items alone",
        response({"linkId": "string", "answer": [{"item": [{"linkId": "x"}]}]}),
        "structure",
    ),
]


@pytest.mark.parametrize(("given", "rule"), [c[1:] for c in R5], ids=[c[0] for c in R5])
def test_r5_asks_for_what_r4_does_not(given: Json, rule: str) -> None:
    assert ("error", rule) in told(given, "5.0")
    assert ("error", rule) not in told(given)


def test_elements_of_r5_are_unknown_in_r4() -> None:
    given = answer("attachment", {"contentType": "a/b", "url": "urn:a", "pages": 3, "size": "3"})

    assert told(given, "5.0") == []
    assert {rule for _, rule in told(given)} == {"structure", "value"}


@pytest.mark.parametrize("version", ["4.0", "4.3", "5.0"])
def test_every_invariant_of_a_datatype_is_judged_or_named_as_not_judged(version: str) -> None:
    with_rules = {name for name in definitions(version).rules() if not name.startswith(QR)}

    assert with_rules - JUDGES.keys() == NOT_JUDGED & with_rules


@pytest.mark.parametrize("version", ["4.0", "4.3", "5.0"])
def test_every_type_that_an_element_names_is_defined(version: str) -> None:
    known = definitions(version)
    known.resource("Patient")
    for name in list(known._types):
        type_ = known.type(name)
        assert type_ is not None
        for element in type_.elements.values():
            assert element.primitive or element.type == "Resource" or known.type(element.type)


def test_the_resource_types_are_those_of_the_tables() -> None:
    tables = (json.loads(path.read_bytes()) for path in DATA.glob("*-resources.json"))
    named = {name for table in tables for name in table["types"] if "." not in name}

    assert named | {RESPONSE} == RESOURCE_TYPES
