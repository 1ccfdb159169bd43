"""Each way of writing a laboratory's flag is heard, or told by name."""

import pytest

from cds.core.model import Presence
from tests.record.resources import (
    FLAGS,
    LOINC,
    SNOMED,
    Found,
    Json,
    K,
    Lab,
    Says,
    account_of,
    codeable,
    order,
    told,
)


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
        {"text": " hh "},
        codeable("hh", FLAGS),
        {**codeable("crit", "http://lab.example.org/flags"), "text": "HH"},
        codeable("HH ", FLAGS),
        codeable("H*", FLAGS, "Critical high"),
        codeable("CRIT", None, "Critically low"),
        {"coding": [{"display": "Critical high"}]},
        {"coding": [{"system": FLAGS, "display": "Critical high"}]},
        {"coding": {"system": FLAGS, "code": "HH"}},
        {"text": "HH*"},
        {"text": "Critically high!"},
        codeable("H,HH", None),
        "HH",
    ],
)
@pytest.mark.parametrize("code", [K, "6598-7"])
def test_a_critical_flag_alarms_wherever_and_however_it_stands(
    code: str, interpretation: object, lab: Lab, says: Says
) -> None:
    critical = "potassium.critical" if code == K else "other-lab.critical"

    assert critical in says(lab(code, "4.0", interpretation=[interpretation]))
    assert critical in says(lab(code, "4.0", interpretation=interpretation))  # as in DSTU2


@pytest.mark.parametrize(
    "interpretation",
    [
        codeable("HH", "http://lab.example.org/flags"),
        codeable("9", "http://lab.example.org/flags", "Panic value"),
        {"text": "CRITICAL, called to the ward"},
        {"text": "H CRIT"},
        {"text": "H*"},
        {"text": "kritisch hoch"},
        codeable("H!", FLAGS),
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
    "interpretation",
    [
        codeable("281306006", SNOMED),
        codeable("HHH", FLAGS),
        codeable(">", FLAGS),
        {"text": "see the comment"},
        {"text": "lebensbedrohlich hoch"},
        {"text": "\u5371\u6025\u503c"},  # a language that does not share the word
        codeable("9", "http://lab.example.org/flags", "alarmante"),
        {"coding": ["HH"]},
        3,
    ],
)
def test_a_flag_that_is_not_understood_is_told_and_reassures_nobody(
    interpretation: object, lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "4.1", interpretation=[interpretation]))
    other = found(lab("6598-7", "4.1", interpretation=[interpretation]))

    assert told(facts) == [("Potassium", "flag-unknown")] or told(facts) == [
        ("code 2823-3", "flag-unknown")
    ]
    assert facts.facts["potassium.critical"].presence is Presence.UNKNOWN
    assert told(other) == [("code 6598-7", "flag-unknown")]
    assert other.floors == ()  # nothing says that it could be critical


@pytest.mark.parametrize(
    "interpretation",
    [codeable("N", FLAGS), codeable("POS", FLAGS), {"text": "Normal"}, {"text": "(H)"}, {}, None],
)
def test_a_flag_that_is_understood_is_not_told(
    interpretation: Json | None, lab: Lab, found: Found
) -> None:
    assert told(found(lab("6598-7", "4.1", interpretation=[interpretation]))) == []


def test_words_about_what_is_no_laboratory_are_its_own(lab: Lab, found: Found) -> None:
    said = {"interpretation": [{"text": "Overweight"}], "category": [codeable("vital-signs", None)]}

    assert told(found(lab("39156-5", "27", "kg/m2", **said))) == []


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
