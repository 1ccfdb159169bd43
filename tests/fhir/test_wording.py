"""What is said: rationale, message, notes, narrative."""

from collections.abc import Callable
from typing import Any

from cds.core.model import (
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
from cds.fhir.context import EmissionContext
from cds.fhir.emit import emit
from cds.forms.issues import Issue
from cds.wire import JsonObject
from tests.fhir.toy import resources

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]
Emitted = Callable[..., dict[str, Any]]


def told(resource: JsonObject) -> str:
    return "\n".join(note["text"] for note in resource.get("note", ()))


def test_the_rationale_names_rule_answer_source_and_basis(emitted: Emitted) -> None:
    rationale = emitted("S2")["RiskAssessment"]["prediction"][0]["rationale"]

    assert rationale == (
        "Rule S2: Swollen tongue. Is the face or tongue swollen? Tongue & lips "
        "(safety.face = tongue). Source doc:4: a hard breath after a sting is an emergency. "
        "Basis: named in the source, an inference of ours."
    )


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


def test_no_finding_is_told_without_an_all_clear(emitted: Emitted) -> None:
    assessment = emitted()["RiskAssessment"]

    assert "prediction" not in assessment
    assert told(assessment) == "Nothing listed was reported; that excludes nothing."


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


def test_who_answered_and_wrote_down_is_named_once(emitted: Emitted) -> None:
    person = {"reference": "Patient/p1"}

    found = emitted("S1", response={"author": person, "source": person})

    assert [one["who"] for one in found["Provenance"]["agent"]] == [
        {"reference": "#engine"},
        person,
    ]
