from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cds import wire
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
from cds.core.pack import Pack
from cds.fhir.context import EmissionContext
from cds.fhir.document import document
from cds.forms.issues import Issue

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]


@pytest.fixture
def full(
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    supported_cause: SupportedCause,
    open_face: OpenQuestion,
) -> dict[str, Any]:
    fired = make_assessment("S1").findings[0]
    evidence = Evidence("Observation/t-1", Decimal("13.50"), "ug/L", "2026-11-20")
    reasons = (
        *fired.because,
        Because("safety.face"),
        Because(fact="tryptase.high", evidence=evidence),
    )
    decision = make_assessment(
        "S1",
        findings=(Finding(fired.rule, fired.level, reasons),),
        open=(open_face, OpenQuestion("no-value", ("S1",), record="Observation/x")),
        causes=(supported_cause,),
        notes=(Note("free-text", "where", "Not assessed."),),
        deviations=(
            Deviation(
                "strict",
                value=False,
                rules=("S2",),
                link_ids=("safety.face",),
                text="Read loosely.",
            ),
        ),
    )
    issue = Issue("warning", "value", "text", "Q.item[0]", "where", "Differs.", found="secret")
    return document(decision, pack, make_context(issues=(issue,)))


def test_the_document_is_as_promised_key_by_key(full: dict[str, Any], pack: Pack) -> None:
    assert wire.write(full).decode() == (
        '{"schema":"cramp-cds/assessment/1",'
        f'"pack":{{"id":"stings","version":"2.0.0","hash":"{pack.hash}"}},'
        '"response":{"id":"qr1","status":"completed","authored":"2026-11-20T15:00:00+00:00"},'
        '"level":"now","complete":true,'
        '"findings":[{"rule":"S1","finding":"airway-threat","level":"now","basis":"seed",'
        '"sources":["doc:4"],"because":['
        '{"linkId":"safety.breath","answer":"gasping"},'
        '{"linkId":"safety.face","answer":null},'
        '{"record":"Observation/t-1","fact":"tryptase.high","value":13.50,"unit":"ug/L",'
        '"date":"2026-11-20"}]}],'
        '"open":[{"linkId":"safety.face","why":"unanswered","rules":["S2"]},'
        '{"record":"Observation/x","why":"no-value","rules":["S1"]}],'
        '"causes":[{"cause":"bee","supportedBy":[{"linkId":"where","answer":"hand"}]}],'
        '"notes":[{"code":"free-text","about":"where","text":"Not assessed."}],'
        '"deviations":[{"option":"strict","value":false,"rules":["S2"],'
        '"linkIds":["safety.face"],"text":"Read loosely."}],'
        '"issues":[{"severity":"warning","code":"value","rule":"text","expression":"Q.item[0]",'
        '"linkId":"where","text":"Differs."}]}'
    )


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"id": None, "authored": None}, {"status": "completed"}),
        ({"id": 5, "status": ["x"], "authored": {}}, {}),
    ],
)
def test_what_the_response_does_not_say_is_left_out(
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    response: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    found = document(make_assessment(), pack, make_context(response))

    assert found["response"] == expected


def test_a_decision_about_nobody_is_still_a_document(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    found = document(make_assessment("S1"), pack, make_context({"subject": None}))

    assert found["level"] == "now"


def test_the_notes_are_those_of_the_bundle(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    found = document(make_assessment("S1"), pack, make_context({"status": "entered-in-error"}))

    assert [note["code"] for note in found["notes"]] == ["would-have-fired"]
