"""What a record may look like: each way of writing the same thing is heard, or told by name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cds.core.account import Account
from cds.core.model import Facts, Presence
from tests.record.resources import ATC, ICD, RXNORM, SNOMED, condition, order

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Says = Callable[..., set[str]]

K = "2823-3"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def account_of(facts: Facts) -> Account:
    assert facts.account is not None
    return facts.account


def told(facts: Facts) -> list[tuple[str, str]]:
    return [(one.what, one.why) for one in account_of(facts).unheard]


def codeable(code: str, system: str | None, display: str | None = None) -> Json:
    coding = {"system": system, "code": code, "display": display}
    return {"coding": [{key: one for key, one in coding.items() if one is not None}]}


# ── Code systems ──


@pytest.mark.parametrize(
    "system",
    [
        *("https://loinc.org/", "http://loinc.org/", "https://loinc.org", "http://www.loinc.org"),
        *("HTTP://LOINC.ORG", " http://loinc.org", "http://loinc.org|2.77", "LN", "loinc"),
        *("urn:oid:2.16.840.1.113883.6.1", "2.16.840.1.113883.6.1"),
    ],
)
def test_a_code_system_is_known_however_its_address_is_spelled(
    system: str, lab: Lab, says: Says
) -> None:
    assert "potassium.critical" in says({**lab(K, "7.3"), "code": codeable(K, system)})


@pytest.mark.parametrize(
    ("entry", "fact"),
    [
        (order({"system": "https://www.whocc.no/atc", "code": "C03CA01"}), "medicine.diuretic"),
        (order({"system": "http://www.whocc.no/ATC/", "code": "c03ca01"}), "medicine.diuretic"),
        (
            order({"system": "http://fhir.de/CodeSystem/bfarm/atc", "code": "C03CA01"}),
            "medicine.diuretic",
        ),
        (order({"system": SNOMED, "code": "387475002"}), "medicine.diuretic"),
        (order({"system": RXNORM + "/", "code": "4603"}), "medicine.diuretic"),
        (condition("N18.5", "http://hl7.org/fhir/sid/icd-10"), "condition.kidney-disorder"),
        (
            condition("E11.40", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
            "condition.diabetes",
        ),
        (condition("N185", ICD), "condition.kidney-disorder"),
        (
            condition("73211009", "http://snomed.info/sct/900000000000207008/version/20240101"),
            "condition.diabetes",
        ),
        (condition("E11.9", "https://hl7.org/fhir/sid/icd-10-cm/"), "condition.diabetes"),
    ],
)
def test_medicines_and_conditions_are_known_under_other_spellings(
    entry: Json, fact: str, says: Says
) -> None:
    assert fact in says(entry)


@pytest.mark.parametrize(
    "code",
    [
        codeable("K", "http://lab.example.org/codes"),  # nothing but a local code
        codeable("K", None),
        codeable("1000", SNOMED, "Serum potassium level"),  # a code that is not listed
        {"text": "Potassium"},
        {"text": "Kalium"},  # a name in another language
        {**codeable("K1", "http://lab.example.org/codes"), "text": "POTASSIUM (serum)"},
        codeable("99999-9", LOINC, "Potassium [Moles/volume] in Umbilical cord blood"),
        {},
    ],
)
def test_a_result_under_an_unknown_code_is_told_by_name_and_leaves_its_facts_open(
    code: Json, lab: Lab, found: Found
) -> None:
    facts = found({**lab(K, "7.3"), "code": code}, lab(K, "4.1", identifier="known"))

    ((_, why),) = told(facts)
    assert why == "unknown-code"
    assert facts.facts["potassium.critical"].presence is Presence.UNKNOWN
    assert [one.why for one in facts.open] == ["unknown-code"]
    assert [one.level for one in facts.floors] == ["routine"]
    assert account_of(facts).unheard[0].value == "7.3 mmol/L"


@pytest.mark.parametrize(
    "code",
    [
        codeable("718-7", LOINC, "Hemoglobin [Mass/volume] in Blood"),
        codeable("2828-2", LOINC, "Potassium [Moles/volume] in Urine"),
        codeable("32554-8", LOINC, "Sodium/Potassium [Molar ratio] in Urine"),
        codeable("2093-3", LOINC),
    ],
)
def test_another_test_of_a_known_system_is_not_about_this(
    code: Json, lab: Lab, found: Found
) -> None:
    assert told(found({**lab(K, "7.3"), "code": code})) == []


def test_the_newest_value_of_an_unknown_test_takes_the_place_of_the_older(
    lab: Lab, found: Found
) -> None:
    code = {"text": "Kalium"}
    results = [
        {**lab(K, "7", hours=hours, identifier=f"o{hours}"), "code": code} for hours in (30, 3, 20)
    ]

    account = account_of(found(*results))

    assert [one.record for one in account.unheard] == ["Observation/o3"]
    assert account.replaced == 2


# ── Flags ──


@pytest.mark.parametrize(
    "interpretation",
    [
        codeable("HH", "http://hl7.org/fhir/ValueSet/observation-interpretation"),
        codeable("HH", "https://hl7.org/fhir/R4B/valueset-observation-interpretation.html"),
        codeable("HH", "http://hl7.org/fhir/v3/ObservationInterpretation"),
        codeable("HH", "http://terminology.hl7.org/CodeSystem/v2-0078"),
        codeable("HH", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation|2018"),
        codeable("HH", None),
        {"text": "HH"},
        {"text": "Critical high"},
        {"text": "critically HIGH"},
        {**codeable("crit", "http://lab.example.org/flags"), "text": "HH"},
    ],
)
@pytest.mark.parametrize("code", [K, "6598-7"])
def test_a_critical_flag_alarms_wherever_and_however_it_stands(
    code: str, interpretation: Json, lab: Lab, says: Says
) -> None:
    critical = "potassium.critical" if code == K else "other-lab.critical"

    assert critical in says(lab(code, "4.0", interpretation=[interpretation]))


@pytest.mark.parametrize(
    "interpretation",
    [
        codeable("HH", "http://lab.example.org/flags"),
        codeable("9", "http://lab.example.org/flags", "Panic value"),
        {"text": "CRITICAL, called to the ward"},
    ],
)
@pytest.mark.parametrize("code", [K, "6598-7"])
def test_a_flag_that_may_be_critical_is_told_first(
    code: str, interpretation: Json, lab: Lab, found: Found
) -> None:
    facts = found(order(text="Amlodipine"), lab(code, "4.0", interpretation=[interpretation]))

    first = account_of(facts).unheard[0]
    assert (first.why, first.critical) == ("flag-unknown", True)
    assert [one.level for one in facts.floors] == ["routine"]


@pytest.mark.parametrize(
    ("category", "counts"),
    [
        (codeable("CH", "http://terminology.hl7.org/CodeSystem/v2-0074"), True),
        (codeable("HM", "http://hl7.org/fhir/v2/0074"), True),
        (codeable("26436-6", LOINC), True),
        (codeable("108252007", SNOMED), True),
        ({"text": "Laboratory"}, True),
        (codeable("procedure", None), True),  # with a critical flag
        (codeable("vital-signs", None), False),
        (codeable("RAD", "http://terminology.hl7.org/CodeSystem/v2-0074"), False),
        (codeable("4711", "http://lab.example.org/categories"), False),
    ],
)
def test_a_critical_flag_on_another_test_counts_by_category_or_is_told(
    category: Json,
    counts: bool,
    lab: Lab,
    found: Found,
) -> None:
    facts = found(lab("6598-7", "2.1", "ng/mL", flags="HH", category=[category]))

    assert (facts.facts["other-lab.critical"].presence is Presence.PRESENT) is counts
    assert told(facts) == ([] if counts else [("code 6598-7", "not-asked")])


# ── Units ──


@pytest.mark.parametrize(
    "quantity",
    [
        {"unit": "mmol/L{serum}", "system": UCUM, "code": "mmol/L{serum}"},
        {"unit": "mmol/L", "system": UCUM, "code": "mmol/L{plasma}"},
        {"unit": "mmol/L {serum}".replace(" ", "")},
        {"unit": "mmol/L", "system": "http://snomed.info/sct", "code": "258813002"},
        {"unit": "mmol/L", "system": "http://lab.example.org/units", "code": "mg/dL"},
        {"unit": "mmol/L", "system": UCUM + "/", "code": "mmol/L"},
        {"unit": "millimoles per litre", "system": UCUM, "code": "mmol/L"},
        {"unit": "meq/L", "system": "urn:oid:2.16.840.1.113883.6.8", "code": "meq/L"},
    ],
)
def test_a_legible_unit_is_read_whatever_stands_beside_it(
    quantity: Json, lab: Lab, says: Says
) -> None:
    value = {"value": Decimal("7.1"), **quantity}

    assert "potassium.critical" in says(lab(K, "7.1", valueQuantity=value))


@pytest.mark.parametrize(
    ("value", "why", "shown"),
    [
        (
            {"valueQuantity": {"value": Decimal("7.1"), "unit": "MMOL/L"}},
            "unit-unusable",
            "7.1 MMOL/L",
        ),
        (
            {"valueQuantity": {"value": Decimal("7.1"), "code": "mmol/L", "system": "(HL7_V2)"}},
            "unit-unusable",
            "7.1 mmol/L",
        ),
        ({"valueQuantity": {"value": Decimal("7.1")}}, "unit-unusable", "7.1"),
        ({"valueQuantity": None, "valueString": "7,1 mmol/l"}, "no-value", "7,1 mmol/l"),
        ({"valueQuantity": None, "valueInteger": 7}, "no-value", "7"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_as_it_is_written(
    value: Json, why: str, shown: str, lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "7.1", **value))

    (one,) = account_of(facts).unheard
    assert (one.what, one.why, one.value) == ("Potassium", why, shown)
    assert one.date == "on 2026-11-21 11:00 UTC"


# ── Ranges ──


def between(low: str, high: str, **other: Any) -> Json:
    bounds = {"low": {"value": Decimal(low)}, "high": {"value": Decimal(high)}}
    return {**bounds, **other}


def aged(low: int | None, high: int | None, unit: str = "a") -> Json:
    bounds = {"low": low, "high": high}
    return {
        "age": {
            key: {"value": one, "system": UCUM, "code": unit}
            for key, one in bounds.items()
            if one is not None
        }
    }


ADULT = {"resourceType": "Patient", "id": "p", "birthDate": "1970-02-03", "gender": "female"}
CHILD = {**ADULT, "birthDate": "2016-02-03"}
UNKNOWN = {"resourceType": "Patient", "id": "p"}
WIDE = ("3.0", "6.1")  # wider than our own reference range
NARROW = ("3.9", "4.0")


@pytest.mark.parametrize(
    "foreign",
    [
        aged(0, 28, "d"),
        aged(0, 1, "mo"),
        aged(None, 17),
        aged(80, None),
        aged(0, 40, "wk"),
        {"appliesTo": [codeable("male", None)]},
        {"appliesTo": [{"text": "Men"}]},
        {"type": {"text": "Therapeutic"}},
        {"type": codeable("treatment", None)},
        {"type": codeable("pre-puberty", None)},
        {"modifierExtension": [{"url": "http://example.org/x", "valueBoolean": True}]},
        {**aged(18, 120), "appliesTo": [codeable("248153007", SNOMED)]},
    ],
)
def test_a_range_for_someone_else_judges_in_neither_direction(
    foreign: Json, lab: Lab, found: Found
) -> None:
    high = lab(K, "5.5", referenceRange=[between(*WIDE, **foreign)])
    normal = lab(K, "4.2", referenceRange=[between(*NARROW, **foreign)])

    assert found(high, patient=ADULT).facts["potassium.abnormal"].presence is Presence.PRESENT
    assert found(normal, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT


@pytest.mark.parametrize(
    "own",
    [
        {},
        aged(18, 120),
        aged(18, None),
        aged(56, 56),  # whole years, the last one included
        {"type": codeable("normal", None)},
        {"type": {"text": "Normal range"}},
        {"appliesTo": [codeable("female", None)]},
        {**aged(50, 60), "appliesTo": [{"text": "Female"}]},
    ],
)
def test_a_range_for_this_patient_goes_before_ours(own: Json, lab: Lab, found: Found) -> None:
    high = lab(K, "5.5", referenceRange=[between(*WIDE, **own)])
    normal = lab(K, "4.2", referenceRange=[between(*NARROW, **own)])

    assert found(high, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT
    assert found(normal, patient=ADULT).facts["potassium.abnormal"].presence is Presence.PRESENT


@pytest.mark.parametrize(
    "perhaps",
    [
        aged(18, 120),
        {"appliesTo": [codeable("female", None)]},
        {"appliesTo": [{"text": "Pregnant"}]},
        aged(0, 1, "fortnight"),
    ],
)
def test_a_range_that_may_be_this_patients_raises_and_never_reassures(
    perhaps: Json, lab: Lab, found: Found
) -> None:
    within = lab(K, "4.2", referenceRange=[between(*WIDE, **perhaps)])
    beyond = lab(K, "4.2", referenceRange=[between(*NARROW, **perhaps)])

    assert found(within, patient=UNKNOWN).facts["potassium.abnormal"].presence is Presence.UNKNOWN
    assert found(beyond, patient=UNKNOWN).facts["potassium.abnormal"].presence is Presence.PRESENT


def test_of_ranges_by_age_the_patients_own_counts(lab: Lab, found: Found) -> None:
    ranges = [between("3.7", "5.9", **aged(0, 1, "mo")), between("3.5", "5.1", **aged(18, 120))]
    result = lab(K, "3.6", referenceRange=ranges)

    assert found(result, patient=ADULT).facts["potassium.abnormal"].presence is Presence.ABSENT
    assert found(result, patient=CHILD).facts["potassium.abnormal"].presence is Presence.UNKNOWN


# ── About whom ──


@pytest.mark.parametrize(
    ("focus", "expected"),
    [
        ("RelatedPerson/baby", "other"),
        ("Patient/other", "other"),
        ("Group/g", "other"),
        ("Patient/p", "patient"),
        ("https://ehr.example.org/fhir/Patient/p/_history/2", "patient"),
        ("Device/monitor", "unclear"),
        ("#fetus", "unclear"),
        ("BodyStructure/fetus", "unclear"),
    ],
)
def test_what_was_measured_on_someone_else_is_not_the_patients(
    focus: str, expected: str, lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "7.3", focus=[{"reference": focus}]))

    present = facts.facts["potassium.critical"].presence is Presence.PRESENT
    assert present is (expected == "patient")
    assert account_of(facts).others == (expected == "other")
    assert told(facts) == ([("code 2823-3", "about-whom")] if expected == "unclear" else [])


@pytest.mark.parametrize(
    "modifier",
    [
        {"modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]},
        {"implicitRules": "http://example.org/rules"},
    ],
)
@pytest.mark.parametrize(
    "entry",
    [
        {"resourceType": "Observation", "status": "final", "code": codeable(K, LOINC)},
        order(text="Furosemide 40 mg"),
        condition("73211009"),
    ],
)
def test_what_a_modifier_changes_is_told_and_not_believed(
    entry: Json, modifier: Json, found: Found
) -> None:
    value = {"valueQuantity": {"value": 7, "unit": "mmol/L"}, "id": "x"}

    facts = found({**value, **entry, **modifier})

    assert {one.presence for one in facts.facts.values()} == {Presence.UNKNOWN}
    assert [why for _, why in told(facts)] == ["modifier"]


# ── Over ──

PAST, FUTURE = "2020-01-01", "2027-01-01"


@pytest.mark.parametrize(
    "over",
    [
        {"abatementDateTime": "2019-01-01"},
        {"abatementDateTime": "2019"},
        {"abatementPeriod": {"start": "2018", "end": "2019-02"}},
        {"abatementPeriod": {"start": "2018"}},
        {"abatementAge": {"value": 40, "unit": "a"}},
        {"abatementString": "in childhood"},
        {"abatementRange": {"low": {"value": 1}}},
        {"clinicalStatus": codeable("resolved", None)},
        {"clinicalStatus": codeable("remission", None)},
        {"verificationStatus": codeable("refuted", None)},
    ],
)
def test_a_condition_that_is_over_is_not_about_this(over: Json, found: Found) -> None:
    facts = found(condition("44054006", **over))

    assert facts.facts["condition.diabetes"].presence is Presence.UNKNOWN
    assert account_of(facts).whole


@pytest.mark.parametrize(
    "other",
    [
        {"abatementDateTime": FUTURE},
        {"abatementPeriod": {"end": FUTURE}},
        {"abatementBoolean": False},
        {"clinicalStatus": codeable("unknown", None)},
        {"clinicalStatus": {"text": "ACTIVE"}},
        {"clinicalStatus": codeable("Active", None)},
        {},
    ],
)
def test_a_condition_that_is_not_surely_over_counts(other: Json, says: Says) -> None:
    assert "condition.diabetes" in says(condition("44054006", **other))


@pytest.mark.parametrize(
    "over",
    [
        {"effectivePeriod": {"start": "2019-01-01", "end": PAST}},
        {"effectivePeriod": {"end": "2019"}},
        {"dosage": [{"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}}]},
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}}]},
        {"taken": "n"},
        {"wasNotTaken": True},
    ],
)
def test_a_medicine_of_the_past_is_not_about_this(over: Json, found: Found) -> None:
    facts = found(order(text="Furosemide 40 mg", **over))

    assert facts.facts["medicine.diuretic"].presence is Presence.UNKNOWN
    assert account_of(facts).whole


@pytest.mark.parametrize(
    "other",
    [
        {"effectivePeriod": {"start": "2019-01-01", "end": FUTURE}},
        {"effectivePeriod": {"start": "2019-01-01"}},
        {"effectivePeriod": {"end": "2026-11"}},  # the month is not over
        {"effectivePeriod": {"end": "soon"}},
        {"dispenseRequest": {"validityPeriod": {"end": PAST}}},  # it may still be taken
        {
            "dosageInstruction": [
                {"timing": {"repeat": {"boundsPeriod": {"end": PAST}}}},
                {"text": "then daily"},
            ]
        },
    ],
)
def test_a_medicine_that_is_not_surely_of_the_past_counts(other: Json, says: Says) -> None:
    assert "medicine.diuretic" in says(order(text="Furosemide 40 mg", **other))


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ({"performedDateTime": "2026-11-20"}, True),
        (
            {"performedPeriod": {"start": "2026-11-20T08:00:00Z", "end": "2026-11-20T12:00:00Z"}},
            True,
        ),
        ({}, True),
        ({"performedPeriod": {"start": "2014", "end": "2015"}}, False),
        ({"performedDateTime": "2015-03-01"}, False),
    ],
)
def test_a_procedure_of_long_ago_says_nothing_of_today(
    when: Json,
    counts: bool,
    says: Says,
) -> None:
    done = {"resourceType": "Procedure", "id": "x", "status": "completed"}
    code = codeable("302497006", SNOMED)

    assert ("procedure.hemodialysis" in says({**done, "code": code, **when})) is counts


# ── Medicines and conditions without a name that is known ──


@pytest.mark.parametrize(
    ("entry", "what", "why", "is_open"),
    [
        (order(text="Amlodipine 5 mg"), "Amlodipine 5 mg", "unknown-code", False),
        (order({"system": RXNORM, "code": "197361"}), "code 197361", "unknown-code", True),
        (order({"system": ATC, "code": "C08CA01"}), "code C08CA01", "unknown-code", True),
        (order(), "a medicine without a name", "unreadable", True),
        (
            {**order(), "medicationReference": {"reference": "Medication/gone"}},
            "a medicine without a name",
            "not-found",
            True,
        ),
        (
            {**order(), "medicationReference": {"reference": "#gone"}},
            "a medicine without a name",
            "not-found",
            True,
        ),
        (condition("250.00", "http://hl7.org/fhir/sid/icd-9-cm"), None, None, False),
        (
            {**condition("x"), "code": codeable("250.00", "http://hl7.org/fhir/sid/icd-9-cm")},
            "code 250.00",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": {"text": "Diabetes mellitus type 2"}},
            "Diabetes mellitus type 2",
            "unknown-code",
            True,
        ),
        (
            {**condition("x"), "code": codeable("1", SNOMED, "Disorder due to diabetes mellitus")},
            "Disorder due to diabetes mellitus",
            "unknown-code",
            True,
        ),
        ({**condition("x"), "code": {"text": "Hypertension"}}, None, None, False),
        (
            {**condition("x"), "code": codeable("38341003", SNOMED, "Hypertension")},
            None,
            None,
            False,
        ),
        ({**condition("x"), "code": codeable("38341003", SNOMED)}, None, None, False),
    ],
)
def test_what_could_be_asked_for_is_told_and_what_could_be_anything_stays_open(
    entry: Json,
    what: str | None,
    why: str | None,
    is_open: bool,
    found: Found,
) -> None:
    facts = found(entry)

    assert told(facts) == ([] if what is None else [(what, why)])
    assert [one.why for one in facts.open] == ([why] if is_open else [])


@pytest.mark.parametrize(
    "entry",
    [
        order({"system": SNOMED, "code": "787481004"}),
        order(
            {"system": SNOMED, "code": "1234391000168107", "display": "No known current medicines"}
        ),
        order({"code": "no-known-medications"}),
        order(text="No known medications."),
        order(text="no  current medications"),
    ],
)
def test_no_known_medicines_is_no_medicine(entry: Json, found: Found) -> None:
    facts = found(entry)

    assert account_of(facts).whole
    assert [note.code for note in facts.notes] == ["no-medicines"]


def test_no_information_is_no_answer(found: Found) -> None:
    medicines = found(order({"code": "no-medication-info"}))
    problems = found({**condition("x"), "code": codeable("no-problem-info", None)})

    for facts in (medicines, problems):
        assert [one.why for one in facts.open] == ["missing"]


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
