"""What resources of other kinds name is told and never read, but where it is known already."""

from typing import Any

import pytest

from cds.core.account import MOST_NAMED
from cds.core.model import Presence
from tests.record.resources import (
    ICD,
    LOINC,
    SNOMED,
    Found,
    Json,
    K,
    Lab,
    account_of,
    codeable,
    condition,
    order,
    told,
)

PATIENT = {"reference": "Patient/p"}
DIALYSIS = codeable("302497006", SNOMED)  # without a display
RECENT, OLD = "2026-11-20T09:00:00Z", "2019-11-20T09:00:00Z"
V2_0074 = "http://terminology.hl7.org/CodeSystem/v2-0074"


def one(kind: str, **other: Any) -> Json:
    return {"resourceType": kind, "id": "x", "subject": PATIENT, **other}


def words(text: str) -> Json:
    return {"text": text}


NAMED = [
    (one("ServiceRequest", status="active", intent="order", code=DIALYSIS), "hemodialysis"),
    (one("ServiceRequest", status="draft", code={"concept": DIALYSIS}), "hemodialysis"),
    (one("ServiceRequest", status="active", reasonCode=[words("Hyperkalaemia")]), "hyperkalaemia"),
    (one("ProcedureRequest", status="active", code=words("Hämodialyse")), "hämodialyse"),
    (one("CarePlan", status="active", title="Dialysis plan"), "dialysis"),
    (
        one("CarePlan", status="active", activity=[{"detail": {"code": words("Dialysis")}}]),
        "dialysis",
    ),
    (one("EpisodeOfCare", status="active", type=[words("Dialysis")]), "dialysis"),
    (one("Encounter", status="in-progress", reasonCode=[words("Pregnancy check")]), "pregnancy"),
    (one("Appointment", status="booked", serviceType=[words("Hemodiálisis")]), "hemodiálisis"),
    (one("Task", status="requested", description="Refill furosemide"), "furosemide"),
    (one("Goal", lifecycleStatus="active", description=words("Diabetes in check")), "diabetes"),
    (one("Flag", status="active", code=words("Embarazo")), "embarazo"),
    (one("DetectedIssue", status="final", detail="Furosemide with digoxin"), "furosemide"),
    (
        one("DetectedIssue", evidence=[{"code": [codeable("14140009", SNOMED)]}]),
        "14140009",
    ),
    (one("ClinicalImpression", status="completed", summary="Hypokalaemia"), "hypokalaemia"),
    (
        one(
            "Composition",
            section=[{"title": "Pills", "text": {"div": "<b>Furo</b> <i>furosemide</i>"}}],
        ),
        "furosemide",
    ),
    (one("AdverseEvent", event=words("Hyponatremia")), "hyponatremia"),
    (one("DeviceUsage", status="active", reason=[{"concept": words("Dialysis")}]), "dialysis"),
    (one("ImagingStudy", description="MRI: spinal stenosis"), "spinal stenosis"),
    (one("LabResult", code=words("Potassium"), value="7.2"), "potassium"),  # no type of FHIR
]


@pytest.mark.parametrize(("entry", "name"), NAMED)
def test_what_another_kind_of_entry_names_is_told_by_name_and_is_no_fact(
    entry: Json, name: str, found: Found
) -> None:
    facts = found(entry)

    assert told(facts) == [(f"{entry['resourceType']}: {name}", "other-kind")]
    (unheard,) = account_of(facts).unheard
    assert unheard.facts
    assert {facts.facts[fact].presence for fact in unheard.facts} == {Presence.UNKNOWN}
    assert [floor.level for floor in facts.floors] == ["routine"]


