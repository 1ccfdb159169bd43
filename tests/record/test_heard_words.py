"""Other forms, joined words, signs of a pregnancy; what was replaced, broken off, drawn."""

from dataclasses import replace
from typing import Any

import pytest

from cds.record.compile import compile_record
from cds.record.facts import facts_of
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
    told,
)

PATIENT = {"reference": "Patient/p"}
RECENT, OLD = "2026-11-20T09:00:00Z", "2019-11-20T09:00:00Z"


def one(kind: str, **other: Any) -> Json:
    return {"resourceType": kind, "id": "x", "subject": PATIENT, **other}


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


# ── What was replaced, broken off, drawn for people, or stands where a reference belongs ──


@pytest.mark.parametrize(
    ("later", "is_told"),
    [
        ({"value": "4.1", "status": "corrected"}, True),
        ({"value": None, "status": "entered-in-error"}, True),
        ({"value": "7.5", "status": "corrected"}, False),  # it alarms by itself
    ],
)
def test_a_critical_result_that_a_later_version_replaced_is_told_by_name(
    later: Json, is_told: bool, lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "7.3"), lab(K, **later))

    told_of = [note.text.split(";")[0] for note in facts.notes if note.code == "record-conflict"]
    said = "an earlier version said 7.3 mmol/L on 2026-11-21 11:00 UTC"
    assert told_of == [f"Potassium at a critical value: {said}"] * is_told
    assert account_of(facts).replaced == 1


def test_a_result_that_was_deleted_is_told_if_it_was_critical(lab: Lab, found: Found) -> None:
    gone = {"request": {"method": "DELETE", "url": "Observation/o"}}
    for value in ("7.3", "4.1"):
        entries = [{"resource": lab(K, value)}, gone]
        facts = found({"resourceType": "Bundle", "type": "history", "entry": entries})

        assert [note.code for note in facts.notes] == ["record-conflict"] * (value == "7.3")
        assert facts.floors == ()


@pytest.mark.parametrize("status", ["on-hold", "stopped"])
@pytest.mark.parametrize(("code", "is_told"), [("302497006", True), ("80146002", False)])
def test_a_procedure_of_ours_that_was_done_in_part_is_told_and_raises_nothing(
    status: str, code: str, is_told: bool, found: Found
) -> None:
    facts = found(one("Procedure", status=status, code=codeable(code, SNOMED)))

    assert [why for _, why in told(facts)] == (["in-part"] if is_told else [])
    assert facts.floors == ()


@pytest.mark.parametrize("kind", ["Observation", "DiagnosticReport", "Condition", "Procedure"])
@pytest.mark.parametrize("status", ["generated", "additional", "extensions", None])
def test_a_text_for_people_that_reads_critical_is_told_unless_a_machine_drew_it(
    kind: str, status: str | None, found: Found
) -> None:
    drawn = {"status": status, "div": "<div>Critical potassium 7.2</div>"}
    entry = one(kind, status="final", text=drawn, code=codeable("38341003", SNOMED))
    if kind in {"Observation", "DiagnosticReport"}:
        entry["code"] = codeable("10839-9", LOINC)
        entry["effectiveDateTime"] = RECENT
        entry |= {"valueQuantity": {"value": 1}, "result": [], "contained": [{"id": "a"}]}
    else:
        entry["status"] = "completed"

    criticals = [each.critical for each in account_of(found(entry)).unheard]

    assert criticals == ([] if status == "generated" else [True])


@pytest.mark.parametrize(
    "beside", [{"note": [{"text": "critical value"}]}, {"media": [{"comment": "critical"}]}]
)
def test_what_stands_around_the_results_of_a_report_is_told(beside: Json, found: Found) -> None:
    report = one("DiagnosticReport", status="final", code={"text": "Panel"}, **beside)

    assert [each.critical for each in account_of(found(report)).unheard] == [True]


@pytest.mark.parametrize(
    "holder",
    [
        lambda inner: one("Composition", status="final", section=[{"entry": [inner]}]),
        lambda inner: one("Composition", status="final", section=[{"section": [{"entry": inner}]}]),
        lambda inner: one("List", status="current", entry=[{"item": inner}]),
        lambda inner: one("DiagnosticReport", status="final", result=[inner]),
        lambda inner: one("CarePlan", status="active", activity=[{"reference": inner}]),
        lambda inner: one("RequestGroup", status="active", action=[{"resource": inner}]),
    ],
)
def test_a_resource_in_the_place_of_its_reference_is_read(
    holder: Any, lab: Lab, says: Says
) -> None:
    assert "potassium.critical" in says(holder(lab(K, "7.3")))


def test_an_outcome_inside_a_resource_says_that_something_did_not_come(
    lab: Lab, found: Found
) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}

    for kind in (lab(K, "4.1"), one("Encounter", status="finished")):
        (missing,) = account_of(found({**kind, "contained": [outcome]})).missing
        assert missing.what.startswith(kind["resourceType"])


@pytest.mark.parametrize("label", ["SUBSETTED", "subsetted", " Masked "])
def test_a_label_is_read_in_any_case(label: str, lab: Lab, found: Found) -> None:
    for labels in ({"code": label}, [{"code": label}]):
        assert len(account_of(found(lab(K, "4.1", meta={"tag": labels}))).missing) == 1


@pytest.mark.parametrize(
    ("plan", "is_critical"),
    [
        (one("Task", status="requested", description="Critical potassium: call back"), True),
        (one("ServiceRequest", status="active", code={"text": "Potassium"}), False),
        (one("ServiceRequest", status="active", code={"text": "Critical review of notes"}), False),
    ],
)
def test_a_plan_that_speaks_of_a_critical_test_is_told_first(
    plan: Json, is_critical: bool, found: Found
) -> None:
    assert [each.critical for each in account_of(found(plan)).unheard] == [True] * is_critical


def test_what_a_patient_is_said_to_be_in_an_extension_is_told(found: Found) -> None:
    said = {"url": "http://example.org/alert", "valueString": "Dialysis patient"}
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1970-02-03", "extension": [said]}

    assert told(found(patient=person)) == [("Patient: dialysis", "other-kind")]


@pytest.mark.parametrize("units", [("mg/dL", "mg/dL"), ("MMOL/L", "mg/dL")])
def test_two_things_under_one_name_are_told_alike_in_any_order(
    units: tuple[str, str], lab: Lab, found: Found
) -> None:
    sodium, potassium = lab("2951-2", "7.1", units[0]), lab(K, "7.1", units[1])

    told_of = [found(*both) for both in ((sodium, potassium), (potassium, sodium))]

    assert account_of(told_of[0]) == account_of(told_of[1])
    assert len(account_of(told_of[0]).unheard[0].facts) == 10
