"""Each limit and each code, from the record to what a clinician is told; and none is forgotten."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.knowledge.proofs.witness import _response
from cds.knowledge.read.pack import find_pack
from tests.record.resources import ATC, ICD, RXNORM, SNOMED, resource_of

Json = dict[str, Any]
Lab = Callable[..., Json]
Golden = Callable[[str], list[dict[str, str]]]
Assess = Callable[..., Assessed]

SHARED = Path(__file__).resolve().parents[3] / "shared" / "design"
# Verified codes that name no medicine and no condition: answers, places, postures, a referral.
OTHER = {
    *("answer yes", "answer no", "answer unknown", "calf", "thigh", "foot", "lower limb"),
    *("lower leg (knee to ankle)", "upper limb skeletal muscle", "posture supine"),
    *("posture prone", "posture right side", "posture left side", "posture sitting"),
    *("posture semi-erect", "referral to emergency service", "emergency (qualifier)"),
}
CALM = {
    "safety.consciousness": ["none"],
    "safety.urine": ["usual"],
    "safety.circulation": ["none"],
    "safety.fluid-loss": ["none"],
    "safety.nerve": ["none"],
    "safety.pelvic-mass": ["no"],
    "safety.limb": ["none"],
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return find_pack("cramps")


@pytest.fixture(scope="module")
def assess(pack: Pack, adult: Json, now: datetime) -> Assess:
    """A calm response of the adult, with these resources as the record."""
    assessor = Assessor([pack])
    calm = _response(pack.full, CALM) | {"subject": {"reference": "Patient/p"}}
    return lambda *record: assessor.assess(calm, record=[adult, *record], now=now)


def basis(assessed: Assessed) -> list[str]:
    bundle = assessed.to_fhir()
    risk = next(
        one["resource"]
        for one in bundle["entry"]
        if one["resource"]["resourceType"] == "RiskAssessment"
    )
    named = [one["reference"] for one in risk["basis"] if "reference" in one]
    return [one for one in named if not one.startswith(("#", "QuestionnaireResponse/"))]


def limits(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A value on each side that is critical, and one that is only abnormal."""
    for side, outward in (("low", -1), ("high", 1)):
        if row[f"critical_{side}"]:
            yield row[f"critical_{side}"], "emergency-evaluation"
            end = Decimal(row[f"reference_{side}"])
            beyond = end + outward * Decimal("0.01")
            electrolyte = row["analyte"] != "glucose"
            yield str(beyond), "urgent" if electrolyte or side == "low" else "routine"


def test_every_limit_reaches_the_decision_with_its_value_unit_and_date(
    golden: Golden, lab: Lab, assess: Assess
) -> None:
    rows = [row for row in golden("lab-limits.csv") if row["unit"]]
    for row in rows:
        for value, level in limits(row):
            resource = lab(row["loinc"].split("|")[0], value, row["unit"])

            assessed = assess(resource)

            told = (row["analyte"], row["unit"], value)
            assert assessed.level.code == level, told
            evidence = assessed.document()["findings"][0]["because"]
            (one,) = [one for one in evidence if one.get("record") == "Observation/o"][:1]
            assert (str(one["value"]), one["unit"]) == (value, row["unit"]), told
            assert one["date"] == resource["effectiveDateTime"], told
            assert basis(assessed) == ["Observation/o"], told
    assert len(rows) == 11


def test_every_code_that_says_something_is_named_as_a_basis_and_no_other(
    golden: Golden, assess: Assess
) -> None:
    for row in golden("codes.csv"):
        resource = resource_of(row)
        reference = f"{resource['resourceType']}/{resource['id']}"

        named = basis(assess(resource))

        # A medicine that is not recognised is shown, and so it was used.
        used = row["facts"] or row["kind"] == "Medication"
        assert named == ([reference] if used else []), row


def shared(name: str) -> list[dict[str, str]]:
    if not (SHARED / name).exists():
        pytest.skip("the tables of the design are not beside this repository")
    with (SHARED / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_no_limit_of_the_design_is_left_out(golden: Golden) -> None:
    ours = {(row["analyte"], row["unit"]): row for row in golden("lab-limits.csv")}

    for row in shared("lab-limits.csv"):
        golden_row = ours.pop((row["analyte"], row["unit"]))
        spelled = {*row["spellings"].split("|"), row["unit"]}
        assert set(golden_row["spellings"].split("|")) == spelled
        for key in set(row) - {"spellings", "source"}:
            assert golden_row[key] == row[key], (row["analyte"], key)
    assert ours == {}


def test_no_medicine_and_no_condition_of_the_design_is_left_out(golden: Golden) -> None:
    ours = {(row["system"], row["code"]) for row in golden("codes.csv")}

    left_out = [
        row["code"]
        for row in shared("codes.csv")
        if row["system"] in {RXNORM, ATC, SNOMED, ICD} and row["concept"] not in OTHER
        if (row["system"], row["code"]) not in ours
    ]

    assert left_out == []
