from collections.abc import Callable
from typing import Any

import pytest

from cds.core.conditions import Condition, Equals, IsOpen, NoneOf
from cds.core.interpret import truth_of
from cds.core.model import (
    Answers,
    Assessment,
)
from cds.core.pack import Pack
from cds.core.scoring import NO_FACTS
from cds.errors import ResponseError
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.emit import emit, warnings
from cds.wire import JsonObject
from tests.fhir.toy import resources

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]


Emitted = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("status", "facts", "blocked", "expected"),
    [
        ("completed", {}, False, "final"),
        ("completed", {"complete": False}, False, "preliminary"),
        ("completed", {}, True, "preliminary"),
        ("completed", {"level": "unsettled"}, False, "preliminary"),
        ("amended", {}, False, "amended"),
        ("amended", {"complete": False}, False, "preliminary"),
        ("in-progress", {}, False, "preliminary"),
        ("stopped", {}, False, "preliminary"),
        ("entered-in-error", {}, True, "entered-in-error"),
        (None, {}, True, "preliminary"),
        ("nonsense", {}, False, "preliminary"),
        ({"code": "completed"}, {}, True, "preliminary"),
    ],
)
def test_only_a_settled_assessment_is_final(
    emitted: Emitted, status: object, facts: JsonObject, blocked: bool, expected: str
) -> None:
    found = emitted("S1", assessment=facts, response={"status": status}, blocked=blocked)

    assert found["RiskAssessment"]["status"] == expected


def test_an_alarm_stays_an_alarm_when_the_assessment_is_preliminary(emitted: Emitted) -> None:
    found = emitted("S1", assessment={"complete": False}, response={"status": "amended"})

    assert found["RiskAssessment"]["status"] == "preliminary"
    assert found["CommunicationRequest"]["priority"] == "stat"


@pytest.mark.parametrize(
    ("fired", "urgent", "priority", "category"),
    [
        (("S1",), False, "stat", "alert"),
        (("S2",), False, "asap", "alert"),
        (("S10",), False, None, None),
        (("S10",), True, "urgent", "notification"),
        ((), True, None, None),
    ],
)
def test_a_message_is_sent_for_alerts_and_by_option_for_what_is_urgent(
    emitted: Emitted, fired: tuple[str, ...], urgent: bool, priority: str | None, category: str
) -> None:
    found = emitted(*fired, communicate_urgent=urgent)

    message = found.get("CommunicationRequest")
    assert (message is not None) is (priority is not None)
    if message is not None:
        assert message["priority"] == priority
        assert message["category"][0]["coding"][0]["code"] == category


@pytest.mark.parametrize("level", ["visit", "home", "unsettled"])
def test_nothing_calm_or_unsettled_is_ever_sent(emitted: Emitted, level: str) -> None:
    found = emitted(assessment={"level": level}, communicate_urgent=True)

    assert "CommunicationRequest" not in found


def test_each_emergency_finding_is_one_prediction_the_highest_first(emitted: Emitted) -> None:
    predictions = emitted("S1", "S2", "S10")["RiskAssessment"]["prediction"]

    assert [one["outcome"]["text"] for one in predictions] == ["Hard to breathe", "Swollen tongue"]
    assert [one["qualitativeRisk"]["coding"][0]["code"] for one in predictions] == ["now", "today"]
    assert {one["whenPeriod"]["start"] for one in predictions} == {"2026-11-20T15:00:00Z"}


def test_no_probability_is_ever_claimed(emitted: Emitted) -> None:
    for prediction in emitted("S1", "S2", "S10")["RiskAssessment"]["prediction"]:
        said = {key: prediction[key] for key in prediction if "robability" in key}

        assert list(said) == ["probabilityRange"]
        assert [one["valueCode"] for one in said["probabilityRange"]["extension"]] == [
            "not-applicable"
        ]
        assert said["probabilityRange"].keys() == {"extension"}
        assert "relativeRisk" not in prediction


def test_the_overall_level_and_the_knowledge_are_machine_readable(
    emitted: Emitted, pack: Pack
) -> None:
    level, knowledge = emitted("S1")["RiskAssessment"]["extension"]

    assert level["url"] == f"{pack.identity.base}/StructureDefinition/triage-level"
    assert level["valueCoding"] == {
        "system": pack.identity.level_system,
        "code": "now",
        "display": "Do <now>",
    }
    assert knowledge["valueString"] == pack.hash


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ({"where": ("hand",)}, "Sting in the hand"),
        ({"where": ("foot",)}, "A sting"),
        ({}, "A sting"),
    ],
)
def test_the_occasion_is_the_first_reason_that_holds(
    emitted: Emitted, codes: dict[str, tuple[str, ...]], text: str
) -> None:
    found = emitted(answers=Answers(asked=("where",), codes=codes))

    assert found["RiskAssessment"]["reasonCode"][0]["text"] == text


