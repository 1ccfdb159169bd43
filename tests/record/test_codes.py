"""Every medicine and condition of the verified codes, and each trap that was seen with them."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Facts, Presence

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hydrochlorothiazide 12.5 MG / Lisinopril 10 MG Oral Tablet", {"medicine.diuretic"}),
        ("amlodipine/atorvastatin", {"medicine.statin"}),
        ("SIMVASTATIN 20MG TAB", {"medicine.statin"}),
        ("Atorvastatin (calcium) and furosemide", {"medicine.statin", "medicine.diuretic"}),
        ("torasemide 10 mg", {"medicine.diuretic"}),
        ("etacrynic acid", {"medicine.diuretic"}),
        ("ethacrynic  acid", set()),  # not the words as they are written
        ("Lasix 40 mg", set()),  # brand names are not guessed
        ("Lipitor", set()),
        ("Nystatin 100000 UNT/ML", set()),  # the end of a word is not the word
        ("furosemidex", set()),
        ("Methazolamide", set()),
        ("water tablet", set()),
    ],
)
def test_an_ingredient_matches_as_a_whole_word_only(
    text: str, expected: set[str], found: Found, present: Present
) -> None:
    facts = found(order(text=text))

    assert present(facts) == expected
    assert [note.code for note in facts.notes] == ([] if expected else ["unrecognised-medicine"])
    if not expected:
        assert facts.notes[0].about == "MedicationRequest/m"
        assert facts.used == ("MedicationRequest/m",)


@pytest.mark.parametrize(
    "other",
    [
        *(
            {"status": one}
            for one in (
                "on-hold",
                "draft",
                "stopped",
                "completed",
                "cancelled",
                "entered-in-error",
                "unknown",
                None,
                ["active"],
            )
        ),
        {"intent": "proposal"},
        {"doNotPerform": True},
    ],
)
def test_only_an_active_order_counts(other: Json, found: Found, present: Present) -> None:
    furosemide = {"system": RXNORM, "code": "4603"}

    assert present(found(order(furosemide, **other))) == set()
    assert found(order(text="Lasix", **other)).notes == ()
    statement = {**order(furosemide), "resourceType": "MedicationStatement", **other}
    assert present(found(statement)) == set()


def test_a_statement_counts_like_an_order_and_a_plan_like_an_order(says: Says) -> None:
    furosemide = {"system": RXNORM, "code": "4603"}

    assert says({**order(furosemide), "resourceType": "MedicationStatement"}) == {
        "medicine.diuretic"
    }
    assert says(order(furosemide, intent="plan")) == {"medicine.diuretic"}


@pytest.mark.parametrize(
    ("reference", "located"),
    [
        (
            "#in",
            {
                "contained": [
                    {"resourceType": "Medication", "id": "in", "code": {"text": "bumetanide"}}
                ]
            },
        ),
        ("Medication/far", {}),
        ("https://ehr.example.org/fhir/Medication/far", {}),
        ("Medication/far/_history/3", {}),
        ("urn:uuid:4b0b8f4e-0d1c-4d65-9a0c-3a2f0e1c7d11", {}),
    ],
)
def test_a_reference_to_a_medication_is_followed(
    reference: str, located: Json, found: Found
) -> None:
    medication = {"resourceType": "Medication", "id": "far", "code": {"text": "bumetanide 1 mg"}}
    entry = {"fullUrl": "urn:uuid:4b0b8f4e-0d1c-4d65-9a0c-3a2f0e1c7d11", "resource": medication}
    asked = order(medicationReference={"reference": reference}, **located)

    facts = found(asked, entry)

    assert facts.facts["medicine.diuretic"].evidence[0].matched_by == "text"
    assert facts.notes == ()
    assert ("Medication/far" in facts.used) is not reference.startswith("#")


def test_the_ingredients_of_a_product_and_the_display_of_a_reference_are_read(says: Says) -> None:
    ingredient = {"itemCodeableConcept": {"coding": [{"system": ATC, "code": "C10AA05"}]}}
    product = {
        "resourceType": "Medication",
        "id": "far",
        "code": {"text": "Tablet"},
        "ingredient": [ingredient],
    }

    assert says(order(medicationReference={"reference": "Medication/far"}), product) == {
        "medicine.statin"
    }
    assert says(order(medicationReference={"display": "Furosemide 40 mg"})) == {"medicine.diuretic"}
    assert says(order(medicationReference={"reference": "Medication/none"})) == set()


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        ({}, True),
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "recurrence"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "relapse"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "inactive"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "remission"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ({"clinicalStatus": {"text": "Resolved"}}, False),
        ({"verificationStatus": {"coding": [{"code": "confirmed"}]}}, True),
        ({"verificationStatus": {"coding": [{"code": "unconfirmed"}]}}, True),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, False),
    ],
)
def test_a_condition_counts_unless_it_is_over_or_refuted(
    other: Json, counts: bool, says: Says
) -> None:
    assert says(condition("73211009", **other)) == ({"condition.diabetes"} if counts else set())


def test_an_unconfirmed_condition_is_marked(found: Found) -> None:
    facts = found(condition("73211009", verificationStatus={"coding": [{"code": "provisional"}]}))

    assert facts.facts["condition.diabetes"].evidence[0].mark == "verification provisional"


def test_a_category_holds_all_below_it_and_nothing_beside_it(says: Says) -> None:
    assert says(condition("E11.65", ICD)) == {"condition.diabetes"}
    assert says(condition("E11.22", ICD)) == {"condition.diabetes", "condition.kidney-disorder"}
    assert says(condition("N18.32", ICD)) == {"condition.kidney-disorder"}
    assert says(condition("M54.41", ICD)) == {"condition.sciatica"}
    assert says(condition("M54.5", ICD)) == set()
    assert says(condition("E12", ICD)) == set()
    assert says(condition("R25.1", ICD)) == set()  # an exact code is exact
    assert (
        says(condition("E11.9", "http://hl7.org/fhir/sid/icd-10")) == set()
    )  # another classification


@pytest.mark.parametrize(
    "status", ["preparation", "not-done", "on-hold", "stopped", "entered-in-error", None]
)
def test_a_procedure_that_was_not_done_does_not_count(status: str | None, says: Says) -> None:
    code = {"coding": [{"system": SNOMED, "code": "302497006"}]}

    assert says({"resourceType": "Procedure", "id": "x", "status": status, "code": code}) == set()


def pregnancy(code: str, date: str | None, identifier: str = "s", **other: Any) -> Json:
    status = {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": code}]},
        **other,
    }
    return status if date is None else {**status, "effectiveDateTime": date}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([("77386006", "2026-11-01")], Presence.PRESENT),
        ([("77386006", None)], Presence.PRESENT),
        ([("77386006", "2024-11-01")], Presence.UNKNOWN),  # no pregnancy lasts that long
        ([("60001007", "2026-11-01")], Presence.ABSENT),
        ([("60001007", None)], Presence.UNKNOWN),
        ([("60001007", "2024-11-01")], Presence.UNKNOWN),
        ([("77386006", "2026-06-01"), ("60001007", "2026-11-01")], Presence.ABSENT),
        ([("60001007", "2026-06-01"), ("77386006", "2026-11-01")], Presence.PRESENT),
        ([("60001007", "2026-11-01"), ("77386006", "2026-11-01")], Presence.PRESENT),
        ([("77386006", None), ("60001007", "2026-11-01")], Presence.PRESENT),
        ([("261665006", "2026-11-01")], Presence.UNKNOWN),
    ],
)
def test_the_newest_pregnancy_status_counts(
    states: list[tuple[str, str | None]], expected: Presence, found: Found
) -> None:
    resources = [pregnancy(code, date, f"s{place}") for place, (code, date) in enumerate(states)]

    assert found(*resources).facts["condition.pregnancy"].presence is expected
    assert found(*reversed(resources)).facts["condition.pregnancy"].presence is expected


def test_silence_is_never_absence(found: Found) -> None:
    assert {one.presence for one in found().facts.values()} == {Presence.UNKNOWN}
    assert {one.presence for one in found(condition("38341003")).facts.values()} == {
        Presence.UNKNOWN
    }
