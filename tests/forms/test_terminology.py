"""Value sets as far as the resources at hand reach: in, out, or not checked."""

from typing import Any

import pytest

from cds.forms.support import Support
from cds.forms.validate import validate

Json = dict[str, Any]
URL = "http://example.org/q"
VS, CS = "http://example.org/vs", "http://example.org/cs"


def _verdict(
    support: list[Json], coding: Json, canonical: str = VS, type_: str = "choice", **form: Any
) -> list[str]:
    item = {"linkId": "q", "type": type_, "answerValueSet": canonical}
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": URL,
        "status": "active",
        "item": [item],
        **form,
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
        "item": [{"linkId": "q", "answer": [{"valueCoding": coding}]}],
    }
    issues = validate(response, questionnaire, support=Support(support))
    return [f"{issue.rule} {issue.severity}" for issue in issues if issue.severity != "information"]


def _value_set(**more: Any) -> Json:
    return {"resourceType": "ValueSet", "url": VS, "id": "vs", "status": "active", **more}


def _include(**more: Any) -> Json:
    return _value_set(compose={"include": [{"system": CS, **more}]})


A, B, BARE = {"system": CS, "code": "a"}, {"system": CS, "code": "b"}, {"code": "a"}
LISTED = _include(concept=[{"code": "a"}])
EXPANDED = _value_set(
    expansion={
        "contains": [
            {"system": CS, "code": "x", "abstract": True, "contains": [{"system": CS, "code": "a"}]}
        ]
    }
)
SYSTEM = {
    "resourceType": "CodeSystem",
    "url": CS,
    "content": "complete",
    "concept": [{"code": "x", "concept": [{"code": "a"}]}],
}
IS_A = {"property": "concept", "op": "is-a", "value": "x"}
IN_A, IN_B = ({"system": CS, "concept": [one]} for one in (A, B))
OTHER, THIRD = "http://example.org/other", "http://example.org/third"
TWO_SETS = [
    {**_value_set(compose={"include": [part]}), "url": url}
    for url, part in ((OTHER, IN_A), (THIRD, IN_B))
]
LIMITED = {"name": "limitedExpansion", "valueBoolean": True}
OUT, UNSURE, BARE_OUT = (
    ["invalidCoding error"],
    ["valueSetNotChecked warning"],
    ["invalidCoding warning"],
)


@pytest.mark.parametrize(
    ("support", "coding", "expected"),
    [
        ([LISTED], A, []),
        ([LISTED], B, OUT),
        ([LISTED], BARE, BARE_OUT),
        ([], A, UNSURE),
        ([EXPANDED], A, []),
        ([EXPANDED], B, OUT),
        ([EXPANDED], {"system": CS, "code": "x"}, OUT),
        ([_value_set(expansion={"total": 99, "contains": [A]})], B, UNSURE),
        ([_value_set(expansion={"total": 99, "contains": [A]})], A, []),
        ([_include()], A, UNSURE),
        ([_include(), SYSTEM], A, []),
        ([_include(), SYSTEM], B, OUT),
        ([_include(), {**SYSTEM, "content": "fragment"}], B, UNSURE),
        (
            [_include(filter=[{"property": "concept", "op": "is-a", "value": "x"}])],
            A,
            UNSURE,
        ),
        ([{"resourceType": "Bundle", "entry": [{"resource": LISTED}]}], B, OUT),
        (
            [
                _value_set(compose={"include": [{"valueSet": ["http://example.org/other"]}]}),
                {**LISTED, "url": "http://example.org/other"},
            ],
            A,
            [],
        ),
        (
            [_value_set(compose={"include": [{"valueSet": ["http://example.org/other"]}]})],
            A,
            UNSURE,
        ),
        ([_value_set(compose={"include": [{"valueSet": [VS]}]})], A, UNSURE),
        (
            [
                _value_set(
                    compose={
                        "include": [{"system": CS, "concept": [A, B]}],
                        "exclude": [{"system": CS, "concept": [B]}],
                    }
                )
            ],
            B,
            OUT,
        ),
        (
            [
                _value_set(
                    compose={
                        "include": [{"system": CS, "concept": [A, B]}],
                        "exclude": [{"system": "other"}],
                    }
                )
            ],
            A,
            [],
        ),
        (
            [
                _value_set(
                    compose={
                        "include": [{"system": CS, "concept": [A, B]}],
                        "exclude": [{"system": CS, "filter": [IS_A]}],
                    }
                )
            ],
            A,
            UNSURE,
        ),
        (
            [
                _value_set(
                    compose={
                        "include": [{"system": "other"}, {"system": CS, "concept": [A]}],
                    }
                )
            ],
            B,
            OUT,
        ),
        (
            [_value_set(compose={"include": [{"system": CS}], "exclude": [IN_B]})],
            B,
            OUT,
        ),
        (
            [_value_set(compose={"include": [{"valueSet": [OTHER, THIRD]}]}), *TWO_SETS],
            A,
            OUT,
        ),
        ([_include(), {**SYSTEM, "caseSensitive": False}], {**A, "code": "A"}, []),
        ([_include(), {**SYSTEM, "caseSensitive": True}], {**A, "code": "A"}, OUT),
        ([{**SYSTEM, "valueSet": VS}], A, []),
        ([{**SYSTEM, "valueSet": VS}], B, OUT),
        ([LISTED], {"display": "no code"}, OUT),
        ([_include()], {"system": CS, "display": "no code"}, UNSURE),
        ([_value_set(expansion={"parameter": [LIMITED], "contains": [A]})], B, UNSURE),
        (
            [
                _value_set(
                    expansion={"total": 9, "contains": [A]}, compose={"include": [IN_B, IN_A]}
                )
            ],
            B,
            [],
        ),
        ([_value_set()], A, UNSURE),
    ],
)
def test_a_code_is_in_or_out_or_not_checked(
    support: list[Json], coding: Json, expected: list[str]
) -> None:
    assert _verdict(support, coding) == expected


