"""A form half filled from the record: only what is shown, never what could take an alarm away."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cds.core.model import Facts
from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.populate import Populated, faults_of_prefill, populate, to_parameters
from cds.knowledge.proofs.witness import _response as witness_response
from cds.record.facts import facts_of
from cds.record.rules import Prefill, RecordRules

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
CALM = {"safety.urine": ["usual"], "safety.pelvic-mass": ["no"]}


def condition(code: str, identifier: str = "c", system: str = SNOMED) -> Json:
    coding = {"system": system, "code": code, "display": f"Condition {code}"}
    return {
        "resourceType": "Condition",
        "id": identifier,
        "code": {"coding": [coding]},
        "recordedDate": "2024-05-06",
    }


def order(text: str, identifier: str = "m") -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": identifier,
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-01-02",
        "medicationCodeableConcept": {"text": text},
    }


def dialysis() -> Json:
    code = {"coding": [{"system": SNOMED, "code": "302497006", "display": "Hemodialysis"}]}
    return {"resourceType": "Procedure", "id": "d", "status": "completed", "code": code}


def fill(pack: Pack, rules: RecordRules, *record: Json, short: bool = False) -> Populated:
    facts = facts_of(record, rules, now=NOW, patient="Patient/p")
    form = pack.forms[1] if short else pack.full
    return populate(pack, form, facts, rules, now=NOW, subject="Patient/p")


def answers(populated: Populated) -> dict[str, list[str]]:
    groups = populated.response.get("item", [])
    return {
        item["linkId"]: [answer["valueCoding"]["code"] for answer in item["answer"]]
        for group in groups
        for item in group["item"]
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (order("Furosemide 40 mg"), {"history.medications": ["diuretic"]}),
        (order("Atorvastatin 10 mg"), {"history.medications": ["statin"]}),
        (condition("73211009"), {"history.conditions": ["diabetes"]}),
        (condition("709044004"), {"history.conditions": ["kidney-disorder"]}),
        (condition("399957001"), {"history.conditions": ["peripheral-artery-disease"]}),
        (condition("76107001"), {"history.conditions": ["spinal-stenosis-or-sciatica"]}),
        (condition("23056005"), {"history.conditions": ["spinal-stenosis-or-sciatica"]}),
        (condition("42345000"), {"history.conditions": ["known-neuropathy"]}),
        (condition("77386006"), {"history.conditions": ["pregnant"]}),
        (condition("48532005"), {"history.conditions": ["recent-muscle-injury"]}),
        (condition("27550009"), {}),  # too wide to tick anything for anybody
        (condition("Z99.2", system=ICD), {}),
        (dialysis(), {}),
        (condition("419045004"), {}),  # loss of consciousness on the list fills no safety item
    ],
)
def test_a_present_fact_fills_its_option_and_nothing_else(
    record: Json, expected: dict[str, list[str]], pack: Pack, rules: RecordRules
) -> None:
    assert answers(fill(pack, rules, record)) == expected


def test_the_response_is_begun_and_each_answer_names_its_source(
    pack: Pack, rules: RecordRules
) -> None:
    populated = fill(pack, rules, condition("76107001", "a"), condition("23056005", "b"))

    response = populated.response
    assert response["status"] == "in-progress"
    assert response["questionnaire"] == f"{pack.full.url}|{pack.full.version}"
    assert response["subject"] == {"reference": "Patient/p"}
    (answer,) = response["item"][0]["item"][0]["answer"]
    url = f"{pack.identity.base}/StructureDefinition/answer-source"
    assert {one["url"] for one in answer["extension"]} == {url}
    references = [one["valueReference"] for one in answer["extension"]]
    assert [one["reference"] for one in references] == ["Condition/a", "Condition/b"]
    assert references[0]["display"] == "Condition 76107001, on 2024-05-06"
    assert answer["valueCoding"]["system"] == pack.identity.answer_system


def test_a_half_filled_form_is_never_below_not_settled(pack: Pack, rules: RecordRules) -> None:
    filled = fill(pack, rules, condition("709044004"), order("Furosemide 40 mg"))
    safe = {link_id: ["none"] for link_id in pack.rules.reassurance.safety}
    calm = witness_response(pack.full, {**safe, **CALM, **answers(filled)})
    begun = {**calm, "status": filled.response["status"]}

    confirmed = Assessor([pack]).assess(calm, now=NOW).level.code
    unconfirmed = Assessor([pack]).assess(begun, now=NOW).level.code

    assert (confirmed, unconfirmed) == ("routine", "indeterminate")


def test_silence_and_absence_fill_nothing(pack: Pack, rules: RecordRules) -> None:
    assert answers(fill(pack, rules)) == {}
    assert "item" not in fill(pack, rules).response
    assert populate(pack, pack.full, Facts(), rules, now=NOW, subject=None).hints == ()


def test_dialysis_and_labs_are_shown_beside_their_questions(pack: Pack, rules: RecordRules) -> None:
    potassium = {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "interpretation": [{"coding": [{"code": "LL"}]}],
        "valueQuantity": {"value": 2, "unit": "mmol/L"},
    }

    populated = fill(pack, rules, dialysis(), potassium, order("Lasix 40 mg"))

    shown = {hint.link_id: hint for hint in populated.hints}
    assert shown["history.hemodialysis"].records == ("Procedure/d",)
    assert "Hemodialysis" in shown["history.hemodialysis"].text
    assert "2 mmol/L, on 2026-11-20 08:00 UTC" in shown["history.labs-known"].text
    assert "Lasix 40 mg" in shown["history.medications"].text
    parameters = to_parameters(populated)["parameter"]
    assert [one["name"] for one in parameters] == ["response", "issues"]
    # Besides the hints: the medicine that was not read, and the sums.
    assert len(parameters[1]["resource"]["issue"]) == len(populated.hints) + 2


def test_the_short_form_is_never_filled(pack: Pack, rules: RecordRules) -> None:
    populated = fill(
        pack, rules, order("Furosemide"), condition("73211009"), dialysis(), short=True
    )

    assert "item" not in populated.response
    assert [hint.link_id for hint in populated.hints] == ["history.hemodialysis"]


def test_every_prefill_of_the_pack_has_its_place(pack: Pack, rules: RecordRules) -> None:
    assert faults_of_prefill(pack, rules) == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("safety.urine", "none-new"),
        ("safety.nerve", "leg-weakness"),
        ("history.hemodialysis", "yes"),
        ("history.medications", "none"),
        ("history.medications", "unknown"),
        ("history.medications", "digoxin"),
        ("history.nothing", "yes"),
    ],
)
def test_what_may_not_be_filled_is_a_fault_and_is_not_filled(
    question: str, answer: str, pack: Pack, rules: RecordRules
) -> None:
    wrong = replace(rules, prefill=(Prefill("medicine.diuretic", question, answer),))

    (fault,) = faults_of_prefill(pack, wrong)

    assert fault.where == "record.toml: prefill medicine.diuretic"
    assert answers(fill(pack, wrong, order("Furosemide"))) == {}
