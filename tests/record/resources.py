"""Medicines and conditions of a record, built by hand."""

from typing import Any

Json = dict[str, Any]

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def order(*codings: Json, text: str | None = None, identifier: str = "m", **other: Any) -> Json:
    """An active order of a medicine."""
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
    """A condition without any status."""
    return {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": system, "code": code, "display": "As the record says"}]},
        **other,
    }


def resource_of(row: dict[str, str]) -> Json:
    """The resource of a row of golden/codes.csv."""
    coding = {"system": row["system"], "code": row["code"]}
    if row["kind"] == "Medication":
        return order(coding)
    if row["kind"] == "Procedure":
        code = {"code": {"coding": [coding]}}
        return {"resourceType": "Procedure", "id": "x", "status": "completed", **code}
    return condition(row["code"], row["system"])
