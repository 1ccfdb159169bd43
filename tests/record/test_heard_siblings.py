"""Other places and spellings of what was silent: words, slips of codes, envelopes."""

from typing import Any

import pytest

from cds.core.model import Presence
from tests.record.resources import (
    LOINC,
    SNOMED,
    UCUM,
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

TROPONIN = "10839-9"


# ── Words beside a result ──


@pytest.mark.parametrize(
    "words",
    [
        {"note": [{"text": "CRITICAL VALUE called to the ward"}]},
        {"note": {"text": "kritischer Wert"}},
        {"comment": "Panic value"},  # STU3
        {"comments": "valor crítico"},  # DSTU2
        {"dataAbsentReason": {"text": "see critical report"}},
        {"component": [{"code": {"text": "x"}, "valueString": "3.2 (critical)"}]},
    ],
)
@pytest.mark.parametrize("code", [K, TROPONIN])
def test_words_beside_a_result_that_read_critical_are_told(
    words: Json, code: str, lab: Lab, found: Found
) -> None:
    facts = found(lab(code, "4.1", **words))

    (unheard,) = account_of(facts).unheard
    assert (unheard.why, unheard.critical) == ("remark", True)
    assert facts.facts["potassium.critical"].presence is Presence.UNKNOWN
    assert [floor.level for floor in facts.floors] == ["routine"]


@pytest.mark.parametrize(
    "other",
    [
        {"value": "7.1"},  # it alarms by itself
        {"hours": 30 * 24},
        {"category": [codeable("vital-signs", None)]},
        {"status": "entered-in-error"},
        {"note": [{"text": "Haemolysed"}]},
    ],
)
def test_words_that_add_nothing_are_not_told(other: Json, lab: Lab, found: Found) -> None:
    value = other.pop("value", "4.1")
    remark = {"note": [{"text": "CRITICAL VALUE called to the ward"}]}

    assert "remark" not in {why for _, why in told(found(lab(K, value, **{**remark, **other})))}


# ── Slips of a code ──


@pytest.mark.parametrize("code", ["28233", "2823-4", "LOINC:2823-3", "2823-", "K"])
def test_what_cannot_be_a_code_of_loinc_makes_no_result_another_test(
    code: str, lab: Lab, found: Found
) -> None:
    assert [why for _, why in told(found(lab(code, "7.3")))] == ["unknown-code"]


def test_another_test_of_loinc_is_another_test(lab: Lab, found: Found) -> None:
    for code in ("10839-9", "718-7", "2075-0"):
        assert told(found(lab(code, "7.3"))) == []


@pytest.mark.parametrize("system", ["http://loinc.org#", "http://loinc.org/#2823-3"])
def test_a_fragment_makes_no_other_code_system(system: str, lab: Lab, says: Says) -> None:
    assert "potassium.critical" in says({**lab(K, "7.3"), "code": codeable(K, system)})


@pytest.mark.parametrize("unit", [" mmol/L", "mmol/L ", "mmol/L {serum}", "{K} mmol/L"])
def test_blanks_around_a_unit_change_no_unit(unit: str, lab: Lab, says: Says) -> None:
    quantity = {"value": 7.1, "unit": unit}

    assert "potassium.critical" in says(lab(K, None, valueQuantity=quantity))
    coded = {**quantity, "system": UCUM, "code": unit}
    assert "potassium.critical" in says(lab(K, None, valueQuantity=coded))


@pytest.mark.parametrize(
    ("flag", "is_told"),
    [
        ({"extension": [{"url": "http://example.org/flag", "valueString": "HH"}]}, True),
        ({"extension": [{"url": "http://hl7.org/x/data-absent-reason", "valueCode": "x"}]}, False),
        ({}, False),
    ],
)
def test_a_flag_that_is_only_an_extension_is_told(
    flag: Json, is_told: bool, lab: Lab, found: Found
) -> None:
    facts = found(lab(TROPONIN, "3.2", interpretation=[flag]))

    assert [why for _, why in told(facts)] == (["flag-unknown"] if is_told else [])


# ── Statuses that contradict themselves, or stand in words ──


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (codeable("active", None), True),
        ({"coding": [{"display": "Active"}]}, True),
        ({"coding": [{"display": "Resolved"}]}, False),
        (None, False),
    ],
)
def test_what_is_active_and_abated_contradicts_itself_and_counts(
    status: Json | None, counts: bool, found: Found
) -> None:
    entry = condition("44054006", abatementDateTime="2019", clinicalStatus=status)

    fact = found(entry).facts["condition.diabetes"]

    assert (fact.presence is Presence.PRESENT) is counts
    assert [one.mark for one in fact.evidence] == (
        ["clinical status active, but abated"] if counts else []
    )


# ── Envelopes ──

PATIENT: Json = {"resourceType": "Patient", "id": "p"}


def parameters(**parameter: Any) -> Json:
    return {"resourceType": "Parameters", "parameter": [{"name": "x", **parameter}]}


@pytest.mark.parametrize(
    "envelope",
    [
        {"link": {"relation": "next", "url": "https://ehr.example.org/2"}},
        {"total": "250"},
        {"issues": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}},  # R5
        {"meta": {"security": [{"code": "MASKED"}]}},
    ],
)
def test_an_envelope_that_is_not_whole_says_so_in_any_shape(envelope: Json, found: Found) -> None:
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [], **envelope}

    assert len(account_of(found(bundle)).missing) == 1


