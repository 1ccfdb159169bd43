import re
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds.core.pack import Pack
from cds.fhir.definitions import pack_definitions
from cds.forms.checks.rules import RULES
from cds.wire import JsonObject


@pytest.fixture
def by_url(pack: Pack) -> dict[str, JsonObject]:
    return {one["url"]: one for one in pack_definitions(pack)}


def test_every_definition_is_a_resource_of_its_address(pack: Pack) -> None:
    for one in pack_definitions(pack):
        get_fhir_model_class(one["resourceType"]).model_validate(one)
        assert one["url"] == f"{pack.identity.base}/{one['resourceType']}/{one['id']}"
        assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", one["name"])
        assert one["version"] == pack.version


@pytest.mark.parametrize(
    ("name", "kind", "context"),
    [
        ("triage-level", "Coding", "RiskAssessment"),
        ("knowledge-hash", "string", "RiskAssessment"),
        ("audience", "code", "Questionnaire.item"),
    ],
)
def test_every_extension_is_defined(
    by_url: dict[str, Any], pack: Pack, name: str, kind: str, context: str
) -> None:
    found = by_url[f"{pack.identity.base}/StructureDefinition/{name}"]

    elements = {one["id"]: one for one in found["differential"]["element"]}
    assert elements["Extension.value[x]"]["type"] == [{"code": kind}]
    assert elements["Extension.url"]["fixedUri"] == found["url"]
    assert found["context"] == [{"type": "element", "expression": context}]


def test_every_code_of_the_pack_is_defined_once(by_url: dict[str, Any], pack: Pack) -> None:
    codes = {
        url: [one["code"] for one in found["concept"]]
        for url, found in by_url.items()
        if found["resourceType"] == "CodeSystem"
    }

    assert codes[pack.identity.level_system] == [level.code for level in pack.rules.levels]
    assert codes[pack.identity.finding_system] == ["airway-threat", "foot"]
    assert codes[pack.identity.cause_system] == ["bee"]
    assert codes[pack.identity.answer_system] == [
        "foot",
        "gasping",
        "hand",
        "none",
        "tongue",
        "unknown",
    ]
    assert all(found["count"] == len(codes[url]) for url, found in by_url.items() if url in codes)


def test_another_wording_of_a_code_is_a_designation(pack: Pack, by_url: dict[str, Any]) -> None:
    concepts = {one["code"]: one for one in by_url[pack.identity.answer_system]["concept"]}

    assert concepts["none"] == {"code": "none", "display": "No"}
    assert concepts["tongue"]["display"] == "Tongue & lips"


def test_every_code_of_an_issue_is_defined_once(by_url: dict[str, Any], pack: Pack) -> None:
    found = by_url[f"{pack.identity.base}/CodeSystem/response-issue"]["concept"]
    codes = [one["code"] for one in found]

    assert len(codes) == len(set(codes))
    assert {*RULES, "unreadable"} <= set(codes)
    assert {one["code"]: one["display"] for one in found}["required"] == RULES["required"].title
