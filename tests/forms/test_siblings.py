"""Kinds beside those of the handed cases: what was silent or wrong in several hundred siblings."""

from decimal import Decimal
from typing import Any

import pytest

from cds.forms.support import Support
from cds.forms.validate import compile_questionnaire
from cds.forms.values.texts import has_controls
from tests.forms.rule_kit import (
    CORE,
    KG_LIMITS,
    SDC,
    UCUM,
    YES,
    Json,
    a,
    coding,
    form,
    found,
    q,
    quantity,
    response,
    x,
)
from tests.replies import decide, reply

VALUE_SET = "http://example.org/ValueSet/v"


def rules(form_: Json, response_: Json, **more: Any) -> list[tuple[str, str]]:
    return [(one.severity, one.rule) for one in found(form_, response_, **more)]


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x1f"])
@pytest.mark.parametrize("version", ["4.0", "4.3", "5.0"])
def test_a_control_character_is_told_wherever_a_text_stands(character: str, version: str) -> None:
    text = f"a{character}b"
    plain, choice = q(), q("open-choice", answerOption=[coding("a")])
    option = {"valueCoding": {"system": "urn:s", "code": "a", "display": text}}
    said = x("http://example.org/e", valueMarkdown=text)
    tried = [
        (form(plain), response(a(text))),
        (form(q("text")), response(a(text))),
        (form(plain), response(a("x"), subject={"display": text})),
        (form(plain), response(a("x", extension=[said]))),
    ]
    if version != "5.0":
        tried += [(form(choice), response(a(text))), (form(choice), response(a(option)))]
    for form_, response_ in tried:
        assert ("error", "controls") in rules(form_, response_, fhir_version=version)


def test_tabs_and_line_breaks_are_no_control_characters_of_a_text() -> None:
    assert rules(form(q("text")), response(a("a\tb\r\nc"))) == []
    assert [c for c in map(chr, range(32)) if not has_controls(c)] == ["\t", "\n", "\r"]
    assert not any(has_controls(chr(code)) for code in (*range(32, 256), 0x2028, 0x1F600))


def test_a_control_character_in_a_free_text_does_not_hold_a_decision() -> None:
    noted = {**reply(), "author": {"display": "a\x0bb"}}

    issues = decide(noted).issues

    assert ("warning", "controls") in {(one.severity, one.rule) for one in issues}


@pytest.mark.parametrize("limits", [KG_LIMITS, [x(CORE + "minValue", valueInteger=3)]])
def test_a_limit_is_not_told_of_a_quantity_without_a_value(limits: list[Json]) -> None:
    asked = form(q("quantity", extension=limits))
    bare = {"valueQuantity": {"unit": "kg", "system": UCUM, "code": "kg"}}

    assert set(rules(asked, response(a(bare)))) == {("warning", "limitNotChecked")}
    assert rules(form(q("quantity")), response(a(bare))) == []


@pytest.mark.parametrize(
    ("type_", "answer", "condition"),
    [
        ("integer", {"valueInteger": 1}, {"operator": "=", "answerString": "1"}),
        ("integer", {"valueInteger": 1}, {"operator": "!=", "answerString": "1"}),
        ("integer", {"valueInteger": 1}, {"operator": ">", "answerDate": "2026-01-01"}),
        ("string", {"valueString": "true"}, {"operator": "=", "answerBoolean": True}),
        ("boolean", YES, {"operator": "=", "answerCoding": {"code": "Y"}}),
        ("date", {"valueDate": "2026-01-01"}, {"operator": "=", "answerString": "2026-01-01"}),
        ("quantity", quantity(1, "kg"), {"operator": ">", "answerDecimal": 1}),
    ],
)
def test_what_can_never_be_compared_neither_asks_nor_forbids(
    type_: str, answer: Json, condition: Json
) -> None:
    when = [{"question": "if", **condition}]
    asked = form(q(type_, "if"), q(enableWhen=when, required=True))
    given = a(answer, link_id="if")

    for response_ in (response(given), response(given, a("x"))):
        told = rules(asked, response_)
        assert ("warning", "enableWhen") in told
        assert "error" not in dict(told)


def test_what_can_be_compared_still_decides() -> None:
    when = [{"question": "if", "operator": "=", "answerDecimal": 1}]
    asked = form(q("integer", "if"), q(enableWhen=when, required=True))

    assert rules(asked, response(a({"valueInteger": 1}, link_id="if"))) == [("error", "required")]
    assert rules(asked, response(a({"valueInteger": 2}, link_id="if"))) == []
    free = form(
        q("open-choice", "if", answerOption=[coding("a")]),
        q(enableWhen=[{"question": "if", "operator": "=", **_answer("a")}], required=True),
    )
    assert rules(free, response(a("some text", link_id="if"))) == []


def _answer(code: str) -> Json:
    return {"answerCoding": {"system": "urn:s", "code": code}}


def test_rules_that_a_response_was_written_under_are_not_known_here() -> None:
    written = response(a("x"), implicitRules="http://example.org/rules")

    assert rules(form(q()), written) == [("warning", "modifierExtension")]
    assert ("error", "modifierExtension") in {
        (one.severity, one.rule)
        for one in decide({**reply(), "implicitRules": "http://example.org/rules"}).issues
    }


def test_a_code_of_ucum_that_is_none_is_told_in_a_coding_too() -> None:
    asked = form(q("choice"))

    assert rules(asked, response(a(coding("kgg", UCUM)))) == [("warning", "unitCode")]
    assert rules(asked, response(a(coding("kg", UCUM)))) == []
    offered = form(q("choice", answerOption=[coding("kgg", UCUM)]))
    assert rules(offered, response(a(coding("kgg", UCUM)))) == []


