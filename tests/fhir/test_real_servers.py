"""What servers with their default settings ask of a Bundle that is posted to them."""

from collections.abc import Iterator
from typing import Any

import pytest

from cds.fhir.with_inputs import with_inputs
from cds.flows.assess import assess, installed
from cds.flows.synthetic.samples import sample_bundle, samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders

Json = dict[str, Any]
PACK = find_pack("cramps")
SCENARIOS = scenarios_of(pack_folders()["cramps"], PACK)
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "id": "r",
    "status": "completed",
    "questionnaire": PACK.full.url,
    "subject": {"reference": "Patient/p"},
    "authored": "2026-11-20T15:00:00Z",
    "item": [],
}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "reference" and isinstance(one, str):
                yield one
            else:
                yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_no_reference_leads_to_another_server() -> None:
    record = [
        {
            "fullUrl": "https://ehr.example.org/fhir/Condition/c",
            "resource": {
                "resourceType": "Condition",
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]},
            },
        }
    ]
    bundle = assess(RESPONSE, record=record).to_fhir()

    assert not [one for one in references(bundle) if one.startswith("http")]
    assert "https://ehr.example.org/fhir/Condition/c" in str(bundle)  # it is still named


@pytest.mark.parametrize("name", [one for one in SCENARIOS if one != "invalid"])
def test_every_reference_of_a_sampled_bundle_leads_to_one_of_its_entries(name: str) -> None:
    (sample,) = samples(SCENARIOS, PACK, name, 1, 0)
    bundle = sample_bundle(sample, installed())

    urls = {one["fullUrl"] for one in bundle["entry"]}
    base = PACK.identity.base
    for entry in bundle["entry"]:
        for reference in references(entry["resource"]):
            if not reference.startswith("#"):
                assert f"{base}/{reference}" in urls, reference


def test_a_transaction_brings_its_inputs_along() -> None:
    patient = {"resourceType": "Patient", "id": "p"}
    made = assess(RESPONSE).to_fhir()
    transaction = {**made, "type": "transaction"}

    bundle = with_inputs(transaction, [patient, RESPONSE, {"resourceType": "Patient"}], "http://b")

    assert [one["request"] for one in bundle["entry"][:2]] == [
        {"method": "PUT", "url": "Patient/p"},
        {"method": "PUT", "url": "QuestionnaireResponse/r"},
    ]
    assert bundle["entry"][2:] == made["entry"]
