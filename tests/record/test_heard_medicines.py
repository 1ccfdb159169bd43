"""Medicines and conditions in every version of FHIR, and where they contradict themselves."""

import pytest

from tests.record.resources import SNOMED, Found, Json, Says, codeable, condition, order, told


@pytest.mark.parametrize("text", ["None", "No known medications"])
def test_a_medicine_that_is_named_is_no_entry_of_none(text: str, says: Says) -> None:
    listed = {"system": "http://www.whocc.no/atc", "code": "C03CA01"}

    assert "medicine.diuretic" in says(order(listed, text=text))
    assert "medicine.diuretic" in says(order({"system": SNOMED, "code": "787481004"}, listed))
    assert "medicine.diuretic" in says(order({"code": "no-known-medications"}, text="Furosemide"))


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement", "MedicationOrder"])
def test_a_medicine_is_read_as_later_and_older_versions_of_fhir_write_it(
    kind: str, says: Says
) -> None:
    bare = {"resourceType": kind, "id": "m", "status": "active"}
    inside = {"resourceType": "Medication", "id": "f", "code": {"text": "Furosemide"}}
    linked = {"medication": {"reference": {"reference": "#f"}}, "contained": [inside]}

    assert "medicine.diuretic" in says(order(text="Furosemide") | {"resourceType": kind})
    assert "medicine.diuretic" in says({**bare, "medication": {"concept": {"text": "Furosemide"}}})
    assert "medicine.diuretic" in says({**bare, **linked})


@pytest.mark.parametrize(("code", "counts"), [("not-taking", False), ("taking", True)])
def test_a_medicine_that_is_not_taken_does_not_count(code: str, counts: bool, says: Says) -> None:
    statement = order(text="Furosemide", adherence={"code": codeable(code, None)})

    assert ("medicine.diuretic" in says(statement)) is counts


@pytest.mark.parametrize("order_of", [1, -1])
def test_a_status_that_contradicts_itself_drops_nothing(order_of: int, found: Found) -> None:
    def both(*codes: str) -> Json:
        return {"coding": [{"code": code} for code in codes[::order_of]]}

    status: Json = {
        "clinicalStatus": both("active", "resolved"),
        "verificationStatus": both("confirmed", "refuted"),
    }

    (evidence,) = found(condition("73211009", **status)).facts["condition.diabetes"].evidence
    assert "refuted" in str(evidence.mark)


def test_a_medicine_without_a_name_that_was_handed_out_is_told(found: Found) -> None:
    supply = {"resourceType": "MedicationDispense", "id": "d", "status": "completed"}

    assert told(found(supply)) == [("a medicine without a name", "supply-only")]


@pytest.mark.parametrize(
    ("came_with", "mark"),
    [("recorded", "status recorded"), ("active", None), ("entered-in-error", ""), (None, "")],
)
def test_a_status_that_was_converted_between_versions_is_the_one_that_it_came_with(
    came_with: str | None, mark: str | None, found: Found
) -> None:
    url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationStatement.status"
    converted = order(text="Furosemide") | {"status": "completed"}
    if came_with is not None:
        converted["extension"] = [{"url": url, "valueCode": came_with}]

    evidence = found(converted).facts["medicine.diuretic"].evidence

    assert [one.mark for one in evidence] == ([] if mark == "" else [mark])