@pytest.mark.parametrize(
    ("when", "answers"),
    [
        (Equals("where", ("hand",)), Answers(("where",), {"where": ("hand",)})),
        (NoneOf((Equals("where", ("hand",)),)), Answers(("where",), {"where": ("foot",)})),
        (NoneOf((Equals("where", ("hand",)),)), Answers(("where",), {"where": ()})),
        (
            NoneOf((Equals("where", ("hand",)),)),
            Answers(("where",), {}, excused=frozenset({"where"})),
        ),
        (IsOpen("where", open=False), Answers(("where",), {}, excused=frozenset({"where"}))),
        (IsOpen("where"), Answers(("where",), {"where": ()})),
    ],
    ids=str,
)
def test_a_reason_holds_when_the_rules_would_take_its_condition_for_true(
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    pack: Pack,
    when: Condition,
    answers: Answers,
) -> None:
    first = pack.reasons[0]._replace(when=when)
    other = pack._replace(reasons=(first, *pack.reasons[1:]))

    bundle = emit(make_assessment(), other, make_context(answers=answers))

    found = resources(bundle)["RiskAssessment"]["reasonCode"][0]["text"]
    holds = truth_of(when, answers, NO_FACTS) is True
    assert found == (first.text if holds else pack.reasons[1].text)


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        ("2026-11-20T15:00:00+00:00", "2026-11-20T15:00:00Z"),
        ("2026-11-20T15:00:00.120+02:00", "2026-11-20T15:00:00.120+02:00"),
        ("2026-11", "2026-11"),
        ("2026", "2026"),
        ("2026-11-20", "2026-11-20"),
        ("2026-02-30", "2026-11-21T08:00:00Z"),
        ("2026-11-20T15:00:00", "2026-11-21T08:00:00Z"),
        ("2026-11-20 15:00:00Z", "2026-11-21T08:00:00Z"),
        ("yesterday", "2026-11-21T08:00:00Z"),
        (20261120, "2026-11-21T08:00:00Z"),
        (None, "2026-11-21T08:00:00Z"),
    ],
)
def test_the_time_is_the_response_s_or_now(
    emitted: Emitted, authored: object, expected: str
) -> None:
    found = emitted("S1", response={"authored": authored})

    assert found["RiskAssessment"]["occurrenceDateTime"] == expected
    assert found["CommunicationRequest"]["authoredOn"] == expected
    assert found["Provenance"]["recorded"] == "2026-11-21T08:00:00Z"


@pytest.mark.parametrize(
    "subject", [None, {}, "Patient/p1", {"reference": "Location/1"}, {"reference": "#p"}, []]
)
def test_a_decision_about_nobody_is_refused(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, subject: object
) -> None:
    with pytest.raises(ResponseError) as refused:
        emit(make_assessment("S1"), pack, make_context(response={"subject": subject}))

    assert refused.value.where == "QuestionnaireResponse.subject"
    assert "--subject" in refused.value.hint


def test_a_subject_may_be_given(emitted: Emitted) -> None:
    found = emitted("S1", response={"subject": None}, subject={"reference": "Patient/other"})

    assert found["RiskAssessment"]["subject"] == {"reference": "Patient/other"}
    assert found["CommunicationRequest"]["subject"] == {"reference": "Patient/other"}


DOCTOR = {"reference": "Practitioner/dr1"}
TEAM = {"reference": "CareTeam/on-call"}


@pytest.mark.parametrize(
    ("fields", "author", "expected"),
    [
        ({"recipient": TEAM, "user": {"reference": "Practitioner/u"}}, DOCTOR, TEAM),
        (
            {"user": {"reference": "PractitionerRole/u"}},
            DOCTOR,
            {"reference": "PractitionerRole/u"},
        ),
        ({}, DOCTOR, DOCTOR),
        ({"practitioners": (TEAM,)}, {"reference": "Patient/p1"}, TEAM),
        ({"practitioners": ({"reference": "x"}, TEAM)}, None, TEAM),
        ({"recipient": {"reference": "Patient/p1"}}, DOCTOR, DOCTOR),
        ({"user": {"reference": "Patient/p1"}}, {"reference": "Patient/p1"}, None),
    ],
)
def test_the_recipient_is_never_the_patient(
    *,
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    fields: JsonObject,
    author: JsonObject | None,
    expected: JsonObject | None,
) -> None:
    decision, context = make_assessment("S1"), make_context({"author": author}, **fields)

    message = resources(emit(decision, pack, context))["CommunicationRequest"]

    assert message.get("recipient") == (None if expected is None else [expected])
    missing = [issue.rule for issue in warnings(decision, context)]
    assert missing == (["recipientMissing"] if expected is None else [])


def test_no_recipient_is_missed_when_nothing_is_sent(
    make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    assert warnings(make_assessment(), make_context({"author": None})) == ()


def test_a_message_of_a_card_is_a_draft(emitted: Emitted) -> None:
    assert emitted("S1", draft=True)["CommunicationRequest"]["status"] == "draft"
    assert emitted("S1")["CommunicationRequest"]["status"] == "active"


def test_a_transaction_can_be_sent_twice(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    bundle = emit(make_assessment("S1"), pack, make_context(bundle=TRANSACTION))

    requests = [entry["request"] for entry in bundle["entry"]]
    assert [one["url"] for one in requests] == [
        "RiskAssessment",
        "CommunicationRequest",
        "Provenance",
    ]
    value = bundle["entry"][0]["resource"]["identifier"][0]["value"]
    assert requests[0]["ifNoneExist"] == f"identifier={pack.identity.base}/id|{value}"
    tag = bundle["entry"][2]["resource"]["meta"]["tag"][0]
    assert requests[2]["ifNoneExist"] == f"_tag={tag['system']}|{tag['code']}"


def test_provenance_says_who_when_and_out_of_what(emitted: Emitted, pack: Pack) -> None:
    found = emitted("S1")

    made = found["Provenance"]
    assert [one["reference"] for one in made["target"]] == [
        f"urn:uuid:{found['RiskAssessment']['id']}",
        f"urn:uuid:{found['CommunicationRequest']['id']}",
    ]
    assert [
        (one["type"]["coding"][0]["code"], one["who"]["reference"]) for one in made["agent"]
    ] == [
        ("author", "#engine"),
        ("informant", "Patient/p1"),
        ("informant", "Practitioner/dr1"),
    ]
    assert made["entity"][0]["what"] == {"reference": "QuestionnaireResponse/qr1/_history/3"}
    library = made["entity"][-1]["what"]["identifier"]["value"]
    assert library == f"{pack.identity.base}/Library/{pack.id}|{pack.version}"
