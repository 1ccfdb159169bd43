"""`cds.flows.assess`: what a Python caller hands in and gets."""

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from cds import wire
from cds.errors import ResponseError, Unreadable, UsageError
from cds.fhir.primitives import instant
from cds.flows.assess import Assessor, assess
from tests.replies import ALARM, NOW, Json, decide, fired, reply
from tests.strategies import pack_of

GLUCOSE: Json = {
    "resourceType": "Observation",
    "id": "g",
    "status": "final",
    "subject": {"reference": "Patient/example"},
    "category": [{"coding": [{"code": "laboratory"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
    "effectiveDateTime": "2026-11-21T08:00:00Z",
    "valueQuantity": {"value": 40, "unit": "mg/dL"},
    "interpretation": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                    "code": "LL",
                }
            ]
        }
    ],
}
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": GLUCOSE}]}


# ── What is handed in ──


@pytest.mark.parametrize("changes", [{}, ALARM])
def test_bytes_a_dict_and_a_model_give_the_same_decision(changes: dict[str, Any]) -> None:
    response = reply(changes)
    data = wire.write(response)

    documents = [
        assess(given, now=NOW).document()
        for given in (data, response, QuestionnaireResponse.model_validate(response))
    ]

    assert documents[0] == documents[1] == documents[2]


def test_the_input_is_not_changed() -> None:
    response = reply(ALARM)
    before = json.dumps(response)

    assessed = decide(response)
    assessed.to_fhir()
    assessed.document()

    assert json.dumps(response) == before


@pytest.mark.parametrize(
    "record",
    [
        [GLUCOSE],
        [{"resource": GLUCOSE}],
        [BUNDLE],
        BUNDLE,
        json.dumps(BUNDLE).encode(),
        json.dumps(GLUCOSE).encode() + b"\n",
        (one for one in [GLUCOSE]),
    ],
    ids=["list", "entries", "bundles", "bundle", "bundle bytes", "ndjson", "iterator"],
)
def test_a_record_may_be_resources_a_bundle_or_bytes(record: Any) -> None:
    assessed = assess(reply(), record=record, now=NOW)

    assert fired(assessed) == ["E13", "R8"]


def test_packed_bytes_are_no_record() -> None:
    with pytest.raises(Unreadable):
        assess(reply(), record=gzip.compress(b"x"), now=NOW)


def test_a_record_of_another_patient_is_refused() -> None:
    other = {**GLUCOSE, "subject": {"reference": "Patient/other"}}

    with pytest.raises(ResponseError):
        assess(reply(), record=[other], now=NOW)


def test_a_record_is_held_against_the_given_subject() -> None:
    with pytest.raises(ResponseError):
        assess(reply(subject=None), record=[GLUCOSE], subject="Patient/other", now=NOW)

    assessed = assess(reply(subject=None), record=[GLUCOSE], subject="Patient/example", now=NOW)
    assert fired(assessed) == ["E13", "R8"]


def test_now_needs_a_time_zone() -> None:
    naive = NOW.replace(tzinfo=None)

    with pytest.raises(UsageError) as caught:
        assess(reply(), now=naive)

    assert caught.value.where == "now"


def test_an_unknown_site_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        assess(reply(), settings={"strict_sed": False})

    assert caught.value.where == "[site] strict_sed"
    assert "strict_seed" in caught.value.hint


# ── Whom it is about ──


def test_without_a_subject_the_decision_is_given_and_fhir_is_refused() -> None:
    assessed = decide(reply(ALARM, subject=None))

    assert assessed.document()["level"] == "emergency-911"
    assert not assessed.invalid
    with pytest.raises(ResponseError) as caught:
        assessed.to_fhir()
    assert caught.value.where == "QuestionnaireResponse.subject"


