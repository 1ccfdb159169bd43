from typing import Any

import pytest

from cds.fhir.references import (
    SUBJECTS,
    legal_identifier,
    legal_reference,
    record_reference,
    response_reference,
)

UUID = "urn:uuid:0f3e4d5c-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"reference": "Patient/1"}, {"reference": "Patient/1"}),
        ({"reference": "Patient/a-b.c/_history/2"}, {"reference": "Patient/a-b.c/_history/2"}),
        (
            {"reference": "https://ehr.example:8080/fhir/Patient/1"},
            {"reference": "https://ehr.example:8080/fhir/Patient/1"},
        ),
        (
            {"display": "Ann", "reference": "Group/1", "type": "Group", "id": "x"},
            {"reference": "Group/1", "type": "Group", "display": "Ann"},
        ),
        (
            {"reference": "Patient/1", "type": "Group"},
            {"reference": "Patient/1", "type": "Patient"},
        ),
        (
            {"reference": UUID},
            {"type": "Patient", "identifier": {"system": "urn:ietf:rfc:3986", "value": UUID}},
        ),
        (
            {"reference": UUID, "identifier": {"value": "7"}},
            {"identifier": {"value": "7"}},
        ),
        ({"reference": "#p", "display": "Ann"}, {"display": "Ann"}),
        (
            {"identifier": {"system": "http://s", "value": "7"}},
            {"identifier": {"system": "http://s", "value": "7"}},
        ),
        ({"reference": "Patient/1", "display": 5}, {"reference": "Patient/1"}),
        ({"reference": "Patient/a b", "display": "Ann"}, {"display": "Ann"}),
        ({"reference": "#p"}, None),
        ({"reference": "Patient/a b"}, None),
        ({"reference": "Patient/" + "x" * 65}, None),
        ({"reference": "Patient/1?x"}, None),
        ({"reference": "javascript:alert(1)/Patient/1"}, None),
        ({"reference": "Practitioner/1", "display": "Dr"}, None),
        ({"type": "Practitioner", "display": "Dr"}, None),
        ({"reference": 5}, None),
        ({}, None),
        ("Patient/1", None),
        ([{"reference": "Patient/1"}], None),
        (None, None),
    ],
)
def test_a_reference_is_passed_on_as_far_as_it_is_legal(given: object, expected: object) -> None:
    assert legal_reference(given, SUBJECTS, "Patient") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"use": "usual", "system": "urn:x", "value": "1"},
            {"use": "usual", "system": "urn:x", "value": "1"},
        ),
        ({"use": "mine", "system": "a b", "value": "1"}, {"value": "1"}),
        ({"use": ["usual"], "value": "1", "period": {}}, {"value": "1"}),
        ({"system": "urn:x"}, None),
        ("1", None),
    ],
)
def test_an_identifier_is_passed_on_as_far_as_it_is_legal(given: object, expected: object) -> None:
    assert legal_identifier(given) == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"id": "q1"}, {"reference": "QuestionnaireResponse/q1"}),
        (
            {"id": "q 1", "identifier": {"value": "7"}},
            {"type": "QuestionnaireResponse", "identifier": {"value": "7"}},
        ),
    ],
)
def test_the_response_is_named_by_id_or_identifier(
    response: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert response_reference(response, "f" * 64) == expected


def test_a_response_without_any_name_is_named_by_its_fingerprint() -> None:
    found = response_reference({}, "f" * 64)

    assert found["type"] == "QuestionnaireResponse"
    assert "f" * 64 in found["display"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Observation/1", {"reference": "Observation/1"}),
        (UUID, {"identifier": {"system": "urn:ietf:rfc:3986", "value": UUID}}),
        ("lab value", {"display": "lab value"}),
        ("", {"display": "unnamed resource"}),
    ],
)
def test_a_resource_of_the_record_never_dangles(given: str, expected: dict[str, Any]) -> None:
    assert record_reference(given) == expected
