"""Every medicine and condition of the verified codes, and each trap that was seen with them."""

from collections.abc import Callable
from typing import Any

from cds.core.model import Facts

Json = dict[str, Any]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]
Says = Callable[..., set[str]]
Golden = Callable[[str], list[dict[str, str]]]

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def order(*codings: Json, text: str | None = None, identifier: str = "m", **other: Any) -> Json:
    concept: Json = {"coding": list(codings)} if codings else {}
    if text is not None:
        concept["text"] = text
    return {
        "resourceType": "MedicationRequest",
        "id": identifier,
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": concept,
        **other,
    }


def condition(code: str, system: str = SNOMED, **other: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": system, "code": code, "display": "As the record says"}]},
        **other,
    }


def resource_of(row: dict[str, str]) -> Json:
    coding = {"system": row["system"], "code": row["code"]}
    if row["kind"] == "Medication":
        return order(coding)
    if row["kind"] == "Procedure":
        code = {"code": {"coding": [coding]}}
        return {"resourceType": "Procedure", "id": "x", "status": "completed", **code}
    return condition(row["code"], row["system"])


def test_every_verified_code_supports_its_facts_and_no_others(golden: Golden, says: Says) -> None:
    rows = golden("codes.csv")
    wrong = {
        (row["system"], row["code"]): found
        for row in rows
        if (found := says(resource_of(row))) != set(row["facts"].split())
    }

    assert wrong == {}
    assert len(rows) == 206


def test_a_code_counts_in_its_own_system_only(golden: Golden, says: Says) -> None:
    for row in golden("codes.csv"):
        elsewhere = {**row, "system": "http://example.org/codes"}
        without = resource_of(row)
        target = without.get("code") or without["medicationCodeableConcept"]
        del target["coding"][0]["system"]

        assert says(resource_of(elsewhere)) == set()
        assert says(without) == set()


def test_every_fact_names_its_resource_value_and_how_it_was_matched(found: Found) -> None:
    code = order(
        {"system": RXNORM, "code": "4603", "display": "furosemide"}, authoredOn="2026-01-02"
    )
    atc = order({"system": ATC, "code": "C03CA01", "display": "Lasix"})
    text = order(
        {"system": RXNORM, "code": "310798", "display": "Hydrochlorothiazide 25 MG Oral Tablet"}
    )

    matched = [found(one).facts["medicine.diuretic"].evidence[0] for one in (code, atc, text)]

    assert [one.matched_by for one in matched] == ["code", "atc", "text"]
    assert (matched[0].record, matched[0].value, matched[0].date) == (
        "MedicationRequest/m",
        "furosemide",
        "2026-01-02",
    )
