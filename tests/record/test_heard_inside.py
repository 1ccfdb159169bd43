"""What stands inside another resource is read, and named by the one that holds it."""

from typing import Any

import pytest

from cds.core.model import Presence
from tests.record.resources import Found, Json, K, Lab, Says, account_of, codeable, order, told

# ── What stands inside other resources ──


def holder(kind: str, *inside: Json, **other: Any) -> Json:
    return {"resourceType": kind, "id": "h", "status": "final", "contained": list(inside), **other}


@pytest.mark.parametrize("kind", ["DiagnosticReport", "Observation", "Encounter", "List", "Task"])
def test_a_result_inside_any_resource_is_read_and_named_by_it(
    kind: str, lab: Lab, found: Found
) -> None:
    facts = found(holder(kind, lab(K, "7.1", identifier="a", subject=None)))

    fact = facts.facts["potassium.critical"]
    assert [one.record for one in fact.evidence] == [f"{kind}/h"]
    assert account_of(facts).looked_at == 2


def test_a_medicine_inside_another_resource_is_read(says: Says) -> None:
    furosemide = {"resourceType": "Medication", "id": "m", "code": {"text": "Furosemide"}}
    inner = {**order(), "medicationReference": {"reference": "#m"}}
    del inner["medicationCodeableConcept"]

    assert "medicine.diuretic" in says(holder("List", inner, furosemide))


@pytest.mark.parametrize(
    "held",
    [
        {"subject": {"reference": "Patient/other"}},
        {"subject": {"reference": "Group/g"}},
        {"status": "entered-in-error"},
    ],
)
def test_what_is_inside_and_of_another_or_withdrawn_is_not_read(
    held: Json, lab: Lab, says: Says
) -> None:
    inner = lab(K, "7.1", **held)
    outer = holder("DiagnosticReport", inner)

    assert "potassium.critical" not in says(outer)
    assert "potassium.critical" not in says(
        {**holder("DiagnosticReport", lab(K, "7.1")), "status": "entered-in-error"}
    )


@pytest.mark.parametrize(
    ("panel", "lost"),
    [
        ({"resourceType": "Observation", "hasMember": [{"reference": "Observation/gone"}]}, True),
        ({"resourceType": "DiagnosticReport", "result": [{"reference": "Observation/gone"}]}, True),
        ({"resourceType": "Observation", "hasMember": [{"reference": "Observation/o"}]}, False),
        (
            {
                "resourceType": "DiagnosticReport",
                "result": [{"reference": "Observation/gone"}],
                "category": [codeable("RAD", "http://terminology.hl7.org/CodeSystem/v2-0074")],
            },
            False,
        ),
        (
            {
                "resourceType": "DiagnosticReport",
                "result": [{"reference": "Observation/gone"}],
                "effectiveDateTime": "2020-01-01",
            },
            False,
        ),
    ],
)
def test_a_panel_whose_results_are_not_here_is_told(
    panel: Json,
    lost: bool,
    lab: Lab,
    found: Found,
) -> None:
    report = {"id": "r", "status": "final", "code": {"text": "Electrolytes"}, **panel}

    facts = found(report, lab(K, "4.1"))

    assert told(facts) == ([("Electrolytes", "not-found")] if lost else [])


@pytest.mark.parametrize(
    ("report", "is_told"),
    [
        ({"conclusion": "Potassium 7.2, called to the ward"}, True),
        ({"presentedForm": [{"contentType": "application/pdf"}]}, True),
        ({"conclusionCode": [codeable("14140009", "http://snomed.info/sct")]}, True),
        ({"conclusion": "K 7.2", "category": []}, True),
        ({"conclusion": "K 7.2", "category": [{"text": "POC"}]}, True),
        ({"result": [{"display": "Potassium 7.2"}]}, True),
        ({"result": [{"identifier": {"value": "1"}}]}, True),
        ({"result": [{"reference": "#gone"}]}, True),
        ({"conclusion": "old", "effectiveDateTime": "2020-01-01"}, False),
        ({"conclusion": "Fracture", "category": [codeable("RAD", None)]}, False),
        ({}, True),  # its results are elsewhere
        *(({"status": status}, True) for status in ("partial", "preliminary", "final")),
        *(({"status": status}, False) for status in ("registered", "cancelled")),
        ({"status": "entered-in-error", "conclusion": "critical potassium"}, False),
        ({"code": {"text": "CT of the head"}, "category": []}, False),
    ],
)
def test_a_report_in_words_is_told(report: Json, is_told: bool, found: Found) -> None:
    category = [codeable("LAB", "http://terminology.hl7.org/CodeSystem/v2-0074")]
    whole = {"resourceType": "DiagnosticReport", "id": "r", "code": {"text": "Chemistry"}}

    facts = found({**whole, "category": category, **report})

    why = "not-found" if "result" in report else "no-value"
    assert told(facts) == ([("Chemistry", why)] if is_told else [])


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        ({"conclusion": "CRITICAL potassium, called to the ward"}, "potassium.critical"),
        ({"conclusion": "Kritischer Befund"}, None),
        ({"conclusionCode": [{"text": "Panic value"}]}, None),
        ({"presentedForm": [{"title": "Critical result"}]}, None),
        ({"conclusion": "As before"}, ""),
    ],
)
def test_words_that_read_critical_are_told_beside_results_that_are_here(
    words: Json, fact: str | None, lab: Lab, found: Found
) -> None:
    report = {"resourceType": "DiagnosticReport", "id": "r", "code": {"text": "Chemistry"}, **words}
    report["result"] = [{"reference": "Observation/known"}]

    facts = found(report, lab(K, "4.1", identifier="known"))

    assert told(facts) == ([] if fact == "" else [("Chemistry", "no-value")])
    assert [one.critical for one in account_of(facts).unheard] == ([] if fact == "" else [True])
    if fact:
        assert facts.facts[fact].presence is Presence.UNKNOWN


@pytest.mark.parametrize(
    "meta", [{"tag": [{"code": "SUBSETTED"}]}, {"security": [{"code": "REDACTED"}]}]
)
def test_a_resource_of_which_a_part_was_left_out_reassures_nobody(
    meta: Json, lab: Lab, found: Found
) -> None:
    calm, critical = found(lab("2823-3", "4.1", meta=meta)), found(lab("2823-3", "7.1", meta=meta))

    assert calm.facts["potassium.critical"].presence is Presence.UNKNOWN
    assert len(account_of(calm).missing) == 1
    assert critical.facts["potassium.critical"].presence is Presence.PRESENT
