"""Every rule of every installed pack can be emitted, and its message stands alone."""

from types import ModuleType

import pytest

from cds.core.conditions import Equals, leaves
from cds.core.model import Assessment, Because, Evidence, Finding
from cds.core.pack import Pack
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.definitions import pack_definitions
from cds.fhir.emit import emit
from cds.fhir.prepared import prepared
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.wire import JsonObject

PACKS = sorted(pack_folders())
RESPONSE: JsonObject = {
    "resourceType": "QuestionnaireResponse",
    "id": "qr1",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "authored": "2026-11-20T15:00:00Z",
}


@pytest.fixture(scope="module", params=PACKS)
def installed(request: pytest.FixtureRequest) -> Pack:
    return find_pack(request.param)


def fired(pack: Pack) -> dict[str, Assessment]:
    """Each rule as the only finding, for all the answers and facts that it names."""
    found = {}
    for rule in pack.rules.rules:
        reasons: list[Because] = []
        for leaf in leaves(rule.when):
            if isinstance(leaf, Equals):
                reasons += [Because(leaf.question, code) for code in leaf.codes]
            else:
                reasons += [
                    Because(fact=fact, evidence=Evidence("Observation/x", "1", "mmol/L", "2026"))
                    for fact in getattr(leaf, "facts", ())
                ]
        level = pack.rules.level(rule.level)
        finding = Finding(rule, level, tuple(dict.fromkeys(reasons)))
        found[rule.id] = Assessment(level, True, (finding,), (), (), (), ())  # noqa: FBT003
    return found


def context_of(pack: Pack) -> EmissionContext:
    context = EmissionContext(RESPONSE, "0" * 64, "2026-11-21T08:00:00Z", "0.1.0", pack.full)
    context.used = ("Observation/x",)
    context.record = "0" * 64
    context.bundle = TRANSACTION
    context.communicate_urgent = True
    context.recipient = {"reference": "Group/on-call"}
    return context


def test_every_rule_makes_a_bundle_without_fault(installed: Pack, conformance: ModuleType) -> None:
    for rule, assessment in fired(installed).items():
        bundle = emit(assessment, installed, context_of(installed))

        assert conformance.faults_of(bundle) == [], rule


def test_every_message_names_level_action_source_and_rule_in_full(installed: Pack) -> None:
    for rule, assessment in fired(installed).items():
        bundle = emit(assessment, installed, context_of(installed))
        texts = [
            entry["resource"]["payload"][0]["contentString"]
            for entry in bundle["entry"]
            if "payload" in entry["resource"]
        ]
        finding = assessment.findings[0].rule
        for text in texts:
            assert len(text) <= 280, rule
            assert assessment.level.display in text, rule
            assert finding.title in text, rule
            assert (finding.action or assessment.level.action) in text, rule
            assert text.endswith(f"(rule {rule})."), rule


def test_every_answer_that_a_rule_names_has_words(installed: Pack) -> None:
    phrases = prepared(installed, "0.1.0").labels.phrases

    named = {
        (leaf.question, code)
        for rule in installed.rules.rules
        for leaf in leaves(rule.when)
        if isinstance(leaf, Equals)
        for code in leaf.codes
    }

    assert named <= phrases.keys()


def test_every_code_that_is_emitted_is_defined(installed: Pack) -> None:
    defined = {
        one["url"]: {concept["code"]: concept["display"] for concept in one["concept"]}
        for one in pack_definitions(installed)
        if one["resourceType"] == "CodeSystem"
    }
    for assessment in fired(installed).values():
        bundle = emit(assessment, installed, context_of(installed))
        for coding in codings(bundle):
            if coding["system"] == f"{installed.identity.base}/id":
                continue  # the tag of one resource, by which a server knows it again
            if coding["system"].startswith(installed.identity.base):
                assert coding["code"] in defined[coding["system"]]
                if "display" in coding:
                    assert coding["display"] == defined[coding["system"]][coding["code"]]


def codings(value: object) -> list[JsonObject]:
    """Every Coding, however deep."""
    if isinstance(value, dict):
        own = [value] if {"system", "code"} <= value.keys() else []
        return own + [one for member in value.values() for one in codings(member)]
    if isinstance(value, list):
        return [one for member in value for one in codings(member)]
    return []
