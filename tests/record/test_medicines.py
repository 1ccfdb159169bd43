"""Active medicines: whole words, references, and what is not active."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Facts
from tests.record.resources import ATC, RXNORM, order

Json = dict[str, Any]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]
Says = Callable[..., set[str]]


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
                "intended",
                "not-taken",
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


@pytest.mark.parametrize("status", ["unknown", None, ["active"], "Active"])
def test_an_order_without_a_status_that_says_no_counts_with_a_mark(
    status: object, found: Found
) -> None:
    fact = found(order(text="Furosemide 40 mg", status=status)).facts["medicine.diuretic"]

    assert [one.mark for one in fact.evidence] == [
        f"status {status if isinstance(status, str) else 'missing'}"
    ]
