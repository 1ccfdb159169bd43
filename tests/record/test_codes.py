"""Every medicine and condition of the verified codes, and each trap that was seen with them."""

from collections.abc import Callable

from cds.core.model import Facts
from tests.record.resources import ATC, RXNORM, order, resource_of

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
