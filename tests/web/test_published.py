"""The knowledge as anyone may read and search it, and the statement of what is offered."""

import json
import re
from typing import Any

import pytest

from cds.web.app import ROUTES

# Written out, not taken from `published`: a type that is no longer offered is a difference.
TYPES = {
    "Questionnaire",
    "PlanDefinition",
    "ActivityDefinition",
    "Library",
    "ValueSet",
    "CodeSystem",
    "StructureDefinition",
    "OperationDefinition",
}
BASE = "https://cramp-cds.example/fhir"


@pytest.fixture
def statement(serve: Any) -> Any:
    return serve().get("/fhir/metadata").json()["rest"][0]["resource"]


def test_every_type_that_is_stated_can_be_read_and_searched(serve: Any, statement: Any) -> None:
    caller = serve()
    stated = {one["type"] for one in statement if "interaction" in one}

    assert stated == TYPES
    for kind in stated:
        bundle = caller.get(f"/fhir/{kind}").json()
        assert bundle["total"] == len(bundle["entry"]) > 0
        for entry in bundle["entry"]:
            resource = entry["resource"]
            assert resource["resourceType"] == kind
            assert caller.get(f"/fhir/{kind}/{resource['id']}").json() == resource
            found = caller.get(f"/fhir/{kind}", params={"url": resource["url"]}).json()
            assert [one["resource"]["id"] for one in found["entry"]] == [resource["id"]]


def test_every_operation_that_is_stated_has_a_route(statement: Any, serve: Any) -> None:
    stated = {
        (one["type"], operation["name"]): operation["definition"]
        for one in statement
        for operation in one.get("operation", ())
    }

    assert set(stated) == {
        ("Questionnaire", "populate"),
        ("QuestionnaireResponse", "validate"),
        ("QuestionnaireResponse", "assess"),
    }
    for kind, name in stated:
        assert any(re.fullmatch(rf"/fhir/{kind}(/\{{id\}})?/\${name}", path) for path in ROUTES)
    ours = serve().get(
        "/fhir/OperationDefinition", params={"url": f"{BASE}/OperationDefinition/assess"}
    )
    assert ours.json()["entry"][0]["resource"]["url"] == stated["QuestionnaireResponse", "assess"]


def test_a_questionnaire_is_published_with_what_others_pre_fill_it_by(serve: Any) -> None:
    form = serve().get("/fhir/Questionnaire/cramps").json()

    text = json.dumps(form)
    assert "sdc-questionnaire-initialExpression" in text
    assert "x-fhir-query" in text


def test_every_code_of_a_card_and_of_a_refusal_is_looked_up(serve: Any, body: Any) -> None:
    caller = serve()
    card = caller.hook(body()).json()["cards"][0]

    for coding in (card["source"]["topic"], *card["overrideReasons"]):
        found = caller.get("/fhir/CodeSystem", params={"url": coding["system"]}).json()
        (system,) = [one["resource"] for one in found["entry"]]
        named = {one["code"]: one["display"] for one in system["concept"]}
        assert named[coding["code"]] == coding["display"]


def test_the_source_attributes_are_the_thirteen(serve: Any) -> None:
    caller = serve()

    answer = caller.get("/packs/cramps/source-attributes")

    assert answer.status_code == 200
    assert len(answer.json()["attributes"]) == 13
    assert all(one["value"] for one in answer.json()["attributes"])
    assert caller.get("/packs/other/source-attributes").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fhir/Questionnaire?name=x", 400),
        ("/fhir/Patient", 404),
        ("/fhir/Questionnaire/other", 404),
        ("/fhir/Questionnaire?url=https://elsewhere.example/x", 200),
        ("/fhir/Questionnaire?url=https://cramp-cds.example/fhir/Questionnaire/cramps%7C9.9", 200),
    ],
)
def test_what_is_not_there_is_not_found(serve: Any, path: str, status: int) -> None:
    answer = serve().get(path)

    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"resourceType": "Bundle", "type": "searchset", "total": 0}


def test_a_refusal_is_coded_by_us_first_and_by_the_shared_vocabulary_second(serve: Any) -> None:
    answer = serve().post("/cds-services/cramps-patient-view", {"hook": "patient-view"})
    other = serve().get("/nowhere")

    codings = answer.json()["issue"][0]["details"]["coding"]
    assert [(one["system"], one["code"]) for one in codings] == [
        (f"{BASE}/CodeSystem/response-issue", "required"),
        ("http://fhir.forms-lab.com/CodeSystem/errors", "required"),
    ]
    (coding,) = other.json()["issue"][0]["details"]["coding"]
    assert coding == {"system": f"{BASE}/CodeSystem/response-issue", "code": "not-found"}