@pytest.mark.parametrize(
    "entry",
    [
        one("ServiceRequest", status="completed", code=DIALYSIS),
        one("ServiceRequest", status="revoked", code=DIALYSIS),
        one("ServiceRequest", status="active", code=DIALYSIS, doNotPerform=True),
        one("ServiceRequest", status="active", code=codeable(K, LOINC, "Potassium")),  # to measure
        one(
            "CarePlan",
            status="active",
            activity=[{"detail": {"status": "cancelled", "code": DIALYSIS}}],
        ),
        one("Encounter", status="finished", reasonCode=[words("Pregnancy check")]),
        one("Flag", status="active", period={"end": "2020"}, code=words("Pregnant")),
        one("Flag", status="active", code=words("Fall risk")),
        one("Flag", status="active", code=words("Leg cramps")),  # what everybody here has
        one("DetectedIssue", status="entered-in-error", severity="high"),
        one("Communication", sent=OLD, payload=[{"contentString": "critical potassium"}]),
        one("DocumentReference", status="superseded", description="Critical result"),
        one("DocumentReference", description="Critical care medicine note"),
        one("Composition", section=[{"title": "Pregnancy", "emptyReason": codeable("closed", "")}]),
        one(
            "Composition",
            section=[{"text": {"div": "Diabetes. Criticality: low"}, "entry": [PATIENT]}],
        ),
        one("AllergyIntolerance", code=words("Furosemide")),  # what is not taken
        one("FamilyMemberHistory", condition=[{"code": words("Diabetes")}]),
        one("NutritionOrder", status="active", oralDiet={"type": [words("Low sodium diet")]}),
        one("RiskAssessment", prediction=[{"outcome": words("Potassium, critical")}]),
        one("CommunicationRequest", about=[{"reference": "RiskAssessment/1"}], reason="critical"),
        one("ActivityDefinition", title="Dialysis"),
    ],
)
def test_what_is_over_or_of_another_matter_is_not_about_this(entry: Json, found: Found) -> None:
    facts = found(entry)

    assert told(facts) == []
    assert account_of(facts).missing == ()
    assert facts.floors == ()


@pytest.mark.parametrize(
    "entry",
    [
        one("Communication", sent=RECENT, payload=[{"contentString": "Critical potassium 7.2"}]),
        one("Communication", payload=[{"contentCodeableConcept": words("Panic value")}]),
        one("CommunicationRequest", payload=[{"contentString": "CRITICAL: potassium"}]),
        one("DocumentReference", content=[{"attachment": {"title": "Kritischer Befund"}}]),
        one(
            "DocumentReference",
            content=[{"attachment": {"contentType": "text/plain", "data": "Y3JpdGljYWwgSw=="}}],
        ),
        one("Composition", section=[{"text": {"div": "<p>" + "x " * 2000 + "critical</p>"}}]),
        one("Flag", status="active", code=words("Critical potassium")),
        one("DetectedIssue", severity="high", code=words("Interaction")),
        one("Basic", code=words("critical potassium")),
        one("Media", note=[{"text": "valor crítico"}]),
        {
            **one("DiagnosticReport", code=words("CT"), conclusion="critical potassium"),
            "category": [codeable("RAD", V2_0074)],
        },
    ],
)
def test_words_that_read_critical_are_told_first_wherever_they_stand(
    entry: Json, found: Found, lab: Lab
) -> None:
    facts = found(order(text="Amlodipine", identifier="z"), entry, lab(K, "4.1"))

    first = account_of(facts).unheard[0]
    assert first.record == f"{entry['resourceType']}/x"
    assert first.critical
    assert facts.facts["potassium.critical"].presence is not Presence.PRESENT


def test_what_a_heard_entry_shows_already_is_not_told_again(found: Found, lab: Lab) -> None:
    plan = one("CarePlan", status="active", title="Diabetes plan")
    letter = one("DocumentReference", type=words("Laboratory report"), date=RECENT)

    alone = found(plan, letter)
    known = found(plan, letter, condition("44054006"), lab(K, "4.1"))

    assert len(told(alone)) == 2
    assert told(known) == []
    assert account_of(known).replaced == 2


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        (codeable("43339004", SNOMED, "Hypokalemia"), True),
        (codeable("E87.6", ICD), True),
        (words("Hipopotasemia"), True),
        (codeable("38341003", SNOMED, "Hypertension"), False),
    ],
)
def test_a_disorder_that_only_a_result_shows_is_told_until_one_does(
    code: Json, kept: bool, found: Found, lab: Lab
) -> None:
    entry = {"resourceType": "Condition", "id": "c", "subject": PATIENT, "code": code}

    open_, settled = found(entry), found(entry, lab(K, "4.1"))

    assert [why for _, why in told(open_)] == (["no-result"] if kept else [])
    assert told(settled) == []
    assert account_of(settled).replaced == kept
    over = {**entry, "clinicalStatus": codeable("resolved", None)}
    assert told(found(over)) == []


