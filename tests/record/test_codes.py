"""Every medicine and condition of the verified codes, and each trap that was seen with them."""

from collections.abc import Callable, Iterator

import pytest

from cds.core.model import Facts
from cds.knowledge.read.pack import find_pack
from tests.record.resources import ATC, RXNORM, condition, order, resource_of

Found = Callable[..., Facts]
Says = Callable[..., set[str]]
Golden = Callable[[str], list[dict[str, str]]]


def test_every_verified_code_supports_its_facts_and_no_others(golden: Golden, says: Says) -> None:
    rows = golden("codes.csv")
    wrong = {
        (row["system"], row["code"]): found
        for row in rows
        if (found := says(resource_of(row))) != set(row["facts"].split())
    }

    assert wrong == {}
    assert len(rows) == 208


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


def listed() -> Iterator[tuple[str, str, str]]:
    """Every code of record.toml, with the fact or the analyte that it is listed for."""
    record = find_pack("cramps").record
    for kind in ("analyte", "medicine", "condition", "procedure"):
        for one in record.get(kind, ()):
            for key, codes in (*one.items(), *one.get("disorders", {}).items()):
                if isinstance(codes, dict) and key not in {"limits", "disorders"}:
                    system = record["systems"][key.removesuffix("_category")][0]
                    yield from (
                        (system, code, str(one.get("fact", one.get("id")))) for code in codes
                    )


def laboratory(row: dict[str, str]) -> dict[str, object]:
    """A result under this code that its laboratory calls low."""
    flag = {"system": "http://terminology.hl7.org/CodeSystem/v2-0078", "code": "L"}
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": row["system"], "code": row["code"]}]},
        "effectiveDateTime": "2026-01-02T08:00:00Z",
        "valueQuantity": {"value": 1, "unit": "a unit of its own"},
        "interpretation": [{"coding": [flag]}],
    }


def test_every_further_code_is_heard_and_names_its_place(golden: Golden, says: Says) -> None:
    rows = golden("more-codes.csv")
    wrong = {}
    for row in rows:
        if row["kind"] == "Observation":
            found = says(laboratory(row))
            heard = any(fact.startswith(f"{row['facts']}.") for fact in found)
        else:
            found = says(resource_of(row))
            heard = found == set(row["facts"].split())
        if not heard:
            wrong[row["system"], row["code"]] = found

    assert wrong == {}
    assert all(row["place"] for row in rows)


def test_no_code_is_listed_that_was_not_verified(golden: Golden) -> None:
    verified = {
        (row["system"], row["code"])
        for file in ("codes.csv", "more-codes.csv")
        for row in golden(file)
    }

    assert {(system, code) for system, code, _ in listed()} - verified == set()


@pytest.mark.parametrize("code", ["N18.5", "N185", "E11.40", "E1140", "O24.419", "O24419"])
def test_billing_data_may_leave_out_the_dot(code: str, says: Says) -> None:
    system = "http://hl7.org/fhir/sid/icd-10-cm"

    assert says(condition(code, system)) == says(condition(code.replace(".", ""), system)) != set()


@pytest.mark.parametrize(
    "system",
    [
        "http://hl7.org/fhir/sid/icd-10",
        "urn:oid:2.16.840.1.113883.6.3",
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    ],
)
def test_other_editions_of_a_classification_are_read_by_category(system: str, says: Says) -> None:
    assert says(condition("E11.40", system)) == {"condition.diabetes", "condition.neuropathy"}
    assert says(condition("N18.5", system)) == {"condition.kidney-disorder"}
    assert says(condition("Z34.9", system)) == {"condition.pregnancy"}
    assert says(condition("J45.0", system)) == set()


@pytest.mark.parametrize(
    "system",
    [
        "https://www.whocc.no/atc",
        "http://fhir.de/CodeSystem/bfarm/atc",
        "urn:oid:2.16.840.1.113883.6.73",
    ],
)
def test_a_class_of_medicines_is_known_by_its_other_system_names(system: str, says: Says) -> None:
    assert says(order({"system": system, "code": "C03CA01"})) == {"medicine.diuretic"}
    assert says(order({"system": system, "code": "C07AB02"})) == set()
