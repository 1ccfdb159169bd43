"""What stands beside what is read, inside it, or in a shape that FHIR does not have, is heard."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from cds.core.model import Presence
from cds.record.compile import compile_record
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
        condition(HYPERTENSION, text={"div": "<p>Critical potassium</p>"}),  # its own name, drawn
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


# ── Answers to other forms ──


def answers(*items: Json, **other: Any) -> Json:
    response = one("QuestionnaireResponse", status="completed", item=list(items), authored=RECENT)
    return {**response, "questionnaire": "https://example.org/Questionnaire/intake|2", **other}


def item(text: str, answer: Json, *inside: Json) -> Json:
    return {"linkId": "1", "text": text, "answer": [{**answer, "item": list(inside)}]}


YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


@pytest.mark.parametrize(
    ("response", "is_told"),
    [
        (answers(item("Are you on dialysis?", YES)), True),
        (answers(item("Are you on dialysis?", {"valueCoding": {"display": "Yes"}})), True),
        (answers(item("Illnesses", {"valueString": "haemodialysis"})), True),
        (
            answers(item("Illnesses", {"valueCoding": codeable("73211009", SNOMED)["coding"][0]})),
            True,
        ),
        (answers({"linkId": "g", "item": [item("Pregnant?", YES)]}), True),
        (answers(item("Any illness?", YES, item("Which?", {"valueString": "Diabetes"}))), True),
        (answers(item("Result", {"valueString": "Critical potassium"})), True),
        (answers(item("Are you on dialysis?", NO)), False),
        (answers(item("Are you on dialysis?", {"valueCoding": {"display": "No"}})), False),
        (answers({"linkId": "1", "text": "Are you on dialysis?"}), False),
        (answers(item("Pregnant?", NO, item("Which week of pregnancy?", NO))), False),
        (answers(item("Are you on dialysis?", YES), authored=OLD), False),
        (answers(item("Are you on dialysis?", YES), status="entered-in-error"), False),
        (answers(item("Are you on dialysis?", YES), questionnaire="Questionnaire/ours|1"), False),
    ],
)
def test_answers_to_a_form_that_is_not_judged_here_are_told(
    response: Json, is_told: bool, record_toml: Json, now: Any, adult: Json
) -> None:
    rules = replace(compile_record(record_toml), forms=frozenset({"ours"}))

    facts = facts_of([adult, response], rules, now=now, patient="Patient/p")

    assert [why for _, why in told(facts)] == (["other-kind"] if is_told else [])


# ── Words that are joined; signs of a pregnancy; what was withdrawn ──


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u2011", "\u2013", "\u00ad"])
@pytest.mark.parametrize("name", ["haemo{}dialysis", "Hämo{}dialyse", "poly{}neuropathy"])
def test_a_name_is_known_with_a_hyphen_in_it(name: str, hyphen: str, found: Found) -> None:
    flag = one("Flag", status="active", code={"text": name.format(hyphen)})

    assert [why for _, why in told(found(flag))] == ["other-kind"]


@pytest.mark.parametrize("text", ["non-diabetic", "pre-dialysis", "Vitamin-K"])
def test_a_hyphen_makes_no_name_of_another_word(text: str, found: Found) -> None:
    assert told(found(one("Flag", status="active", code={"text": text}))) == []


@pytest.mark.parametrize("code", ["11778-8", "11779-6", "11780-4", "11884-4", "18185-9"])
@pytest.mark.parametrize(
    ("time", "known", "is_told"),
    [(RECENT, False, True), (RECENT, True, False), (OLD, False, False)],
)
def test_what_only_a_pregnancy_has_is_told_unless_it_is_known(
    code: str, time: str, known: bool, is_told: bool, found: Found
) -> None:
    sign = one("Observation", status="final", code=codeable(code, LOINC), effectiveDateTime=time)
    sign |= {"valueQuantity": {"value": 20}} if code > "118" else {"valueDateTime": "2027-03"}

    facts = found(sign, *([condition("77386006")] if known else []))

    assert [why for _, why in told(facts)] == (["unreadable"] if is_told else [])


@pytest.mark.parametrize("status", ["retired", "entered-in-error", "cancelled", "deprecated"])
@pytest.mark.parametrize("kind", ["List", "Composition"])
def test_a_list_that_is_withdrawn_says_nothing(status: str, kind: str, found: Found) -> None:
    reference = {"reference": "Condition/gone"}
    reason = codeable("withheld", None)
    section = {"entry": [reference], "emptyReason": reason, "title": "Dialysis"}
    entry = one(kind, status=status, section=[section])
    if kind == "List":
        entry = one(kind, status=status, title="Dialysis", emptyReason=reason)
        entry["entry"] = [{"item": reference}]

    account = account_of(found(entry))

    assert (account.unheard, account.missing) == ((), ())