@pytest.mark.parametrize("subject", [None, {"display": "A. Person"}, {"reference": "urn:uuid:x"}])
def test_a_given_subject_fills_in_what_is_missing(subject: Any) -> None:
    bundle = decide(reply(ALARM, subject=subject), subject="Patient/7").to_fhir()

    for entry in bundle["entry"][:2]:
        assert entry["resource"]["subject"] == {"reference": "Patient/7"}


def test_a_given_subject_never_replaces_another() -> None:
    with pytest.raises(ResponseError) as caught:
        decide(reply(), subject="Patient/other")

    assert caught.value.where == "--subject"
    assert decide(reply(), subject="Patient/example").to_fhir() == decide(reply()).to_fhir()


# ── What comes out ──


@pytest.mark.parametrize("changes", [{}, ALARM, {"safety.limb": None}])
def test_the_models_serialise_to_the_same_content(changes: dict[str, Any]) -> None:
    assessed = decide(reply(changes))

    models = assessed.to_models()

    assert isinstance(models, Bundle)
    assert json.loads(models.model_dump_json()) == json.loads(wire.write(assessed.to_fhir()))


def test_level_findings_and_issues_are_there() -> None:
    assessed = assess(reply(ALARM), now=NOW)

    assert assessed.level.code == "emergency-911"
    assert [finding.rule.id for finding in assessed.findings] == ["E3"]
    assert assessed.issues == ()


def test_the_time_shows_only_in_the_provenance() -> None:
    bundles = [
        assess(reply(ALARM), now=moment).to_fhir()["entry"]
        for moment in (NOW, NOW + timedelta(days=400))
    ]

    assert bundles[0][:2] == bundles[1][:2]
    assert bundles[0][2] != bundles[1][2]


def test_the_clock_is_used_where_no_time_is_given() -> None:
    recorded = assess(reply()).to_fhir()["entry"][-1]["resource"]["recorded"]

    assert abs(datetime.fromisoformat(recorded) - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "2026-11-21T09:00:00Z"),
        (NOW.replace(microsecond=1500), "2026-11-21T09:00:00.001Z"),
        (
            datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-21T09:00:00Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc(moment: datetime, text: str) -> None:
    assert instant(moment) == text


def test_two_packs_side_by_side_take_their_own_responses() -> None:
    assessor = Assessor([pack_of("cramps"), pack_of("boiler")])
    boiler = pack_of("boiler").full
    smoke = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "air", "item": []}],
    }

    assert assessor.assess(reply(), now=NOW).pack.id == "cramps"
    assert assessor.assess({**smoke, "questionnaire": boiler.url}, now=NOW).pack.id == "boiler"
    assert assessor.assess(smoke, now=NOW).pack.id == "boiler"
    with pytest.raises(ResponseError) as caught:
        assessor.assess({**smoke, "item": []}, now=NOW)
    assert caught.value.where == "QuestionnaireResponse.questionnaire"


def test_an_option_of_one_pack_leaves_the_other_alone() -> None:
    assessor = Assessor([pack_of("cramps"), pack_of("boiler")], {"strict_seed": False})

    assert [d.option for d in assessor.assess(reply(), now=NOW).assessment.deviations] == [
        "strict_seed"
    ]


@pytest.mark.parametrize(
    ("code", "condition"), [("R25.2", {"reference": "Condition/c1"}), ("E11.9", None)]
)
def test_the_problem_on_record_is_named_as_the_condition_assessed(
    code: str, condition: Json | None
) -> None:
    """R25.2: cramp and spasm; E11.9: diabetes, which is no problem that is assessed here."""
    subject = reply()["subject"]
    problem = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": subject,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]},
    }

    bundle = assess(reply(), record=[problem], now=NOW).to_fhir()
    resource = bundle["entry"][0]["resource"]

    assert resource.get("condition") == condition
    assert {"reference": "Condition/c1"} in resource["basis"]
    assert assess(reply(), now=NOW).to_fhir()["entry"][0]["resource"].get("condition") is None
