"""What stands in an unexpected whole: under another's id, in a misspelt wrapper."""

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.record.resources import Found, Json, Lab, Says, account_of, codeable, condition, order

K, NA = "2823-3", "2951-2"


@pytest.mark.parametrize("key", ["versionId", "lastUpdated"])
@pytest.mark.parametrize("status", ["final", "entered-in-error"])
def test_another_thing_under_the_same_id_is_no_newer_version(
    key: str, status: str, lab: Lab, found: Found
) -> None:
    potassium = lab(K, "7.3", meta={key: "1" if key == "versionId" else "2026-11-20T08:00:00Z"})
    sodium = lab(NA, "140", meta={key: "2" if key == "versionId" else "2026-11-20T09:00:00Z"})
    blank = {"resourceType": "Observation", "id": potassium["id"], "status": "entered-in-error"}

    for three in permutations((potassium, {**sodium, "status": status}, blank)):
        facts = found(*three)

        assert facts.facts["potassium.critical"].evidence
        assert account_of(facts).replaced == 0


def test_another_medicine_or_condition_under_the_same_id_counts_too(says: Says) -> None:
    first: Json = {"meta": {"versionId": "1"}}
    second: Json = {"meta": {"versionId": "2"}}
    icd = "http://hl7.org/fhir/sid/icd-10"

    said = says(
        order(text="Furosemide 40 mg", **first),
        order(text="Atorvastatin 20 mg", **second),
        condition("x", **first) | {"code": codeable("E11.9", icd)},
        condition("x", **second) | {"code": codeable("M10.9", icd)},
    )

    assert {"medicine.diuretic", "medicine.statin", "condition.diabetes"} <= said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"text": "Furosemide 40 mg"}, {"text": "FUROSEMIDE 80 mg tablet"}),
        ({"text": "Furosemide"}, {}),
        (
            {"coding": [{"code": "F1"}], "text": "Furosemide"},
            {"coding": [{"code": "4603"}], "text": "Furosemide"},
        ),
        ({"coding": [{"code": "F1"}], "text": "Furosemide"}, {"coding": [{"code": "F1"}]}),
    ],
)
def test_the_same_thing_in_other_words_is_a_version_of_it(old: Json, new: Json, says: Says) -> None:
    before = order(medicationCodeableConcept=old, meta={"versionId": "1"})
    stopped = order(medicationCodeableConcept=new, meta={"versionId": "2"}, status="stopped")

    assert "medicine.diuretic" not in says(before, stopped)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {
            "resourceType": "Bundle",
            "type": "collection",
            "entries": [{"resource": one}],
        },
        lambda one: {"resourceType": "Bundle", "Entry": [{"resource": one}]},
        lambda one: one | {"resourceType": "observation"},
        lambda one: {"resourceType": "bundle", "entry": [{"resource": one}]},
        lambda one: {"resourceType": "Parameters", "parameter": [{"valueString": str(one)}]},
    ],
)
def test_a_misspelt_wrapper_holds_no_resource(
    wrap: Callable[[Json], Json], lab: Lab, found: Found
) -> None:
    facts = found(wrap(lab(K, "7.3")))

    assert [one.why for one in account_of(facts).missing] == ["it holds no resource"]
    assert facts.floors


def test_a_next_page_is_one_however_its_relation_is_written(lab: Lab, found: Found) -> None:
    link = [{"relation": "Next", "url": "http://ehr.example.org/2"}]
    page = {"resourceType": "Bundle", "entry": [{"resource": lab(K, "4.1")}], "link": link}

    assert len(account_of(found(page)).missing) == 1


def test_a_component_that_stands_in_no_list_is_read(lab: Lab, says: Says) -> None:
    part = lab(K, "7.3")
    panel = {**part, "code": {"text": "Electrolytes"}, "valueQuantity": None, "component": part}

    assert "potassium.critical" in says(panel)
