"""What the FHIR side does: pre-fill a form, validate and assess answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cds.flows.validate import Validator
from tests.replies import reply

Json = dict[str, Any]
FILL = "/fhir/Questionnaire/cramps/$populate"
ASSESS = "/fhir/QuestionnaireResponse/$assess"
BASE = "https://cramp-cds.example/fhir"
MARK = "MARKER-55b1"


def _parameters(*parts: Any) -> Json:
    return {"resourceType": "Parameters", "parameter": list(parts)}


def _subject(reference: str = "Patient/example") -> Json:
    return {"name": "subject", "valueReference": {"reference": reference}}


def _bundle(*resources: Json) -> Json:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _order(patient: str = "example", text: str = "Furosemide 40 mg") -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": text},
        "subject": {"reference": f"Patient/{patient}"},
    }


def _answered(item: Json) -> list[str]:
    given = [one["valueCoding"]["code"] for one in item.get("answer", [])]
    return given + [code for one in item.get("item", []) for code in _answered(one)]


@pytest.mark.parametrize(
    "record",
    [
        {"name": "record", "resource": _bundle(_order())},
        {
            "name": "context",
            "part": [
                {"name": "name", "valueString": "record"},
                {"name": "content", "resource": _bundle(_order())},
            ],
        },
        {"name": "context", "part": [{"name": "content", "resource": _order()}]},
    ],
    ids=["record", "context with a Bundle", "context with a resource"],
)
def test_populate_proposes_what_the_record_shows(serve: Any, pack: Any, record: Json) -> None:
    local = {"name": "local", "valueBoolean": False}

    answer = serve().post(FILL, _parameters(_subject(), record, local))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/fhir+json")
    response = answer.json()["parameter"][0]["resource"]
    assert response["resourceType"] == "QuestionnaireResponse"
    assert response["status"] == "in-progress"
    assert response["subject"] == {"reference": "Patient/example"}
    assert [code for item in response["item"] for code in _answered(item)] == ["diuretic"]
    issues = Validator(dict(pack.full.raw)).validate(response)
    # What it depends on is not answered yet; but nothing is in the wrong place or of another type.
    assert {one.rule for one in issues if one.severity == "error"} <= {"required", "notEnabled"}


def test_populate_hints_at_what_it_may_not_answer(serve: Any) -> None:
    unknown = {"name": "record", "resource": _bundle(_order(text="Somethingol"))}

    parameters = serve().post(FILL, _parameters(_subject(), unknown)).json()["parameter"]

    assert [one["name"] for one in parameters] == ["response", "issues"]
    told, line, hint = parameters[1]["resource"]["issue"]
    assert [one["severity"] for one in (told, line, hint)] == ["warning", *["information"] * 2]
    assert "Somethingol" in told["details"]["text"]
    assert line["details"]["text"] == "Record: 1 resource looked at, 0 used, 1 not read."
    assert "Somethingol" in hint["details"]["text"]


def _record(*resources: Any) -> Any:
    return {"name": "record", "resource": _bundle(*resources)}


def test_populate_tells_what_it_could_not_read_and_fills_in_nothing_of_it(serve: Any) -> None:
    quantity = {"value": 7.1, "unit": "MMOL/L"}
    potassium = {
        "resourceType": "Observation",
        "id": "k",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "valueQuantity": quantity,
    }
    maybe = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        "verificationStatus": {"coding": [{"code": "differential"}]},
    }
    context = {
        "name": "context",
        "part": [{"name": "content", "valueReference": {"reference": "Patient/example"}}],
    }

    done = serve().post(FILL, _parameters(_subject(), _record(potassium, maybe), context))

    response, issues = done.json()["parameter"]
    assert "item" not in response["resource"]
    texts = [one["details"]["text"] for one in issues["resource"]["issue"]]
    assert any(text.startswith("Potassium 7.1 MMOL/L") for text in texts)
    assert any("verification differential" in text for text in texts)
    assert any("its reference is not followed" in text for text in texts)


POPULATE_FAULTS: list[tuple[Any, int, str, str]] = [
    ({"resourceType": "Patient"}, 400, "structure", "body"),
    ([], 400, "structure", "body"),
    (_parameters(), 400, "required", "body.parameter"),
    (_parameters({"name": "subject"}), 400, "value", "body.parameter[0].valueReference"),
    (_parameters(_subject(f"Group/{MARK}")), 400, "value", "body.parameter[0].valueReference"),
    (_parameters(_subject(), _subject()), 400, "invalid", "body.parameter[1]"),
    (_parameters(_subject(), {"name": MARK}), 400, "invalid", "body.parameter[1]"),
    (_parameters(_subject(), "x"), 400, "invalid", "body.parameter[1]"),
    (_parameters(_subject(), {"name": "record"}), 400, "required", "body.parameter[1]"),
    (
        _parameters(_subject(), {"name": "context", "part": [{"name": "content"}]}),
        400,
        "required",
        "body.parameter[1].part[0]",
    ),
]


@pytest.mark.parametrize(("sent", "status", "code", "where"), POPULATE_FAULTS)
def test_populate_names_what_does_not_fit(
    serve: Any, sent: Any, status: int, code: str, where: str
) -> None:
    answer = serve().post(FILL, json.dumps(sent).encode())

    assert answer.status_code == status
    issue = answer.json()["issue"][0]
    assert (issue["code"], issue["diagnostics"]) == (code, where)
    assert MARK not in answer.text


def test_populate_refuses_the_record_of_another_patient(serve: Any) -> None:
    foreign = {"name": "record", "resource": _bundle(_order(patient=MARK))}

    answer = serve().post(FILL, _parameters(_subject(), foreign))

    assert answer.status_code == 422
    assert MARK not in answer.text


def test_populate_of_a_form_that_is_not_there_is_404(serve: Any) -> None:
    answer = serve().post("/fhir/Questionnaire/other/$populate", _parameters(_subject()))

    assert answer.status_code == 404


def test_populate_wants_a_token(secured: Any) -> None:
    assert secured.post(FILL, _parameters(_subject())).status_code == 401


def _response(body: Callable[..., Json], scenario: str = "no-urine") -> Json:
    sent = body(scenario)["prefetch"]["responses"]["entry"][0]["resource"]
    assert isinstance(sent, dict)
    return sent


def test_assess_is_logged_as_a_decision(serve: Any, body: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    sent = _response(body)

    first, second = caller.post(ASSESS, sent), caller.post(ASSESS, sent)

    assert first.status_code == second.status_code == 200
    entries = [entry for entry, _ in caller.service.ledger.open().entries()]
    assert [entry.service for entry in entries] == ["cramps-assess", "cramps-assess"]
    assert {entry.level for entry in entries} == {"emergency-911"}
    assert entries[0].request_hash == entries[1].request_hash
    assert entries[0].hook_instance != entries[1].hook_instance
    kept = caller.service.ledger.open().answered(
        "anonymous", "cramps-assess", entries[0].hook_instance, entries[0].request_hash
    )
    assert kept.response == first.content


def _parts_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["parameter"]}


def test_assess_compares_with_another_version_on_the_same_input(serve: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    sent = reply({"history.site": ["trunk"]})
    alone = caller.post(ASSESS, sent).json()

    by_address = _parts_of(caller.post(f"{ASSESS}?against=1.0.0", sent))
    response, version = ({"name": "response", "resource": sent}, "1.0.0")
    against = {"name": "against", "valueString": version}
    by_parameter = _parts_of(caller.post(ASSESS, _parameters(response, against)))

    for found in (by_address, by_parameter):
        assert found["moved"]["valueCode"] == "higher"
        assert "U8" in caller.post(f"{ASSESS}?against=1.0.0", sent).text
        risk = found["return"]["resource"]["entry"][0]["resource"]
        assert risk["extension"] == alone["entry"][0]["resource"]["extension"]
    entries = [entry for entry, _ in caller.service.ledger.open().entries()]
    assert {entry.pack_version for entry in entries} == {caller.service.packs["cramps"].version}
    assert {entry.level for entry in entries} == {"urgent"}


@pytest.mark.parametrize(
    ("query", "parameter", "where"),
    [
        (f"?against={MARK}", None, "against"),
        ("?against=../../etc", None, "against"),
        ("?against=", None, "against"),
        ("?against=1.0.0&against=1.1.0", None, "against"),
        ("?against=1.0.0", {"name": "against", "valueString": "1.1.0"}, "against"),
        ("", {"name": "against"}, "body.parameter[1].valueString"),
    ],
)
def test_a_version_that_is_not_kept_or_not_one_is_refused(
    serve: Any, query: str, parameter: Any, where: str
) -> None:
    parts = [{"name": "response", "resource": reply()}, *([parameter] if parameter else [])]

    answer = serve().post(f"{ASSESS}{query}", _parameters(*parts))

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"] == where
    assert MARK not in answer.text


def test_an_assessment_can_be_erased_with_its_patient(serve: Any, body: Any, sqlite: Any) -> None:
    caller = serve(store=sqlite)
    sent = _response(body)
    caller.post(ASSESS, sent)
    patient = sent["subject"]["reference"].partition("/")[2]

    log = caller.service.ledger.open()
    erased = log.erase(caller.service.clock(), "asked for", subject=f"anonymous|{patient}")

    assert erased == (1,)


@pytest.mark.parametrize("resource", ["response", "resource"])
def test_validate_says_ok_or_every_issue(serve: Any, body: Any, resource: str) -> None:
    whole = _response(body)
    faulty = {**whole, "item": [*whole["item"], {"linkId": MARK}]}
    url = "/fhir/QuestionnaireResponse/$validate"

    fine = serve().post(url, _parameters({"name": resource, "resource": whole})).json()
    found = serve().post(url, faulty).json()["issue"]

    assert fine["issue"][0]["severity"] == "information"
    codings = [
        [(coding["system"], coding["code"]) for coding in one["details"]["coding"]] for one in found
    ]
    assert [
        (f"{BASE}/CodeSystem/response-issue", "invalidLinkId"),
        ("http://fhir.forms-lab.com/CodeSystem/errors", "invalidLinkId"),
    ] in codings


@pytest.mark.parametrize(
    "extra",
    [
        {"name": "mode", "valueCode": "create"},
        {"name": "profile", "valueUri": "http://hl7.org/fhir/StructureDefinition/Resource"},
    ],
)
def test_what_validate_does_not_honour_is_said(serve: Any, body: Any, extra: Any) -> None:
    (response,) = [one["resource"] for one in body()["prefetch"]["responses"]["entry"]]
    resource = {"name": "resource", "resource": response}
    sent = {"resourceType": "Parameters", "parameter": [resource, extra]}

    answer = serve().post("/fhir/QuestionnaireResponse/$validate", sent)

    assert answer.status_code == 200
    last = answer.json()["issue"][-1]
    assert last["severity"] == "information"
    assert extra["name"] in last["details"]["text"]