def test_a_contained_value_set_counts() -> None:
    assert _verdict([], A, "#vs", contained=[LISTED]) == []
    assert _verdict([], B, "#vs", contained=[LISTED]) == OUT


def test_a_form_in_a_response_uses_what_the_response_contains() -> None:
    item = {"linkId": "q", "type": "choice", "answerValueSet": "#top"}
    form = {"resourceType": "Questionnaire", "id": "form", "status": "active", "item": [item]}
    top = {**_value_set(compose={"include": [{"valueSet": ["#vs"]}]}), "id": "top"}

    for coding, rules in ((A, []), (B, ["invalidCoding"])):
        response = {
            "resourceType": "QuestionnaireResponse",
            "contained": [form, top, LISTED],
            "questionnaire": "#form",
            "status": "completed",
            "item": [{"linkId": "q", "answer": [{"valueCoding": coding}]}],
        }
        found = validate(response)
        assert [one.rule for one in found if one.severity != "information"] == rules


def test_a_version_of_a_value_set_is_found() -> None:
    assert _verdict([{**LISTED, "version": "2"}], B, f"{VS}|2") == OUT


def test_an_open_choice_takes_a_text_but_no_other_code() -> None:
    assert _verdict([LISTED], {"display": "something else"}, type_="open-choice") == []
    assert _verdict([LISTED], B, type_="open-choice") == OUT


GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.mark.parametrize(
    ("value_set", "system", "code", "expected"),
    [
        ("http://hl7.org/fhir/ValueSet/administrative-gender", GENDER, "female", []),
        ("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", GENDER, "female", []),
        ("http://hl7.org/fhir/ValueSet/administrative-gender", GENDER, "nope", OUT),
        ("http://hl7.org/fhir/ValueSet/administrative-gender|9.9", GENDER, "nope", UNSURE),
        (
            "http://hl7.org/fhir/ValueSet/yesnodontknow",
            "http://terminology.hl7.org/CodeSystem/v2-0136",
            "Y",
            [],
        ),
    ],
)
def test_value_sets_of_hl7_are_known(
    value_set: str, system: str, code: str, expected: object
) -> None:
    assert _verdict([], {"system": system, "code": code}, value_set) == expected


@pytest.mark.parametrize(
    ("system", "code", "severity"),
    [
        (GENDER, "female", None),
        (GENDER, "nope", "error"),
        ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK", None),
        ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "NOPE", "warning"),
        ("http://hl7.org/fhir/a-system-to-come", "nope", None),
        ("http://loinc.org", "nope", None),
    ],
)
def test_a_code_that_a_system_of_hl7_does_not_have_is_told(
    system: str, code: str, severity: str | None
) -> None:
    form = {"resourceType": "Questionnaire", "status": "active", "item": []}
    coding = {"system": system, "code": code}
    for item in ({"linkId": "q", "type": "open-choice"}, {"linkId": "q", "type": "choice"}):
        given = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": "http://example.org/q",
            "status": "completed",
            "item": [{"linkId": "q", "answer": [{"valueCoding": coding}]}],
        }
        issues = validate(given, {**form, "item": [item]})
        told = [one.severity for one in issues if one.rule == "unknownCode"]
        assert told == ([severity] if severity else [])
