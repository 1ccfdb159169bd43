"""FHIR XML: the same issues as of the JSON that it stands for, where they stand in the XML."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from cds.flows.validate import Validated, Validator
from cds.flows.validate_inputs import documents
from cds.forms.elements.definitions import definitions
from cds.forms.elements.from_xml import NotXml, resource_of
from cds.forms.validate import validate

FHIR = "http://hl7.org/fhir"
FORM = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/q",
    "status": "active",
    "item": [
        {
            "linkId": "n",
            "type": "integer",
            "text": "N",
            "extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 5}
            ],
        },
        {
            "linkId": "c",
            "type": "choice",
            "repeats": True,
            "text": "C",
            "answerOption": [{"valueCoding": {"system": "urn:s", "code": "a"}}],
        },
    ],
}
RESPONSE: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "id": "x",
    "meta": {"profile": ["urn:a"]},
    "contained": [
        {
            "resourceType": "Patient",
            "id": "p",
            "name": [{"given": ["A", "B"], "_given": [None, {"id": "i"}]}],
        }
    ],
    "questionnaire": "http://example.org/q",
    "status": "completed",
    "subject": {"reference": "#p"},
    "_authored": {"extension": [{"url": "http://example.org/e", "valueCode": "unknown"}]},
    "author": {"display": "x"},
    "item": [
        {"linkId": "n", "answer": [{"valueInteger": 7}]},
        {
            "linkId": "c",
            "answer": [
                {"valueCoding": {"system": "urn:s", "code": "a"}},
                {"valueCoding": {"system": "urn:s", "code": "z"}},
            ],
        },
    ],
}


def to_xml(name: str, value: Any, beside: Any = None, depth: int = 0) -> str:
    """The XML of a JSON value, plainly."""
    pad = " " * depth
    if isinstance(value, list):
        others = beside if isinstance(beside, list) else [None] * len(value)
        return "".join(
            to_xml(name, one, other, depth) for one, other in zip(value, others, strict=True)
        )
    attributes, inner = "", ""
    parts = value if isinstance(value, dict) else (beside or {})
    if isinstance(value, dict) and "resourceType" in value and depth:
        return f"{pad}<{name}>\n{resource_xml(value, depth + 1)}{pad}</{name}>\n"
    if value is not None and not isinstance(value, dict):
        attributes = (
            f" value={quoteattr(json.dumps(value) if not isinstance(value, str) else value)}"
        )
    for key, part in parts.items():
        if (key == "url" and name == "extension") or (
            key == "id" and name != "Patient" and value is None
        ):
            attributes += f" {key}={quoteattr(part)}"
        elif not key.startswith("_"):
            inner += to_xml(key, part, parts.get(f"_{key}"), depth + 1)
        elif key[1:] not in parts:
            inner += to_xml(key[1:], None, part, depth + 1)
    return (
        f"{pad}<{name}{attributes}>\n{inner}{pad}</{name}>\n"
        if inner
        else f"{pad}<{name}{attributes}/>\n"
    )


def resource_xml(resource: dict[str, Any], depth: int = 0) -> str:
    name = resource["resourceType"]
    parts = {key: part for key, part in resource.items() if key != "resourceType"}
    inner = "".join(
        to_xml(
            key.removeprefix("_"),
            None if key[0] == "_" else part,
            part if key[0] == "_" else parts.get(f"_{key}"),
            depth + 1,
        )
        for key, part in parts.items()
        if key[0] != "_" or key[1:] not in parts
    )
    return f'<{name} xmlns="{FHIR}">\n{inner}</{name}>\n'


def judged(data: bytes, tmp_path: Path) -> Validated:
    path = tmp_path / "response.xml"
    path.write_bytes(data)
    (result,) = Validator(FORM).results(documents(str(path), stdin=BytesIO()))
    return result


def test_xml_stands_for_its_json() -> None:
    read, _ = resource_of(resource_xml(RESPONSE).encode(), definitions("4.0"))

    assert read == RESPONSE


def test_issues_are_those_of_the_json_and_stand_in_the_xml(tmp_path: Path) -> None:
    text = resource_xml(RESPONSE)

    result = judged(text.encode(), tmp_path)

    told = [(one.rule, one.expression) for one in result.issues]
    assert told == [(one.rule, one.expression) for one in validate(RESPONSE, FORM)]
    lines = text.splitlines()
    found = {one.rule: (one.line, one.column) for one in result.issues}
    line, column = found["maxValue"]
    assert line is not None
    assert column is not None
    assert lines[line - 1][column - 1 :].startswith('<valueInteger value="7"')
    line, column = found["invalidAnswerOption"]
    assert line is not None
    assert lines[line - 1].strip() == "<valueCoding>"
    assert 'value="z"' in lines[line + 1]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("<a>", "not well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ("<QuestionnaireResponse/>", "namespace"),
        (f'<QuestionnaireResponse xmlns="{FHIR}">&b;</QuestionnaireResponse>', "not well-formed"),
        (f'<a xmlns="{FHIR}">' + "<b>" * 300 + "</b>" * 300 + "</a>", "too deeply"),
    ],
)
def test_hostile_or_broken_xml_is_refused_with_its_place(
    data: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(NotXml, match=problem):
        resource_of(data.encode(), definitions("4.0"))
    result = judged(data.encode(), tmp_path)
    assert result.fault is not None
    assert problem in result.fault.problem


_X = '<answer><valueInteger value="x"/></answer>'
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>'
_TEXT = f'<text><status value="generated"/>{_DIV}</text>'


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        ('<status value="completed"/><nonsense value="1"/>', "structure"),
        ('<status value="done"/>', "binding"),
        ('<status value="completed"/><status value="completed"/>', "value"),
        ('<status value="completed"/><authored value="yesterday"/>', "value"),
        ('<status value="completed"/><item><linkId value="n"/>' + _X + "</item>", "value"),
        ('<status value="completed"/>', "narrative"),
    ],
)
def test_what_is_wrong_in_xml_is_told(inner: str, rule: str, tmp_path: Path) -> None:
    named = (_TEXT if rule == "narrative" else "") + '<questionnaire value="http://example.org/q"/>'
    data = f'<QuestionnaireResponse xmlns="{FHIR}">{named}{inner}</QuestionnaireResponse>'

    result = judged(data.encode(), tmp_path)

    assert rule in {one.rule for one in result.issues if one.severity == "error"}


def _numbered(number: str) -> str:
    answer = f'<answer><valueInteger value="{number}"/></answer>'
    return _answered(f'<item><linkId value="n"/>{answer}</item>')


def _answered(item: str) -> str:
    named = '<questionnaire value="http://example.org/q"/><status value="completed"/>'
    return f'<QuestionnaireResponse xmlns="{FHIR}">{named}{item}</QuestionnaireResponse>'


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        *((number, True) for number in ("5", "+5", "-5", "0")),
        *((number, False) for number in ("05", "5.0", "1_0", " 5", "--5", "")),
    ],
)
def test_a_number_in_xml_is_written_as_fhir_writes_it(
    number: str, valid: bool, tmp_path: Path
) -> None:
    result = judged(_numbered(number).encode(), tmp_path)

    assert ("value" not in {one.rule for one in result.issues}) is valid


@pytest.mark.parametrize("number", ["01.5", "+1.5", "1.", ".5", "1_0", "NaN", "1,5"])
def test_a_decimal_in_xml_is_written_as_fhir_writes_it(number: str) -> None:
    quantity = f'<valueQuantity><value value="{number}"/></valueQuantity>'
    item = f'<item><linkId value="n"/><answer>{quantity}</answer></item>'
    resource, _ = resource_of(_answered(item).encode(), definitions("4.0"))

    assert isinstance(resource["item"][0]["answer"][0]["valueQuantity"]["value"], str)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ('<item><text value="N"/><linkId value="n"/></item>', "<linkId> stands behind <text>"),
        ('<item><linkId value="n"/></item><author><display value="x"/></author>', "stands behind"),
        ('<item><linkId value="n">x</linkId></item>', "a text stands where"),
        ("x<item><linkId value='n'/></item>", "a text stands where"),
        ('<item><linkId value="n"/></item>]]&gt;', "a text stands where"),
        ('<item xmlns="http://other.org"><linkId value="n"/></item>', "not of the namespace"),
        ('<item><o:linkId xmlns:o="urn:o" value="n"/></item>', "not of the namespace"),
    ],
)
def test_what_only_xml_can_have_wrong_is_refused_with_its_place(item: str, problem: str) -> None:
    with pytest.raises(NotXml, match=problem) as caught:
        resource_of(_answered(item).encode(), definitions("4.0"))

    assert (caught.value.line, caught.value.column > 1) == (1, True)


def test_comments_and_the_texts_of_a_narrative_are_no_texts_of_fhir(tmp_path: Path) -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Some <b>words</b></div>'
    said = f'<text><status value="generated"/>{div}</text>'
    data = _numbered("5").replace("<questionnaire", f"<!-- words -->{said}<questionnaire")

    result = judged(data.encode(), tmp_path)

    assert result.fault is None
    assert {one.severity for one in result.issues} <= {"information", "warning"}
