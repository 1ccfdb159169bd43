"""What stands beside what is read, inside it, or in a shape that FHIR does not have, is heard."""

import base64
import json
from typing import Any

import pytest

from cds.core.model import Presence
from cds.record.facts import facts_of
from cds.record.read import read_record
from cds.record.rules import RecordRules
from tests.record.resources import (
    LOINC,
    SNOMED,
    Found,
    Json,
    K,
    Lab,
    Says,
    account_of,
    codeable,
    condition,
    order,
    told,
)

PATIENT = {"reference": "Patient/p"}
RECENT, OLD = "2026-11-20T09:00:00Z", "2019-11-20T09:00:00Z"
HYPERTENSION = "38341003"


def one(kind: str, **other: Any) -> Json:
    return {"resourceType": kind, "id": "x", "subject": PATIENT, **other}


def procedure(**other: Any) -> Json:
    code = codeable("80146002", SNOMED, "Appendectomy")
    return one("Procedure", status="completed", code=code, **other)


def statement(**other: Any) -> Json:
    return order(text="Amlodipine 5 mg", identifier="x", **other)


# ── Words and codes beside what is read of an entry ──

BESIDE = [
    {"evidence": [{"code": [{"text": "Critical potassium 7.2"}]}]},
    {"evidence": [{"detail": [{"display": "Critical potassium 7.2", "reference": "#o"}]}]},
    {"note": [{"text": "Critical potassium 7.2, called to the ward"}]},
    {"note": {"text": "Kritisches Kalium"}},
    {"reasonCode": [{"text": "Critical potassium"}]},
    {"extension": [{"url": "http://example.org/x", "valueString": "Critical potassium"}]},
    {"somethingNew": {"text": "Critical potassium"}},
]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("entry", [condition(HYPERTENSION), procedure(), statement()])
def test_what_stands_beside_an_entry_and_reads_critical_is_told_first(
    entry: Json, beside: Json, found: Found, lab: Lab
) -> None:
    facts = found(order(text="Bisoprolol", identifier="z"), lab(K, "4.1"), {**entry, **beside})

    first = account_of(facts).unheard[0]
    assert first.record == f"{entry['resourceType']}/{entry['id']}"
    assert first.critical
    assert facts.facts["potassium.critical"].presence is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (condition(HYPERTENSION, note=[{"text": "On dialysis since May"}]), "dialysis"),
        (condition(HYPERTENSION, stage=[{"summary": {"text": "CKD 4"}}]), "ckd"),
        (condition(HYPERTENSION, evidence=[{"code": [codeable("14140009", SNOMED)]}]), "14140009"),
        (procedure(reasonCode=[{"text": "Pregnancy"}], performedDateTime="2026-06"), "pregnancy"),
        (procedure(complication=[{"text": "Hypokalaemia"}]), "hypokalaemia"),
        (statement(note=[{"text": "Given on dialysis days"}]), "dialysis"),
    ],
)
def test_what_stands_beside_an_entry_is_told_by_name(entry: Json, named: str, found: Found) -> None:
    facts = found(entry)

    (unheard,) = [each for each in account_of(facts).unheard if each.facts]
    assert named in unheard.what
    assert [floor.level for floor in facts.floors] == ["routine"]


@pytest.mark.parametrize(
    "entry",
    [
        condition(HYPERTENSION, note=[{"text": "On dialysis"}], abatementDateTime="2020"),
        condition(
            HYPERTENSION,
            note=[{"text": "Critical potassium"}],
            verificationStatus=codeable("entered-in-error", None),
        ),
        condition(HYPERTENSION, note=[{"text": "Critical stenosis"}], recordedDate=OLD),
        condition(  # its own name, drawn
            HYPERTENSION, text={"status": "generated", "div": "<p>Critical potassium</p>"}
        ),
        procedure(reasonCode=[{"text": "Pregnancy"}], performedDateTime="2015"),
        procedure(note=[{"text": "Critical potassium"}]) | {"status": "not-done"},
        statement(note=[{"text": "On dialysis"}]) | {"status": "stopped"},
        statement(dosageInstruction=[{"patientInstruction": "Not in pregnancy"}]),
    ],
)
def test_what_stands_beside_an_entry_that_is_over_says_nothing(entry: Json, found: Found) -> None:
    assert [each for each in account_of(found(entry)).unheard if each.facts] == []


