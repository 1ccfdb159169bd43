import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from cds import wire
from cds.core.model import (
    Answers,
    Assessment,
    Because,
    Deviation,
    Evidence,
    Finding,
    Note,
    OpenQuestion,
    SupportedCause,
)
from cds.core.pack import Form, Pack
from cds.errors import ResponseError
from cds.fhir.context import TRANSACTION, Context
from cds.fhir.emit import emit, warnings
from cds.forms.issues import Issue
from cds.wire import JsonObject

MakeContext = Callable[..., Context]
MakeAssessment = Callable[..., Assessment]


def resources(bundle: JsonObject) -> dict[str, JsonObject]:
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}


def told(resource: JsonObject) -> str:
    return "\n".join(note["text"] for note in resource.get("note", ()))


@pytest.fixture
def emitted(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> Callable[..., dict[str, JsonObject]]:
    def emitted(
        *fired: str, assessment: JsonObject | None = None, **context: Any
    ) -> dict[str, Any]:
        decision = make_assessment(*fired, **(assessment or {}))
        return resources(emit(decision, pack, make_context(**context)))

    return emitted


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


def test_a_response_entered_in_error_sends_nothing_and_tells_what_would_have_fired(
    emitted: Emitted,
) -> None:
    found = emitted("S1", response={"status": "entered-in-error"}, blocked=True)

    assert "CommunicationRequest" not in found
    assert "Would have fired: S1, Hard to breathe." in told(found["RiskAssessment"])
    assert "Nothing listed" not in told(found["RiskAssessment"])


def test_an_unfinished_response_is_never_negative(emitted: Emitted) -> None:
    found = emitted(assessment={"level": "unsettled"}, response={"status": "in-progress"})

    assert "Not finished." in told(found["RiskAssessment"])
    assert "Nothing listed" not in told(found["RiskAssessment"])


def test_no_finding_is_told_without_an_all_clear(emitted: Emitted) -> None:
    assessment = emitted()["RiskAssessment"]

    assert "prediction" not in assessment
    assert told(assessment) == "Nothing listed was reported; that excludes nothing."


def test_each_emergency_finding_is_one_prediction_the_highest_first(emitted: Emitted) -> None:
    predictions = emitted("S1", "S2", "S10")["RiskAssessment"]["prediction"]

    assert [one["outcome"]["text"] for one in predictions] == ["Hard to breathe", "Swollen tongue"]
    assert [one["qualitativeRisk"]["coding"][0]["code"] for one in predictions] == ["now", "today"]
    assert {one["whenPeriod"]["start"] for one in predictions} == {"2026-11-20T15:00:00Z"}


def test_the_rationale_names_rule_answer_source_and_basis(emitted: Emitted) -> None:
    rationale = emitted("S2")["RiskAssessment"]["prediction"][0]["rationale"]

    assert rationale == (
        "Rule S2: Swollen tongue. Is the face or tongue swollen? Tongue & lips "
        "(safety.face = tongue). Source doc:4: a hard breath after a sting is an emergency. "
        "Basis: named in the source, an inference of ours."
    )


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


def test_the_message_stands_alone(emitted: Emitted) -> None:
    payload = emitted("S1")["CommunicationRequest"]["payload"]

    assert payload[0]["contentString"] == (
        "NOW: Do <now>. Hard to breathe (Breathing: Gasping for air). "
        "Use the auto-injector if there is one. Source: doc:4 (rule S1)."
    )


def test_a_long_message_keeps_level_action_and_source(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    one = make_assessment("S1").findings[0]
    many = make_assessment("S1", findings=(one,) * 30)

    text = resources(emit(many, pack, make_context()))["CommunicationRequest"]["payload"][0]

    assert len(text["contentString"]) <= 280
    assert text["contentString"].startswith("NOW: Do <now>. Hard to breathe; Hard to breathe")
    assert text["contentString"].endswith(
        "more. Use the auto-injector if there is one. Source: doc:4 (rule S1)."
    )


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
    assert "ifNoneExist" not in requests[2]


EVIDENCE = Evidence("Observation/t-1", "13.5", "ug/L", "2026-11-20", mark="preliminary")


def test_values_of_the_record_are_told_and_linked(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    finding = make_assessment("S1").findings[0]
    because = (*finding.because, Because(fact="tryptase.high", evidence=EVIDENCE))
    decision = make_assessment("S1", findings=(Finding(finding.rule, finding.level, because),))
    context = make_context(used=("Observation/t-1", "MedicationRequest/m-1"), record="0" * 64)

    found = resources(emit(decision, pack, context))

    said = "tryptase.high: 13.5 ug/L on 2026-11-20, preliminary (Observation/t-1)"
    assert said in found["RiskAssessment"]["prediction"][0]["rationale"]
    record = [{"reference": "Observation/t-1"}, {"reference": "MedicationRequest/m-1"}]
    assert found["RiskAssessment"]["basis"][1:] == record
    assert [one["what"] for one in found["Provenance"]["entity"]][1:3] == record
    assert found["CommunicationRequest"]["about"][2:] == record[:1]
    assert found["CommunicationRequest"]["reasonReference"] == record[:1]


def test_all_that_the_reader_must_know_is_in_the_notes_and_the_narrative(
    emitted: Emitted, supported_cause: SupportedCause, open_face: OpenQuestion, short_form: Form
) -> None:
    fault = Issue("error", "not-found", "invalidLinkId", "x", None, "No such question.")
    hint = Issue("warning", "value", "text", "x", None, "A text differs.")
    assessment = {
        "complete": False,
        "open": (open_face,),
        "causes": (supported_cause,),
        "notes": (Note("free-text", "where", "Contains *free* text."),),
        "deviations": (
            Deviation(
                "strict",
                value=False,
                rules=("S2",),
                link_ids=("safety.face",),
                text="Read loosely.",
            ),
        ),
    }

    found = emitted(
        "S1", assessment=assessment, issues=(fault, hint), form=short_form, blocked=True
    )

    texts = [note["text"] for note in found["RiskAssessment"]["note"]]
    assert texts == [
        "Safety questions without a settled answer: Face (safety.face, unanswered).",
        "Site option strict = false. Read loosely.",
        r"Contains \*free\* text. (where)",
        "Only the short form was asked.",
        "No such question.",
        (
            "Causes that answers or findings support, with the count of them: Bee (1). "
            "Mostly nobody knows."
        ),
    ]
    div = found["RiskAssessment"]["text"]["div"]
    for text in ("Still open: Face (unanswered).", "Contains *free* text. (where)", "Bee (1)"):
        assert text in div


def test_a_note_that_the_decision_has_is_not_repeated(emitted: Emitted) -> None:
    notes = (Note("status", "QuestionnaireResponse.status", "Stopped half way."),)

    found = emitted("S1", assessment={"notes": notes}, response={"status": "stopped"})

    assert told(found["RiskAssessment"]) == "Stopped half way."


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


def test_keys_stand_in_the_order_of_fhir_s_elements(emitted: Emitted) -> None:
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - slow, and only here

    for kind, resource in emitted("S1").items():
        order = ["resourceType", *get_fhir_model_class(kind).elements_sequence()]
        places = [order.index(key) for key in resource]
        assert places == sorted(places), kind


def shuffled(value: Any, seed: int) -> Any:
    if isinstance(value, dict):
        items = list(value.items())
        random.Random(seed).shuffle(items)  # noqa: S311 - any order will do
        return {key: shuffled(member, seed) for key, member in items}
    if isinstance(value, list):
        return [shuffled(member, seed) for member in value]
    return value


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_keys_changes_no_byte(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, seed: int
) -> None:
    usual = make_context({"subject": {"reference": "Patient/p1", "display": "A"}})
    other = make_context(shuffled(dict(usual.response), seed))

    left, right = (emit(make_assessment("S1"), pack, one) for one in (usual, other))

    assert wire.write(left) == wire.write(right)


def test_emission_changes_nothing_that_it_is_given(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    context = make_context()
    before = copy.deepcopy(dict(context.response))
    first = wire.write(emit(make_assessment("S1"), pack, context))

    emit(make_assessment("S2"), pack, make_context(bundle=TRANSACTION))

    assert context.response == before
    assert wire.write(emit(make_assessment("S1"), pack, context)) == first
