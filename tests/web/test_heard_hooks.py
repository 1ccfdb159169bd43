"""Inputs that were passed over in silence once: records that are not whole, orders beside."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cds.web.contract.answers import CardsResponse
from tests.web.caller import said_in

Json = dict[str, Any]
HEARD = Path(__file__).resolve().parents[3] / "shared" / "cases" / "heard"
FUROSEMIDE = {
    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "4603"}],
    "text": "Furosemide",
}


def _outcome(severity: Any, **more: Any) -> Json:
    issue = {"severity": severity, "code": "incomplete", **more}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@pytest.mark.parametrize("severity", ["warning", "error", "fatal", "unknown-word", None])
@pytest.mark.parametrize("key", ["labs", "conditions", "medications", "procedures"])
def test_an_outcome_beside_the_results_makes_them_incomplete(
    serve: Any, body: Any, severity: Any, key: str
) -> None:
    sent = body("everyday-night-cramp")
    entry = {"resource": _outcome(severity), "search": {"mode": "outcome"}}
    sent["prefetch"][key].setdefault("entry", []).append(entry)

    answer = serve().hook(sent)

    assert any(card["summary"].endswith(key) for card in answer.json()["cards"])
    assert f"{key} (only a part was given)" in said_in(answer)


@pytest.mark.parametrize(
    "envelope",
    [
        {"total": "250"},
        {"link": {"relation": "next", "url": "https://ehr.example.org/2"}},
        {"link": [{"relation": " Next", "url": "https://ehr.example.org/2"}]},
        {"meta": {"tag": [{"code": "subsetted"}]}},
        {"meta": {"security": {"code": "MASKED"}}},
        {"issues": _outcome("warning")},  # R5
    ],
)
def test_results_that_are_not_whole_say_so_in_any_shape(
    serve: Any, body: Any, envelope: Json
) -> None:
    sent = body("everyday-night-cramp")
    sent["prefetch"]["labs"] |= envelope

    assert "labs (only a part was given)" in said_in(serve().hook(sent))


def test_an_outcome_that_only_informs_leaves_them_whole(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp")
    entry = {"resource": _outcome("information"), "search": {"mode": "outcome"}}
    sent["prefetch"]["labs"].setdefault("entry", []).append(entry)

    assert serve().hook(sent).json() == {"cards": []}


def test_a_total_above_what_came_is_told(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp")
    sent["prefetch"]["labs"]["total"] = 3

    assert "labs (only a part was given)" in said_in(serve().hook(sent))


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("how", ["beside", "by fullUrl", "contained", "nested", "in the record"])
def test_an_order_is_read_wherever_its_medicine_stands(
    serve: Any, body: Any, hook: str, how: str
) -> None:
    sent = body("everyday-night-cramp", hook)
    (entry,) = sent["context"]["draftOrders"]["entry"]
    order = entry["resource"]
    del order["medicationCodeableConcept"]
    medicine = {"resourceType": "Medication", "id": "m1", "code": FUROSEMIDE}
    reference = {"contained": "#m1", "by fullUrl": "urn:uuid:5f0c", "beside": "Medication/m1"}
    order["medicationReference"] = {"reference": reference.get(how, "Medication/m1")}
    entries = [entry]
    if how == "contained":
        order["contained"] = [medicine]
    elif how == "in the record":
        sent["prefetch"]["medications"].setdefault("entry", []).append({"resource": medicine})
    else:
        entries.append({"fullUrl": "urn:uuid:5f0c", "resource": medicine})
    if how == "nested":
        inner = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        entries = [{"resource": inner}]
    sent["context"]["draftOrders"]["entry"] = entries

    cards = serve().hook(sent).json()["cards"]

    (card,) = [one for one in cards if one["source"]["topic"]["code"] == "order"]
    assert card["detail"].startswith("Being ordered: Furosemide.")


@pytest.mark.parametrize("how", ["concept", "reference"])
@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationOrder"])
def test_an_order_is_read_as_other_versions_of_fhir_write_it(
    serve: Any, body: Any, how: str, kind: str
) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    entries = sent["context"]["draftOrders"]["entry"]
    order = entries[0]["resource"]
    order["resourceType"] = kind
    concept = order.pop("medicationCodeableConcept")
    linked = {"concept": concept, "reference": {"reference": "Medication/m1"}}
    order["medication"] = {how: linked[how]}
    medicine = {"resourceType": "Medication", "id": "m1", "code": FUROSEMIDE}
    entries.append({"resource": medicine})

    cards = serve().hook(sent).json()["cards"]

    assert [one["source"]["topic"]["code"] for one in cards] == ["order"]


def test_an_order_for_dialysis_says_something_of_the_patient(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    subject, head = entry["resource"]["subject"], "Not read from the record"
    for text, code in (("Hemodialysis", None), (None, "302497006"), ("Potassium", "2823-3")):
        coding = {"system": "http://snomed.info/sct", "code": code}
        concept = {"text": text, "coding": [coding]} if text else {"coding": [coding]}
        drawn = {"resourceType": "ServiceRequest", "id": "s", "status": "draft", "code": concept}
        entry["resource"] = {**drawn, "intent": "order", "subject": subject}
        sent["hookInstance"] = str(uuid4())

        cards = serve().hook(sent).json()["cards"]

        # A test that is ordered says nothing of its value.
        named = [] if text == "Potassium" else [f"{head}: ServiceRequest: hemodialysis"]
        assert [one["summary"] for one in cards] == named


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "revoked", "deleted"])
def test_an_order_that_is_taken_back_orders_nothing(serve: Any, body: Any, status: str) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    if status == "deleted":
        entry["request"] = {"method": "DELETE", "url": "MedicationRequest/o"}
    else:
        entry["resource"]["status"] = status

    assert serve().hook(sent).json()["cards"] == []


def test_an_order_that_leads_nowhere_is_told(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    del entry["resource"]["medicationCodeableConcept"]
    entry["resource"]["medicationReference"] = {"reference": "Medication/gone"}

    (card,) = serve().hook(sent).json()["cards"]

    assert card["summary"].startswith("Not read from the record: a medicine without a name")


@pytest.mark.parametrize(
    "how", ["inside a group", "parameters", "dispensed", "alone", "proposal", "plan", "on-hold"]
)
def test_an_order_is_read_in_whatever_it_is_wrapped(serve: Any, body: Any, how: str) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    order = entry["resource"] | {"medicationCodeableConcept": FUROSEMIDE, "status": "draft"}
    if how == "inside a group":
        entry["resource"] = {"resourceType": "RequestGroup", "status": "draft"}
        entry["resource"] |= {"contained": [order], "action": [{"resource": {"reference": "#a"}}]}
    elif how in {"proposal", "plan"}:
        entry["resource"] = order | {"intent": how}
    elif how == "on-hold":
        entry["resource"] = order | {"status": how}
    elif how == "dispensed":
        entry["resource"] = order | {"resourceType": "MedicationDispense", "status": "preparation"}
    else:
        wrapped = {"resourceType": "Parameters", "parameter": [{"name": "o", "resource": order}]}
        sent["context"]["draftOrders"] = wrapped if how == "parameters" else order

    (card,) = serve().hook(sent).json()["cards"]

    assert card["detail"].startswith("Being ordered: Furosemide.")


@pytest.mark.parametrize("entry", [{}, {"fullUrl": "urn:uuid:1"}, {"resource": {"id": "x"}}])
def test_an_entry_of_the_orders_that_holds_none_is_told(serve: Any, body: Any, entry: Json) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    sent["context"]["draftOrders"]["entry"] = [entry]

    (card,) = serve().hook(sent).json()["cards"]

    assert card["summary"] == "Not read from the record: an order without a resource"


@pytest.mark.parametrize(
    ("concept", "is_told"),
    [
        ({"text": "Water tablet"}, True),  # it could be any, such as a brand that is not known here
        ({"coding": [{"code": "29046", "display": "Lisinopril"}], "text": "Lisinopril"}, False),
    ],
)
def test_a_medicine_that_is_ordered_by_a_mere_text_not_known_is_told(
    serve: Any, body: Any, concept: Json, is_told: bool
) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    entry["resource"]["medicationCodeableConcept"] = concept

    summaries = [one["summary"] for one in serve().hook(sent).json()["cards"]]

    assert summaries == (["Not read from the record: Water tablet"] if is_told else [])


def test_an_order_for_another_patient_is_not_used_and_told(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    entry["resource"]["subject"] = {"reference": "Patient/someone-else"}

    (card,) = serve().hook(sent).json()["cards"]

    assert card["summary"] == "Data of another patient was sent and not used"
    assert "Sent under draftOrders" in card["detail"]


def test_two_thousand_orders_are_read_in_a_time_that_grows_with_them(serve: Any, body: Any) -> None:
    sent = body("everyday-night-cramp", "order-sign")
    (entry,) = sent["context"]["draftOrders"]["entry"]
    many = []
    for number in range(2000):
        other = {**entry["resource"], "id": f"o{number}"}
        coding = {"code": "t", "display": f"Tonic {number}"}
        other["medicationCodeableConcept"] = {"coding": [coding]}
        many.append({"resource": other})
    sent["context"]["draftOrders"]["entry"] = [*many, entry]

    cards = serve().hook(sent).json()["cards"]

    assert [card["source"]["topic"]["code"] for card in cards] == ["order"]


def test_a_suggested_message_points_to_an_assessment_that_can_be_found(
    serve: Any, body: Any
) -> None:
    """Actions may be posted one by one: then no reference to a temporary address resolves."""
    card = serve().hook(body("no-urine")).json()["cards"][0]

    alert, message = [one["resource"] for one in card["suggestions"][0]["actions"]]
    about = message["about"][0]
    assert about["type"] == "RiskAssessment"
    assert about["identifier"] == alert["identifier"][0]
    assert "reference" not in about
    assert '"reference": "urn:' not in json.dumps(message)


# ── The cases as they came, where they lie beside the checkout ──

EXPECTED = {
    "hook-answers-two-years-old": "Ask again",
    "hook-labs-incomplete-warning": "Not read from the record: labs",
    "hook-order-medication-beside": "The medicine being ordered",
    "hook-response-relative-canonical": "Call emergency services now",
    "card-without-isRecommended": "Call emergency services now",
}


@pytest.mark.skipif(not HEARD.is_dir(), reason="the cases are not beside the checkout")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_that_was_not_heard_is_heard(serve: Any, name: str) -> None:
    sent = json.loads((HEARD / name / "hook.json").read_text())
    now = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)

    answer = serve(clock=lambda: now).hook(sent)

    CardsResponse.model_validate(answer.json())
    assert any(EXPECTED[name] in card["summary"] for card in answer.json()["cards"])
    if name == "hook-answers-two-years-old":
        assert "critical" not in {card["indicator"] for card in answer.json()["cards"]}
