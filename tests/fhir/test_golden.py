"""The wire, byte for byte. `CRAMP_CDS_REGENERATE=1` writes the files; then read the difference."""

from collections.abc import Callable
from decimal import Decimal
from types import ModuleType

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
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.definitions import pack_definitions
from cds.fhir.document import document
from cds.fhir.emit import emit
from cds.forms.issues import Issue
from cds.wire import JsonObject

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]
Golden = Callable[[str, bytes], None]


def printed(value: JsonObject) -> bytes:
    return wire.write(value, indent=True) + b"\n"


def test_an_emergency(
    *,
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    golden: Golden,
    hand_answers: Answers,
    supported_cause: SupportedCause,
) -> None:
    decision = make_assessment("S1", "S10", causes=(supported_cause,))

    golden("emergency", printed(emit(decision, pack, make_context(answers=hand_answers))))


def test_an_emergency_to_be_sent(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, golden: Golden
) -> None:
    context = make_context({"author": None}, bundle=TRANSACTION)

    golden("emergency-transaction", printed(emit(make_assessment("S1", "S2"), pack, context)))


def test_a_calm_decision(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, golden: Golden
) -> None:
    golden("calm", printed(emit(make_assessment(), pack, make_context())))


def test_an_incomplete_short_form_with_faults(
    *,
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    golden: Golden,
    open_face: OpenQuestion,
    short_form: Form,
) -> None:
    fault = Issue("error", "not-found", "invalidLinkId", "x", None, "No such question.")
    decision = make_assessment(
        level="unsettled",
        complete=False,
        open=(open_face,),
        notes=(Note("free-text", "where", "Free text not assessed."),),
        deviations=(Deviation("strict", value=False, rules=(), link_ids=(), text="Read loosely."),),
    )
    context = make_context(
        {"status": "in-progress"}, form=short_form, issues=(fault,), blocked=True
    )

    golden("incomplete", printed(emit(decision, pack, context)))


def test_a_response_entered_in_error(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, golden: Golden
) -> None:
    context = make_context({"status": "entered-in-error"}, blocked=True)

    golden("entered-in-error", printed(emit(make_assessment("S1"), pack, context)))


def test_an_emergency_of_the_record(
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    golden: Golden,
    conformance: ModuleType,
) -> None:
    fired = make_assessment("S2").findings[0]
    evidence = Evidence(
        "Observation/t-1", Decimal("13.50"), "ug/L", "2026-11-20", mark="preliminary"
    )
    reasons = (Because("safety.face"), Because(fact="tryptase.high", evidence=evidence))
    decision = make_assessment("S2", findings=(Finding(fired.rule, fired.level, reasons),))
    context = make_context(
        {"authored": None}, used=("Observation/t-1", "MedicationRequest/m-1"), record="a" * 64
    )
    bundle = emit(decision, pack, context)

    golden("record", printed(bundle))
    golden("record-document", printed(document(decision, pack, context)))
    assert conformance.faults_of(bundle) == []


def test_the_definitions(pack: Pack, golden: Golden) -> None:
    for one in pack_definitions(pack):
        golden(f"{one['resourceType']}-{one['id']}", printed(one))
