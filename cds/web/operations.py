"""Operations on one QuestionnaireResponse: $validate, and $assess with or without the record."""

from collections.abc import Iterable, Mapping
from typing import Any

from cds import wire
from cds.errors import RequestError
from cds.flows.assess import read_response
from cds.flows.which_form import engine_for
from cds.forms.issues import Issue
from cds.forms.validate import validate as issues_of
from cds.web.endpoint import Call
from cds.web.gates import body_of, json_of
from cds.web.refusals import FHIR_JSON, Reply, outcome
from cds.web.service import Service
from cds.wire import JsonObject

RESPONSE, RECORD = "response", "record"


async def validate(service: Service, call: Call) -> Reply:
    """POST /fhir/QuestionnaireResponse/$validate: every issue at once; 200 whatever they are."""
    _, body = await body_of(service, call)
    response, _ = _parts(json_of(service, body), ("resource", RESPONSE))
    engine, _ = engine_for(response, service.assessor.engines)
    found = issues_of(response, engine.reading.questionnaire)
    return Reply(200, outcome_of(found, service.base), FHIR_JSON, facts={"issue": str(len(found))})


async def assess(service: Service, call: Call) -> Reply:
    """POST /fhir/QuestionnaireResponse/$assess: a response, or Parameters with its record."""
    _, body = await body_of(service, call)
    response, record = _parts(json_of(service, body), (RESPONSE,))
    assessed = service.assessor.assess(
        response, now=service.clock(), record=[record] if record is not None else None, where="body"
    )
    return Reply(200, wire.write(assessed.to_fhir()), FHIR_JSON)


def _parts(value: Any, names: tuple[str, ...]) -> tuple[JsonObject, JsonObject | None]:
    """The response and the record of the body, which may be the response itself."""
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        return read_response(value, "body"), None
    given = value.get("parameter")
    found: dict[str, JsonObject] = {}
    for index, one in enumerate(given if isinstance(given, list) else []):
        where = f"body.parameter[{index}]"
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or name in found or name not in {*names, RECORD}:
            hint = f"Give {', '.join(names)} and {RECORD}, each once."
            raise RequestError(400, where, "Is not a parameter of this operation.", hint)
        resource = one.get("resource")
        if not isinstance(resource, dict):
            raise RequestError(400, where, "Has no resource.", code="required")
        found[name] = resource
    response = next((found[name] for name in names if name in found), None)
    if response is None:
        raise RequestError(400, "body.parameter", f"{names[-1]} is missing.", code="required")
    record = found.get(RECORD)
    if record is not None and record.get("resourceType") != "Bundle":
        raise RequestError(400, f"body.parameter {RECORD}", "Is no Bundle.", code="structure")
    return read_response(response, "body.parameter"), record


def outcome_of(issues: Iterable[Issue], base: str) -> bytes:
    """The OperationOutcome of a validation, without the values that were found."""
    listed = [_issue(one, base) for one in issues]
    fine = {
        "severity": "information",
        "code": "informational",
        "details": {"text": "No issue was found."},
    }
    return outcome(listed or [fine])


def _issue(issue: Issue, base: str) -> Mapping[str, Any]:
    coding = {"system": f"{base}/CodeSystem/response-issue", "code": issue.rule}
    made: JsonObject = {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"coding": [coding], "text": issue.text},
    }
    if issue.help:
        made["diagnostics"] = issue.help
    made["expression"] = [issue.expression]
    return made