@pytest.mark.parametrize(
    ("status", "others", "is_told"),
    [
        ("cancelled", [], True),
        ("cancelled", [("4.1", 30)], True),  # measured before
        ("cancelled", [("4.1", 0.5)], False),  # and again
        ("entered-in-error", [], False),
    ],
)
def test_a_cancelled_result_with_a_value_is_told_unless_it_was_measured_again(
    status: str, others: list[tuple[str, float]], is_told: bool, found: Found, lab: Lab
) -> None:
    later = [lab(K, value, hours=hours, identifier="b") for value, hours in others]

    facts = found(lab(K, "7.3", status=status), *later)

    assert [why for _, why in told(facts)] == (["cancelled"] if is_told else [])
    assert facts.floors == ()  # decided 29: it raises nothing
    assert told(found(lab(K, None, status=status))) == []


@pytest.mark.parametrize(("status", "is_told"), [("on-hold", True), ("stopped", False)])
def test_a_listed_medicine_on_hold_is_told(status: str, is_told: bool, found: Found) -> None:
    facts = found(order(text="Furosemide 40 mg") | {"status": status})

    assert told(facts) == ([("Furosemide 40 mg", "on-hold")] if is_told else [])
    assert facts.floors == ()
    assert told(found(order(text="Amlodipine") | {"status": status})) == []


@pytest.mark.parametrize(
    ("entry", "is_told"),
    [
        (one("List", title="Problems", entry=[{"item": {"reference": "Condition/gone"}}]), True),
        (one("List", title="All", entry=[{"item": {"reference": "urn:uuid:gone"}}]), True),
        (one("Composition", section=[{"entry": [{"reference": "Observation/gone"}]}]), True),
        (one("List", entry=[{"item": {"reference": "Observation/o"}}]), False),
        (one("List", entry=[{"item": {"reference": "urn:uuid:o"}}]), False),
        (one("List", entry=[{"item": {"reference": "Practitioner/x"}}]), False),
        (one("List", entry=[{"deleted": True, "item": {"reference": "Condition/gone"}}]), False),
        (one("List", date=OLD, entry=[{"item": {"reference": "Observation/gone"}}]), False),
        (one("List", status="retired", entry=[{"item": {"reference": "Condition/gone"}}]), False),
    ],
)
def test_a_list_that_leads_nowhere_is_told(
    entry: Json, is_told: bool, found: Found, lab: Lab
) -> None:
    here = {"fullUrl": "urn:uuid:o", "resource": lab(K, "4.1")}

    facts = found(here, entry)

    assert [why for _, why in told(facts)] == (["not-found"] if is_told else [])


@pytest.mark.parametrize("code", ["withheld", "unavailable", "notasked", "nilknown", "closed"])
@pytest.mark.parametrize("section", [True, False])
def test_an_empty_list_says_why_it_is_empty(code: str, section: bool, found: Found) -> None:
    reason = {"title": "Problems", "emptyReason": codeable(code, None)}
    entry = one("Composition", section=[reason]) if section else one("List", **reason)

    missing = account_of(found(entry)).missing

    assert [gap.what for gap in missing] == ([] if code in {"nilknown", "closed"} else ["Problems"])


def test_a_report_whose_results_are_named_by_the_address_of_their_entry_is_whole(
    found: Found, lab: Lab
) -> None:
    report = one("DiagnosticReport", code=words("Panel"), result=[{"reference": "urn:uuid:1-2"}])

    assert told(found({"fullUrl": "urn:uuid:1-2", "resource": lab(K, "4.1")}, report)) == []


def test_the_text_of_an_entry_stands_where_values_stand_and_not_in_its_name(found: Found) -> None:
    (unheard,) = account_of(
        found(one("Flag", status="active", code=words("Potassium 7.2 at 8:00")))
    ).unheard

    assert "7.2" not in unheard.shown(values=False)
    assert "7.2" in unheard.shown(values=True)


def test_of_many_such_entries_ten_are_named(found: Found) -> None:
    flags = [
        one("Flag", status="active", code=words(f"{text}: dialysis")) | {"id": str(number)}
        for number, text in enumerate(["Diabetes", "Sciatica", "Pregnancy", "Cirrhosis"] * 9)
    ]

    account = account_of(found(*flags))

    assert len(account.unheard) == 36
    assert len(account.told().named) <= MOST_NAMED
