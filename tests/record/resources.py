"""Medicines and conditions of a record, built by hand."""

from collections.abc import Callable
from typing import Any

from cds.core.account import Account
from cds.core.model import Facts

Json = dict[str, Any]
# What fixtures of these tests are called with and give.
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Says = Callable[..., set[str]]

K = "2823-3"  # LOINC's code of potassium
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

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


def account_of(facts: Facts) -> Account:
    """What became of everything handed in."""
    assert facts.account is not None
    return facts.account


def told(facts: Facts) -> list[tuple[str, str]]:
    """What was not read, and why."""
    return [(one.what, one.why) for one in account_of(facts).unheard]


def codeable(code: str, system: str | None, display: str | None = None) -> Json:
    """A concept of one coding."""
    coding = {"system": system, "code": code, "display": display}
    return {"coding": [{key: one for key, one in coding.items() if one is not None}]}