@pytest.mark.parametrize(
    "instead",
    [
        {"valueReference": {"reference": "Observation/gone"}},
        {"valueBase64Binary": "e30="},
        {"valueAttachment": {"contentType": "application/fhir+json"}},
    ],
)
def test_a_parameter_without_its_resource_is_missing(instead: Json, found: Found) -> None:
    assert len(account_of(found(parameters(**instead))).missing) == 1
    assert account_of(found(parameters(valueString="a text", valueBoolean=True))).missing == ()


def test_what_stands_inside_something_inside_is_read(lab: Lab, says: Says) -> None:
    def holding(*inside: Json) -> Json:
        return {"resourceType": "DiagnosticReport", "status": "final", "contained": [*inside]}

    bundle = {"resourceType": "Bundle", "entry": [{"resource": lab(K, "7.3")}]}
    for inside in (holding(lab(K, "7.3")), bundle, holding(holding(bundle))):
        assert "potassium.critical" in says({**holding(inside), "id": "r"})


@pytest.mark.parametrize(("kind", "lost"), [("has-member", True), ("derived-from", False)])
def test_members_are_found_under_their_older_name(kind: str, lost: bool, found: Found) -> None:
    related = [{"type": kind, "target": {"reference": "Observation/gone"}}]
    panel = {"resourceType": "Observation", "id": "p1", "status": "final", "related": related}

    facts = found({**panel, "code": codeable("24323-8", LOINC, "Panel")})

    assert told(facts) == ([("Panel", "not-found")] if lost else [])


@pytest.mark.parametrize("status", ["active", "stopped"])
def test_what_a_medicine_is_taken_for_is_told(status: str, found: Found) -> None:
    reason = {"reasonCode": [{"text": "Hypokalaemia"}], "status": status}
    facts = found(order(text="Potassium chloride", identifier="m") | reason)

    named = [one.what for one in account_of(facts).unheard]
    assert any("hypokalaemia" in what for what in named) is (status == "active")


# ── Observations that say something of the history ──


def finding(code: Json, **value: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "s",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "code": code,
        **value,
    }


PREGNANCY = codeable("82810-3", LOINC)
YES = {"valueCodeableConcept": codeable("LA15173-0", LOINC)}


def test_pregnancy_is_read_in_the_words_of_loinc_too(says: Says) -> None:
    assert says(finding(PREGNANCY, **YES)) == {"condition.pregnancy"}


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        ({"valueCodeableConcept": {"text": "Pregnant"}}, True),
        ({"valueBoolean": True}, True),
        ({"valueString": "see letter"}, True),
        ({**YES, "status": "preliminary"}, True),
        ({**YES, "status": "preliminary", "effectiveDateTime": "2024-01-01T08:00:00Z"}, False),
        ({"valueBoolean": False}, False),
        ({"valueCodeableConcept": {"text": "Not pregnant"}}, False),
        ({**YES, "status": "entered-in-error"}, False),
        ({}, False),
    ],
)
def test_a_state_that_is_not_understood_is_told_unless_it_says_no(
    value: Json, is_told: bool, found: Found
) -> None:
    facts = found(finding(PREGNANCY, **value))

    assert [why for _, why in told(facts)] == (["unreadable"] if is_told else [])
    assert facts.facts["condition.pregnancy"].presence is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("code", "value", "named"),
    [
        ({"text": "Diagnosis"}, {"valueCodeableConcept": {"text": "Diabetes type 2"}}, "diabetes"),
        ({"text": "Finding"}, {"valueCodeableConcept": codeable("43339004", SNOMED)}, "43339004"),
        ({"text": "On dialysis"}, {"valueBoolean": True}, "dialysis"),
        ({"text": "Pregnancy test"}, {"valueString": "Positive"}, "pregnancy"),
        ({"text": "Pregnancy test"}, {"valueString": "negative"}, None),
        ({"text": "On dialysis"}, {"valueBoolean": False}, None),
        ({"text": "Dialysis adequacy"}, {"valueQuantity": {"value": 1.4}}, None),
        ({"text": "Smoker"}, {"valueBoolean": True}, None),
    ],
)
def test_a_finding_that_names_what_is_asked_for_is_told_unless_it_says_no(
    code: Json, value: Json, named: str | None, found: Found
) -> None:
    facts = found(finding(code, **value))

    told_of = [one.what for one in account_of(facts).unheard]
    assert told_of == ([] if named is None else [f"Observation: {named}"])


@pytest.mark.parametrize(
    "text", ["Dialysepatient", "DIABETIKERIN", "schwangere Patientin", "Embarazada de 20 semanas"]
)
def test_names_are_found_in_words_that_are_joined_to_others(text: str, found: Found) -> None:
    flag: Json = {"resourceType": "Flag", "id": "f", "status": "active", "code": {"text": text}}

    assert [why for _, why in told(found(flag))] == ["other-kind"]


@pytest.mark.parametrize("key", ["performedPeriod", "occurrencePeriod"])
def test_a_course_is_over_as_later_versions_write_it(key: str, says: Says) -> None:
    entry: Json = {"resourceType": "Procedure", "id": "p", "status": "completed"}
    entry |= {"code": codeable("302497006", SNOMED), key: {"start": "2010-01-01", "end": "2010-03"}}

    assert says(entry) == set()
    assert says({**entry, key: {"start": "2010-01-01"}}) == {"procedure.hemodialysis"}