def bound(code: str, *resources: Json) -> list[tuple[str, str]]:
    asked = form(q("choice", answerValueSet=VALUE_SET))
    return rules(asked, response(a(coding(code))), support=Support(resources))


def value_set(**content: Any) -> Json:
    return {"resourceType": "ValueSet", "url": VALUE_SET, "status": "active", **content}


def system(*concepts: Json, **more: Any) -> Json:
    made = {"resourceType": "CodeSystem", "url": "urn:s", "status": "active"}
    return {**made, "content": "complete", "concept": list(concepts), **more}


ALL = value_set(compose={"include": [{"system": "urn:s"}]})


def test_a_supplement_defines_no_codes() -> None:
    more = system({"code": "z"}, content="supplement", supplements="urn:s")
    beside = {**more, "url": "urn:more"}
    whole = system({"code": "a"})

    assert bound("z", ALL, more) == [("warning", "valueSetNotChecked")]
    for resources in ([more, whole], [whole, more], [whole, beside]):
        assert bound("a", ALL, *resources) == []
        assert bound("z", ALL, *resources) == [("error", "invalidCoding")]


@pytest.mark.parametrize(
    "marked",
    [{"code": "inactive", "valueBoolean": True}, {"code": "status", "valueCode": "retired"}],
)
def test_a_set_without_inactive_codes_has_none(marked: Json) -> None:
    codes = system({"code": "a", "property": [marked]}, {"code": "b"})
    compose = {"include": [{"system": "urn:s"}], "inactive": False}

    assert bound("a", value_set(compose=compose), codes) == [("error", "invalidCoding")]
    assert bound("b", value_set(compose=compose), codes) == []
    assert bound("a", value_set(compose={**compose, "inactive": True}), codes) == []
    assert bound("a", ALL, codes) == []


@pytest.mark.parametrize(
    ("expansion", "whole"),
    [
        ({"parameter": [{"name": "count", "valueInteger": 1}]}, False),
        ({"parameter": [{"name": "offset", "valueInteger": 1}]}, False),
        ({"parameter": [{"name": "count", "valueInteger": 1}], "total": 1}, True),
        ({"parameter": [{"name": "count", "valueInteger": 9}]}, True),
        ({"parameter": [{"name": "offset", "valueInteger": 0}]}, True),
    ],
)
def test_a_page_of_an_expansion_refuses_no_code(expansion: Json, whole: bool) -> None:
    given = value_set(expansion={"contains": [{"system": "urn:s", "code": "a"}], **expansion})

    assert bound("a", given) == []
    told = ("error", "invalidCoding") if whole else ("warning", "valueSetNotChecked")
    assert bound("z", given) == [told]


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (quantity(2, "kg"), True),
        (quantity(2000, "g"), True),
        (quantity(Decimal("0.002"), "t"), True),
        (quantity(2, "g"), False),
        (quantity(2, "m"), False),
        ({"valueQuantity": {"value": 2}}, True),
    ],
)
def test_a_calculated_quantity_has_a_unit(answer: Json, right: bool) -> None:
    calculated = {"language": "text/fhirpath", "expression": "2 'kg'"}
    item = q("quantity", extension=[x(SDC + "calculatedExpression", valueExpression=calculated)])

    told = rules(form(item), response(a(answer)))

    assert told == ([] if right else [("warning", "calculatedExpression")])


def test_a_condition_that_compares_nothing_is_marked_in_the_compiled_form() -> None:
    when = [{"question": "if", "operator": "=", "answerString": "1"}]
    made = compile_questionnaire(form(q("integer", "if"), q(enableWhen=when)))

    assert [one.mistaken for one in made.by_link_id["q"].enable_when] == [True]


JURISDICTION = "http://hl7.org/fhir/ValueSet/jurisdiction"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (coding("AU", "urn:iso:std:iso:3166"), [("warning", "valueSetNotChecked")]),
        (coding("AU", "urn:s"), [("error", "invalidCoding")]),
        (coding("AU", None), [("warning", "valueSetNotChecked")]),
        (coding("km", UCUM), [("error", "invalidCoding")]),
    ],
)
@pytest.mark.parametrize("version", ["", "|4.0.1"])
def test_a_set_whose_codes_others_keep_has_none_of_another_system(
    answer: Json, told: list[tuple[str, str]], version: str
) -> None:
    asked = form(q("choice", answerValueSet=JURISDICTION + version))

    assert rules(asked, response(a(answer))) == told
    whole = {**value_set(compose={"include": [{"system": "urn:s"}]}), "url": JURISDICTION}
    everything = Support([whole, system({"code": "AU"})])
    if version == "" and answer == coding("AU", "urn:s"):
        assert rules(asked, response(a(answer)), support=everything) == []


def test_a_unit_of_no_system_of_its_set_is_refused() -> None:
    bound_to = x(CORE + "questionnaire-unitValueSet", valueCanonical=JURISDICTION)
    asked = form(q("quantity", extension=[bound_to]))

    assert rules(asked, response(a(quantity(1, "km")))) == [("error", "invalidUnitValueSet")]


def test_a_comparator_that_r5_does_not_have_is_one_error() -> None:
    given = response(a(quantity(1, "kg", comparator="<")))

    assert rules(form(q("quantity")), given, fhir_version="5.0") == [("error", "structure")]
    assert rules(form(q("quantity")), given, fhir_version="4.3") == []