def test_a_problem_that_is_a_result_in_words_leaves_the_result_open(found: Found) -> None:
    problem = one("Condition", code={"text": "Potassium critical at 7.2"})

    (unheard,) = account_of(found(problem)).unheard

    assert unheard.critical
    assert "potassium.critical" in unheard.facts


# ── Inside: components in components, what was derived, containers that hold more ──


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("modified", [False, True])
def test_components_are_read_however_deep_they_stand(
    depth: int, modified: bool, found: Found, says: Says
) -> None:
    part: Json = {"code": codeable(K, LOINC), "valueQuantity": {"value": 7.3, "unit": "mmol/L"}}
    for _ in range(depth):
        part = {"code": {"text": "Panel"}, "component": [part]}
    if modified:
        part["component"][0]["modifierExtension"] = [{"url": "x"}]
    panel = one("Observation", status="final", effectiveDateTime=RECENT, **part)

    assert ("potassium.critical" in says(panel)) is not modified
    assert bool(told(found(panel))) is modified


@pytest.mark.parametrize(
    ("source", "value", "is_told"),
    [
        ("Observation/gone", {}, True),
        ("urn:uuid:gone", {}, True),
        ("https://ehr.example.org/fhir/Observation/gone/_history/2", {}, True),
        ("Observation/gone", {"valueString": "see there"}, False),  # it says itself what it found
        ("Observation/gone", {"component": [{"valueString": "see there"}]}, False),
        ("ImagingStudy/gone", {}, False),
        ("QuestionnaireResponse/gone", {}, False),
    ],
)
def test_what_was_derived_from_results_that_are_not_here_is_told_if_it_says_nothing_itself(
    source: str, value: Json, is_told: bool, found: Found
) -> None:
    derived = one("Observation", status="final", code={"text": "Gap"}, effectiveDateTime=RECENT)

    facts = found({**derived, "derivedFrom": [{"reference": source}], **value})

    assert [why for _, why in told(facts)] == (["not-found"] if is_told else [])


@pytest.mark.parametrize("kind", ["Parameters", "Bundle", "OperationOutcome"])
@pytest.mark.parametrize("rest", [True, False])
def test_what_stands_in_a_container_where_fhir_has_nothing_is_read(
    kind: str, rest: bool, lab: Lab, says: Says, rules: RecordRules, now: Any, present: Any
) -> None:
    whole: Json = {"Parameters": {"parameter": []}, "Bundle": {"entry": []}}.get(kind, {})
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1970-02-03"}
    inside = [person, lab(K, "7.3")]
    container = {"resourceType": kind, "contained": inside, **(whole if rest else {})}

    assert "potassium.critical" in says(container)
    read = read_record(json.dumps(container, default=float).encode())
    facts = facts_of(read, rules, now=now, patient=None)
    assert "potassium.critical" in present(facts)


# ── Reports and data ──


def data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


RESULT = json.dumps({"resourceType": "Observation", "code": {"text": "Potassium"}})


@pytest.mark.parametrize(
    ("kind", "content", "is_told"),
    [
        ("application/fhir+json", RESULT, True),
        ("application/fhir+xml", "<Observation/>", True),
        ("application/json", RESULT, True),
        ("application/json", "{}", False),
        ("application/pdf", RESULT, False),
        ("text/plain", "critical potassium", True),
        ("text/plain", "see you soon", False),
    ],
)
@pytest.mark.parametrize("attached", [True, False])
def test_a_resource_that_is_only_data_is_told(
    kind: str, content: str, is_told: bool, attached: bool, found: Found
) -> None:
    held = {"contentType": kind, "data": data(content)}
    entry = one("Binary", **held)
    if attached:
        entry = one("DocumentReference", status="current", content=[{"attachment": held}])

    facts = found(entry)

    assert [why for _, why in told(facts)] == (["other-kind"] if is_told else [])
    assert bool(facts.floors) is is_told
