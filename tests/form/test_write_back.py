"""Into the EHR in one transaction, or part by part where that is refused; once in either way."""

import json
from typing import Any

import pytest

from tests.form.conftest import Visit
from tests.form.emr import Emr
from tests.form.launches import ANSWERS, launch, person_of
from tests.replies import reply

ALARM = ANSWERS | {"safety.urine": ["none-new"]}
KINDS = ("QuestionnaireResponse", "RiskAssessment", "CommunicationRequest", "Provenance")
SAID = (
    "The answers",
    "The result",
    "The message to the team",
    "Where the result comes from",
)
APART = "took the parts one by one"


def _kept(emr: Emr) -> dict[str, list[Any]]:
    return {kind: list(emr.kept.get(kind, {}).values()) for kind in KINDS}


def _writes(emr: Emr) -> list[str]:
    return [one for one in emr.asked if one.startswith(("POST /fhir", "PUT /fhir"))]


def _whole(emr: Emr) -> None:
    """Everything is there once, and refers to what is there."""
    kept = _kept(emr)
    (response,), (risk,) = kept["QuestionnaireResponse"], kept["RiskAssessment"]
    (message,), (provenance,) = kept["CommunicationRequest"], kept["Provenance"]
    assert {"reference": f"QuestionnaireResponse/{response['id']}"} in risk["basis"]
    assert {"reference": f"RiskAssessment/{risk['id']}"} in provenance["target"]
    assert {"reference": f"RiskAssessment/{risk['id']}"} in message["about"]
    assert "urn:uuid" not in json.dumps([risk, message, provenance])


@pytest.mark.parametrize("transactions", [True, False])
def test_all_of_it_is_written_once_in_either_way(
    visit: Visit, emr: Emr, *, transactions: bool
) -> None:
    emr.transactions = transactions
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**ALARM)

    assert all(f"Written: {said}." in page.text for said in SAID)
    assert (APART in page.text) != transactions
    assert (_writes(emr) == ["POST /fhir"]) == transactions
    _whole(emr)
    before = _kept(emr)
    person.open("/forms/cramps")
    page = person.press()
    assert _kept(emr) == before
    assert all(f"Written: {said}." in page.text for said in SAID)


def test_a_second_sending_whose_first_answer_was_lost_finds_what_was_kept(
    visit: Visit, emr: Emr
) -> None:
    """All is kept and nobody knows it; so it is sent again."""
    person = person_of(visit, emr)
    launch(person, emr)
    carried, emr.fhir = emr.fhir, _lost(emr)  # type: ignore[method-assign]
    page = person.press(**ALARM)
    assert "Not written: The result. The record system did not answer." in page.text
    assert "EMERGENCY" in page.text
    emr.fhir = carried  # type: ignore[method-assign]
    person.open("/forms/cramps")
    page = person.press()

    assert "Written: The result." in page.text
    _whole(emr)


def _lost(emr: Emr) -> Any:
    """Everything is carried out, and answered with more than is read."""
    carried = emr.fhir

    def fhir(call: Any, path: str, body: str) -> Any:
        answer = carried(call, path, body)
        return answer if call.command == "GET" else (200, {}, {"text": "x" * 300_000})

    return fhir


def test_a_transaction_that_is_refused_leaves_nothing_half_done(visit: Visit, emr: Emr) -> None:
    emr.refuses = {"POST CommunicationRequest"}
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**ALARM)

    assert APART in page.text
    assert "Not written: The message to the team. The record system refused it." in page.text
    assert [len(listed) for listed in _kept(emr).values()] == [1, 1, 0, 1]
    emr.refuses = set()
    person.open("/forms/cramps")
    person.press()
    assert [len(listed) for listed in _kept(emr).values()] == [1, 1, 1, 1]


def test_a_response_that_is_continued_is_updated_in_the_transaction(visit: Visit, emr: Emr) -> None:
    begun = reply({"safety.limb": None}, status="in-progress", subject={"reference": "Patient/p1"})
    emr.put({**begun, "id": "earlier"})
    person = person_of(visit, emr)
    launch(person, emr)
    person.press(**{"safety.limb": "cold-pale-or-blue"})

    assert _writes(emr) == ["POST /fhir"]
    _whole(emr)
    assert list(emr.kept["QuestionnaireResponse"]) == ["earlier"]
    assert emr.kept["QuestionnaireResponse"]["earlier"]["status"] == "completed"


def test_without_the_right_to_all_of_it_no_transaction_is_tried(visit: Visit, emr: Emr) -> None:
    emr.grants = {"launch", "patient/Patient.rs", "patient/QuestionnaireResponse.crus"}
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**ALARM)

    assert _writes(emr) == ["POST /fhir/QuestionnaireResponse"]
    assert APART not in page.text
    assert "Not written: Where the result comes from. The record system did not allow" in page.text


@pytest.mark.parametrize(
    "answer",
    [
        {"resourceType": "Bundle", "type": "transaction-response", "entry": []},
        {"resourceType": "Bundle", "type": "transaction-response"},
        {"resourceType": "OperationOutcome", "issue": []},
        {"entry": [{}, None, 3, {"response": {}}]},
        [],
    ],
)
def test_an_answer_that_does_not_say_where_is_no_proof(visit: Visit, emr: Emr, answer: Any) -> None:
    carried = emr.fhir

    def fhir(call: Any, path: str, body: str) -> Any:
        found = carried(call, path, body)
        return (200, {}, answer) if path == "/fhir" else found

    emr.fhir = fhir  # type: ignore[method-assign]
    person = person_of(visit, emr)
    launch(person, emr)
    page = person.press(**ALARM)

    assert APART in page.text
    assert "Written: The result." in page.text
    _whole(emr)
