"""A pack of another subject, made here: nothing of the wire format depends on a real one."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cds.core.conditions import Equals
from cds.core.model import (
    Answers,
    Assessment,
    Because,
    Cause,
    Coding,
    Finding,
    Level,
    OpenQuestion,
    Option,
    Reassurance,
    Rule,
    Rules,
    SupportedCause,
)
from cds.core.pack import (
    Citation,
    Document,
    Form,
    Identity,
    Line,
    Pack,
    Reason,
    Sources,
    Wording,
)
from cds.fhir.context import Context
from cds.fhir.identifiers import fingerprint
from cds.wire import JsonObject

HERE = Path(__file__).parent
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
        "outcome": (Coding("http://snomed.info/sct", "39579001", "Anaphylaxis"),),
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


@pytest.fixture(scope="session")
def form() -> Form:
    return Form(
        "stings", f"{BASE}/Questionnaire/stings", "2.0.0", "Stings", short=False, raw=FORM_JSON
    )


@pytest.fixture(scope="session")
def short_form() -> Form:
    raw = {**FORM_JSON, "url": f"{BASE}/Questionnaire/stings-short", "item": FORM_JSON["item"][:1]}
    return Form("stings-short", raw["url"], "2.0.0", "Stings, short", short=True, raw=raw)


@pytest.fixture(scope="session")
def pack(form: Form, short_form: Form) -> Pack:
    sources = Sources(
        documents=(
            Document("doc", "About stings", "A publisher", "2020-01-01", "doc.txt", "0" * 64),
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
        forms=(form, short_form),
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
            Reason(
                Coding("http://snomed.info/sct", "213320003", "Bee sting"),
                "Sting in the hand",
                Equals("where", ("hand",)),
            ),
            Reason(Coding("http://snomed.info/sct", "213320003", "Bee sting"), "A sting"),
        ),
        facts=frozenset({"tryptase.high"}),
        record={},
        about={},
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

MakeContext = Callable[..., Context]
MakeAssessment = Callable[..., Assessment]


@pytest.fixture(scope="session")
def make_context(form: Form) -> MakeContext:
    """A context: its fields, and `response` as changes to the usual one (None: gone)."""

    def make(response: JsonObject | None = None, **fields: Any) -> Context:
        merged = {**RESPONSE, **(response or {})}
        merged = {key: value for key, value in merged.items() if value is not None}
        facts: dict[str, Any] = {"now": NOW, "version": "0.1.0", "form": form}
        if "fingerprint" not in fields:
            facts["fingerprint"] = fingerprint(merged)
        return Context(response=merged, **{**facts, **fields})

    return make


@pytest.fixture(scope="session")
def make_assessment() -> MakeAssessment:
    """An assessment in which these rules fired."""

    def make(*fired: str, **fields: Any) -> Assessment:
        levels = {level.code: level for level in LEVELS}
        findings = tuple(
            Finding(rule, levels[rule.level], (Because(rule.when.question, rule.when.codes[0]),))
            for rule in RULES
            if rule.id in fired and isinstance(rule.when, Equals)
        )
        facts: dict[str, Any] = {
            "level": findings[0].level if findings else levels["home"],
            "complete": True,
            "findings": findings,
            "open": (),
            "causes": (),
            "notes": (),
            "deviations": (),
        }
        if isinstance(fields.get("level"), str):
            fields["level"] = levels[fields["level"]]
        return Assessment(**{**facts, **fields})

    return make


@pytest.fixture(scope="session")
def hand_answers() -> Answers:
    return Answers(
        asked=("safety.breath", "safety.face", "where"),
        codes={"safety.breath": ("none",), "safety.face": ("none",), "where": ("hand",)},
    )


@pytest.fixture(scope="session")
def supported_cause(pack: Pack) -> SupportedCause:
    return SupportedCause(pack.rules.causes[0], (Because("where", "hand"),))


@pytest.fixture(scope="session")
def open_face() -> OpenQuestion:
    return OpenQuestion("unanswered", ("S2",), link_id="safety.face")


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fhir_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def conformance() -> ModuleType:
    """The check of emitted FHIR that needs nothing from outside the repository."""
    return _load("conformance")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare with a golden file, byte for byte; `CRAMP_CDS_REGENERATE=1` writes it instead."""

    def compare(name: str, found: bytes) -> None:
        path = HERE / "golden" / f"{name}.json"
        if os.environ.get("CRAMP_CDS_REGENERATE") == "1":
            path.write_bytes(found)
        assert path.read_bytes() == found, f"{request.node.name}: {path.name} differs"

    return compare
