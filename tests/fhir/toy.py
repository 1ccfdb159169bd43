"""A pack of another subject, made here: nothing of the wire format depends on a real one."""

from typing import Any

from cds.core.conditions import Equals
from cds.core.model import Cause, Level, Option, Reassurance, Rule, Rules, VerifiedCode
from cds.core.pack import (
    Citation,
    Form,
    Identity,
    Line,
    Pack,
    ReasonCode,
    Sources,
    SourceText,
    Wording,
)
from cds.wire import JsonObject

NOW = "2026-11-21T08:00:00Z"
BASE = "https://stings.example/fhir"
SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"


def _item(link_id: str, text: str, short: str, options: dict[str, str]) -> JsonObject:
    return {
        "extension": [{"url": SHORT, "valueString": short}],
        "linkId": link_id,
        "text": text,
        "type": "choice",
        "answerOption": [
            {
                "valueCoding": {
                    "system": f"{BASE}/CodeSystem/stings-answers",
                    "code": code,
                    "display": display,
                }
            }
            for code, display in options.items()
        ],
    }


FORM_JSON: JsonObject = {
    "resourceType": "Questionnaire",
    "url": f"{BASE}/Questionnaire/stings",
    "version": "2.0.0",
    "status": "draft",
    "item": [
        {
            "linkId": "safety",
            "text": "Safety check",
            "type": "group",
            "item": [
                _item(
                    "safety.breath",
                    "Is breathing hard?",
                    "Breathing",
                    {"gasping": "Gasping for air", "none": "No", "unknown": "Do not know"},
                ),
                _item(
                    "safety.face",
                    "Is the face or tongue swollen?",
                    "Face",
                    {"tongue": "Tongue & lips", "none": "No", "unknown": "Do not know"},
                ),
            ],
        },
        _item("where", "Where was the sting", "Place", {"hand": "Hand", "foot": "Foot"}),
    ],
}


def _level(code: str, rank: int, **more: Any) -> Level:
    facts: dict[str, Any] = {
        "display": f"Do <{code}>",
        "word": code.upper(),
        "symbol": "!" if more.get("alert") else ".",
        "colour": "red",
        "indicator": "critical" if more.get("alert") else "info",
        "priority": None,
        "category": None,
        "alert": False,
        "reassures": False,
        "action": f"Act as for {code}.",
    }
    return Level(code=code, rank=rank, **{**facts, **more})


def _rule(rule_id: str, level: str, question: str, code: str, title: str, **more: Any) -> Rule:
    facts: dict[str, Any] = {
        "finding": "airway-threat",
        "basis": "seed",
        "sources": ("doc:4",),
        "action": "Use the auto-injector if there is one.",
        "outcome": (VerifiedCode("http://snomed.info/sct", "39579001", "Anaphylaxis"),),
    }
    return Rule(
        id=rule_id,
        title=title,
        level=level,
        when=Equals(question, (code,)),
        **{**facts, **more},
    )


LEVELS = (
    _level("now", 5, priority="stat", category="alert", alert=True),
    _level("today", 4, priority="asap", category="alert", alert=True),
    _level("soon", 3, priority="urgent", category="notification"),
    _level("unsettled", 2),
    _level("visit", 1, priority="routine", category="notification", reassures=True),
    _level("home", 0, reassures=True),
)
RULES = (
    _rule("S1", "now", "safety.breath", "gasping", "Hard to breathe"),
    _rule("S2", "today", "safety.face", "tongue", "Swollen tongue", derived=True),
    _rule(
        "S10",
        "soon",
        "where",
        "foot",
        "Sting in the foot",
        finding="foot",
        basis="engineering",
        sources=(),
        outcome=(),
        action="",
    ),
)


RESPONSE: JsonObject = {
    "resourceType": "QuestionnaireResponse",
    "id": "qr1",
    "meta": {"versionId": "3"},
    "questionnaire": f"{BASE}/Questionnaire/stings|2.0.0",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "authored": "2026-11-20T15:00:00+00:00",
    "author": {"reference": "Practitioner/dr1"},
    "source": {"reference": "Patient/p1"},
}

FORM = Form("stings", f"{BASE}/Questionnaire/stings", "2.0.0", "Stings", short=False, raw=FORM_JSON)
SHORT_JSON = {
    **FORM_JSON,
    "url": f"{BASE}/Questionnaire/stings-short",
    "item": FORM_JSON["item"][:1],
}
SHORT_FORM = Form(
    "stings-short", SHORT_JSON["url"], "2.0.0", "Stings, short", short=True, raw=SHORT_JSON
)


def toy_pack() -> Pack:
    """The pack, with nothing in it that is not needed."""
    sources = Sources(
        documents=(
            SourceText("doc", "About stings", "A publisher", "2020-01-01", "doc.txt", "0" * 64),
        ),
        lines={
            "doc:4": Line("doc:4", "doc", "a hard breath after a sting is an emergency", "1" * 64)
        },
        citations={"cited-1999": Citation("cited-1999", "Somebody 1999")},
        facts=(),
    )
    return Pack(
        id="stings",
        version="2.0.0",
        hash="sha256:" + "ab" * 32,
        title="Stings",
        identity=Identity(
            base=BASE,
            assessment_code="sting-assessment",
            assessment_text="Assessment of a sting",
            method_code="sting-rules",
            method_text="Rules; no probability",
            finding_system=f"{BASE}/CodeSystem/finding",
            cause_system=f"{BASE}/CodeSystem/cause",
            answer_system=f"{BASE}/CodeSystem/stings-answers",
            level_system=f"{BASE}/CodeSystem/triage-level",
        ),
        forms=(FORM, SHORT_FORM),
        rules=Rules(
            levels=LEVELS,
            rules=RULES,
            causes=(Cause("bee", "Bee", "seed", ("doc:4",), (Equals("where", ("hand",)),)),),
            options=(Option("strict", default=True, text="Literal reading."),),
            reassurance=Reassurance(
                safety=("safety.breath", "safety.face"),
                history=("where",),
                floor="unsettled",
                lowest="home",
                otherwise="visit",
            ),
        ),
        sources=sources,
        wording=Wording(
            intended_use="For clinicians only.",
            negative="Nothing listed was reported; that excludes nothing.",
            cause_remark="Mostly nobody knows.",
            short_form="Only the short form was asked.",
            unfinished="Not finished.",
            entered_in_error="Entered in error. Would have fired:",
            free_text="Free text not assessed.",
            qualitative_risk="Sign present; no likelihood",
        ),
        unknown=frozenset({"unknown"}),
        fail_safe=frozenset({"safety.breath", "safety.face"}),
        context=(),
        advice=(),
        complications=(),
        reasons=(
            ReasonCode(
                VerifiedCode("http://snomed.info/sct", "213320003", "Bee sting"),
                "Sting in the hand",
                Equals("where", ("hand",)),
            ),
            ReasonCode(VerifiedCode("http://snomed.info/sct", "213320003", "Bee sting"), "A sting"),
        ),
        facts=frozenset({"tryptase.high"}),
        record={},
        about={},
    )


def resources(bundle: JsonObject) -> dict[str, JsonObject]:
    """The resources of a bundle by their type."""
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
