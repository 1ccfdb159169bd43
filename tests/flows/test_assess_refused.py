"""What is not assessed at all, and garbage that is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cds.errors import CdsError, ResponseError, Unreadable
from tests.replies import CALM, URINE, decide, fired, question, reply

# ── What is not assessed at all ──


@pytest.mark.parametrize(
    ("canonical", "problem"),
    [
        ("https://other.example/Questionnaire/x", "is not a Questionnaire of an installed pack."),
        ("", "is not a Questionnaire of an installed pack."),
        ("#contained", "is not a Questionnaire of an installed pack."),
        ("../../etc/passwd", "is not a Questionnaire of an installed pack."),
        ("file:///etc/passwd", "is not a Questionnaire of an installed pack."),
    ],
)
def test_another_questionnaire_is_refused(canonical: str, problem: str) -> None:
    with pytest.raises(ResponseError) as caught:
        decide(reply(questionnaire=canonical))

    assert caught.value.where == "QuestionnaireResponse.questionnaire"
    assert caught.value.problem == problem


@pytest.mark.parametrize("canonical", [5, [], {}, True])
def test_a_canonical_that_is_no_text_blocks(canonical: Any) -> None:
    assessed = decide(reply(questionnaire=canonical))

    assert (assessed.level.code, assessed.invalid) == ("indeterminate", True)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"null",
        b"5",
        b"1.5",
        b'"x"',
        b"{}",
        b'{"resourceType": "Patient"}',
        b'{"resourceType": ["QuestionnaireResponse"]}',
        b'{"resourceType": "QuestionnaireResponse", "status": "completed", "status": "x"}',
        b'{"resourceType": "QuestionnaireResponse", "x": NaN}',
        b"\xff\xfe",
        b"[" * 100 + b"]" * 100,
        {},
        {"resourceType": "Bundle"},
        [],
        None,
        "text",
        5,
        object(),
    ],
)
def test_what_is_no_response_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable) as caught:
        decide(value, where="r.json")

    assert caught.value.where == "r.json"


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        (b'"x": ' + b"[" * 70 + b"]" * 70, "nested"),
        (b'"x": ' + b"1" * 60, "digits"),
    ],
)
def test_the_limits_of_the_wire_hold_for_bytes(limit: bytes, problem: str) -> None:
    data = b'{"resourceType": "QuestionnaireResponse", "questionnaire": "https://cramp-cds.example/fhir/Questionnaire/cramps", %s}'  # noqa: E501

    with pytest.raises(CdsError) as caught:
        decide(data % limit)

    assert problem in caught.value.problem


def test_every_question_can_be_garbage_and_still_be_assessed() -> None:
    response = reply({URINE: "none-new"})
    for link_id in CALM:
        if link_id != URINE:
            question(response, link_id)["answer"] = [{"valueQuantity": {"value": 1}}, 5, None]

    assessed = decide(response)

    assert fired(assessed) == ["E3"]
    assert assessed.invalid


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), b"x", {1, 2}, object()])
def test_values_that_json_cannot_hold_are_refused_with_a_hint(value: object) -> None:
    """A model's own dump has such values in it."""
    with pytest.raises(Unreadable) as caught:
        decide({**reply(), "authored": value})

    assert "model_dump_json()" in caught.value.hint
