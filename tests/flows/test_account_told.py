"""What of a record was not read is told in every output, and lowers none."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.commands.decision import decision_lines
from cds.commands.layout import Style
from cds.core.account import MOST_NAMED, Missing
from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.explain import as_document, explain
from cds.knowledge.proofs.witness import _response
from cds.knowledge.read.pack import find_pack
from tests.record.resources import condition, order

Json = dict[str, Any]
NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
ADULT = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}
CALM = {
    "safety.consciousness": ["none"],
    "safety.urine": ["usual"],
    "safety.circulation": ["none"],
    "safety.fluid-loss": ["none"],
    "safety.nerve": ["none"],
    "safety.pelvic-mass": ["no"],
    "safety.limb": ["none"],
}
POTASSIUM = {
    "resourceType": "Observation",
    "id": "o18",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
    "effectiveDateTime": "2026-11-29T08:00:00Z",
    "valueQuantity": {"value": 7.1, "unit": "MMOL/L"},
}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden"}],
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return find_pack("cramps")


@pytest.fixture(scope="module")
def assessor(pack: Pack) -> Assessor:
    return Assessor([pack])


@pytest.fixture(scope="module")
def decide(pack: Pack, assessor: Assessor) -> Callable[..., Assessed]:
    calm = _response(pack.full, CALM) | {"subject": {"reference": "Patient/p"}}
    return lambda *record, **how: assessor.assess(calm, record=list(record), now=NOW, **how)


Decide = Callable[..., Assessed]


def text_of(assessed: Assessed, *, values: bool = True) -> str:
    return " ".join("\n".join(decision_lines(assessed, Style(show_values=values))).split())


def risk_of(assessed: Assessed) -> Json:
    risk: Json = assessed.to_fhir()["entry"][0]["resource"]
    return risk


def test_a_value_that_was_not_read_is_named_in_every_output(
    decide: Decide, assessor: Assessor
) -> None:
    assessed = decide(ADULT, POTASSIUM)
    named = "Potassium 7.1 MMOL/L on 2026-11-29 08:00 UTC"

    text = text_of(assessed)
    assert f"{named} (Observation/o18): unit cannot be used; E7, U3" in text
    assert "look at the result, or have it sent with a UCUM unit" in text
    assert named not in text_of(assessed, values=False)
    assert "Potassium (Observation/o18)" in text_of(assessed, values=False)
    unheard = [{"reference": "Observation/o18", "what": named, "why": "unit-unusable"}]
    document = assessed.document()["record"]
    assert document == {
        "looked-at": 2,
        "used": 0,
        "replaced": 0,
        "not-about-this": 1,
        "unheard": unheard,
        "missing": [],
    }
    assert any(named in note["text"] for note in risk_of(assessed)["note"])
    assert as_document(explain(assessor, assessed))["decision"]["record"]["unheard"] == unheard


def test_a_record_that_did_not_come_is_told_and_makes_the_assessment_preliminary(
    decide: Decide,
) -> None:
    whole, failed = decide(ADULT), decide(ADULT, OUTCOME)

    assert failed.level.rank >= whole.level.rank
    assert risk_of(failed)["status"] == "preliminary"
    assert failed.document()["record"]["missing"] == [
        {"what": "the record", "why": "the source answered error: forbidden"}
    ]
    assert any("Not available: the record" in one["text"] for one in risk_of(failed)["note"])
    assert risk_of(failed)["identifier"] != risk_of(whole)["identifier"]
    assert "No listed red flag" in text_of(whole)


def test_what_a_caller_did_not_get_is_told_as_well(decide: Decide) -> None:
    assessed = decide(missing=[Missing("labs", "server error", ("result",))])

    assert assessed.account is not None
    assert "Not available: labs (server error)" in text_of(assessed)


def test_a_record_that_was_read_whole_adds_one_line(decide: Decide) -> None:
    text = text_of(decide(ADULT, condition("38341003")))

    assert text.count("Record:") == 1
    assert "Record: 2 resources looked at, 0 used." in text
    assert "Not read" not in text


def test_texts_and_notes_name_ten_and_count_the_rest_and_documents_have_all(
    decide: Decide,
) -> None:
    medicines = [order(text=f"Medicine {n:02}", identifier=f"m{n}") for n in range(25)]

    assessed = decide(ADULT, *medicines)

    for told in (text_of(assessed), str(risk_of(assessed)["note"])):
        assert told.count("(MedicationRequest/m") == MOST_NAMED
        assert "Not read besides: 15 medicines." in told
    assert len(assessed.document()["record"]["unheard"]) == 25


def test_one_diagnosis_written_nineteen_times_is_told_once(decide: Decide) -> None:
    assessed = decide(ADULT, *({**condition("44054006"), "id": f"c{n}"} for n in range(19)))

    text = text_of(assessed)
    assert text.count("Condition/c") == 3  # in the finding, and with each of two causes
    assert "and 18 more like it" in text
    (finding,) = assessed.document()["findings"]
    assert len(finding["because"]) == 19


SHARED = Path(__file__).resolve().parents[3] / "shared" / "cases" / "heard"
# What each case must lead to: rules that fire, what is told by name, or what is missing.
HEARD: dict[str, tuple[set[str], list[str], int]] = {
    "category-v2-0074": ({"E15"}, [], 0),
    "condition-abated-no-status": (set(), [], 0),
    "diabetic-kidney-code": ({"R2"}, [], 0),
    "egfr-33914-3": ({"R8"}, [], 0),
    "flag-hh-unit-in-code": ({"E7"}, [], 0),
    "flag-valueset-address": ({"E15"}, [], 0),
    "glucose-capillary": ({"E13", "R8"}, [], 0),
    "icd10-other-editions": ({"R2"}, [], 0),
    "loinc-77142-8": ({"E7"}, [], 0),
    "loinc-system-spelling": ({"E7"}, [], 0),
    "medication-period-ended": (set(), [], 0),
    "medicine-code-called-nameless": ({"R9"}, [], 0),
    "medicine-none-known": (set(), [], 0),
    "observation-focus": (set(), [], 0),
    "open-lab-not-named": (set(), ["unit-unusable"], 0),
    "panel-contained-observation": ({"E7"}, [], 0),
    "potassium-snomed": ({"E7"}, [], 0),
    "pregnancy-codes": ({"R2"}, [], 0),
    "range-age-false-urgent": (set(), [], 0),
    "range-neonate-reassures": ({"U3"}, [], 0),
    "range-therapeutic-by-text": ({"U3"}, [], 0),
    "record-history-corrected": (set(), [], 0),
    "record-operation-outcome": (set(), [], 1),
    "record-parameters-wrapper": ({"E7"}, [], 0),
    "record-same-id-entered-in-error": (set(), [], 0),
    "record-searchset-next": (set(), [], 1),
    "unit-ucum-annotation": ({"E7"}, [], 0),
}


@pytest.mark.parametrize("name", HEARD)
def test_a_reported_record_is_heard_or_told(name: str, assessor: Assessor) -> None:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip("the reported cases are not beside this repository")
    reply, record = ((folder / f"{one}.json").read_bytes() for one in ("response", "record"))

    answers = wire.read(reply)
    assert isinstance(answers, dict)
    answers["questionnaire"] = answers["questionnaire"].partition("|")[0]  # of today's version
    assessed = assessor.assess(answers, record=record, now=NOW)

    rules, unheard, missing = HEARD[name]
    assert {one.rule.id for one in assessed.findings} == rules
    account = assessed.account
    assert account is not None
    assert [one.why for one in account.unheard] == unheard
    assert len(account.missing) == missing
    assert not missing or risk_of(assessed)["status"] == "preliminary"
