"""Each way of writing the same code, flag or unit is heard, or told by name."""

from decimal import Decimal

import pytest

from cds.core.model import Presence
from tests.record.resources import (
    ICD,
    LOINC,
    RXNORM,
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
        codeable("99999-9", LOINC, "Kalium [Mol/Volumen] in Serum oder Plasma"),
        codeable(K, "http://lab.example.org/codes"),  # a code that is listed elsewhere
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
    "category",
    [
        {"text": "Chemistry"},
        {"text": "POC"},
        codeable("LP29693-6", LOINC),
        codeable("394595002", SNOMED, "Pathology"),
        {"coding": [{"display": "Labor"}]},
        "Labor",
    ],
)
@pytest.mark.parametrize("code", [{"text": "Potassium"}, codeable(K, None)])
def test_a_category_that_is_not_known_makes_no_result_another_thing(
    code: Json, category: object, lab: Lab, found: Found
) -> None:
    for written in (category, [category]):
        facts = found({**lab(K, "7.3", category=written), "code": code})

        assert [why for _, why in told(facts)] == ["unknown-code"]


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        (codeable("NPU03230", "http://lab.example.org/codes", "S-Kalium"), "potassium"),
        ({"text": "fP-Glukos"}, "glucose"),
        ({"text": "K+"}, "potassium"),
        (codeable("99999-9", LOINC, " K "), "potassium"),
        ({"text": "Ca"}, "calcium-total"),
        ({"text": "Na+"}, "sodium"),
        ({"text": "iCa"}, "calcium-ionized"),
        ({"text": "Kreatinin"}, "creatinine"),
        (codeable(K + " ", None), "potassium"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": {"value": Decimal("7.3")}},
        {"valueQuantity": None, "valueString": "7,3 mmol/L"},
        {"valueQuantity": None, "valueInteger": 7},
    ],
)
def test_what_is_called_like_a_test_is_told_whatever_its_value_looks_like(
    code: Json, fact: str, value: Json, lab: Lab, found: Found
) -> None:
    facts = found({**lab(K, "7.3", **value), "code": code})

    ((_, why),) = told(facts)
    assert why == "unknown-code"
    assert f"{fact}.abnormal" in account_of(facts).unheard[0].facts


OTHER_KINDS = [codeable(kind, None) for kind in ("procedure", "vital-signs", "exam", "imaging")]


@pytest.mark.parametrize("category", OTHER_KINDS)
@pytest.mark.parametrize(
    ("code", "value", "is_told"),
    [
        ({"text": "Potassium"}, {}, True),
        (codeable("K1", "http://poct.example.org", "Kalium"), {}, True),
        ({"text": "Potassium"}, {"valueQuantity": {"value": Decimal("7.3")}}, True),
        ({"text": "Potassium"}, {"valueQuantity": None, "valueString": "7.3 mmol/l"}, True),
        # Another thing by its measure, or none at all.
        ({"text": "Calcium"}, {"valueQuantity": {"value": 500, "unit": "mg"}}, False),
        ({"text": "Calcium"}, {"valueQuantity": None, "valueString": "2 tablets a day"}, False),
        ({"text": "Potassium"}, {"valueQuantity": None, "valueBoolean": True}, False),
        ({"text": "Heart rate"}, {}, False),
    ],
)
def test_a_category_makes_no_measured_test_another_thing(
    category: Json, code: Json, value: Json, is_told: bool, lab: Lab, found: Found
) -> None:
    facts = found({**lab(K, "7.3", category=[category], **value), "code": code})

    assert [why for _, why in told(facts)] == ["unknown-code"] * is_told


def test_a_code_with_blanks_around_it_is_that_code(lab: Lab, says: Says) -> None:
    assert "potassium.critical" in says({**lab(K, "7.3"), "code": codeable(f" {K} ", LOINC)})


@pytest.mark.parametrize(
    "code",
    [
        codeable("24108-3", LOINC, "Ca 19-9 Ag"),
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
