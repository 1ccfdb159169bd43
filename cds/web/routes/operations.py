"""Operations on one QuestionnaireResponse: $validate, and $assess with or without the record."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from cds import wire
from cds.errors import PackError, RequestError, UsageError
from cds.fhir.outcome import outcome_of
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.incoming import read_response
from cds.flows.deciding.which_form import engine_for
from cds.flows.explaining.against import Against
from cds.forms.validate import validate as issues_of
from cds.store.model import Decision
from cds.web.operating.kept import document_of
from cds.web.operating.ledger import NotRecorded
from cds.web.refusals import FHIR_JSON, Reply, outcome_issue
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import body_json, body_of
from cds.web.routes.logged import decision_without_cards
from cds.web.service import Service
from cds.web.settings import Client
from cds.web.trust.allowed import patient_of
from cds.wire import JsonObject

_RESPONSE, _RECORD, _AGAINST = "response", "record", "against"
# Parameters of FHIR's own $validate that ask for something else than what is done here.
STANDARD = frozenset(("mode", "profile", "usageContext"))
VALIDATING = 4  # times as long as a decision takes
_NOT_RECORDED = "Not recorded: the decision log could not be reached."


async def validate_operation(service: Service, call: Call) -> Reply:
    """POST /fhir/QuestionnaireResponse/$validate: every issue at once; 200 whatever they are."""
    _, body = await body_of(service, call)

    def judged() -> Reply:
        value = body_json(service, body)
        response, _ = _parts(value, ("resource", _RESPONSE), STANDARD)
        engine, _ = engine_for(response, service.assessor.engines)
        found = issues_of(response, engine.reading.questionnaire)
        said = outcome_of(found, base=service.base, titled=True)
        said["issue"] += [_not_honoured(name, service.base) for name in _named_in(value, STANDARD)]
        return Reply(200, wire.write(said), FHIR_JSON, facts={"issue": str(len(found))})

    return await service.aside.run(VALIDATING * len(body), judged)


def _named_in(value: Any, names: Collection[str]) -> list[str]:
    """Which of these parameters are there."""
    given = value.get("parameter") if isinstance(value, dict) else None
    listed = given if isinstance(given, list) else []
    return [one["name"] for one in listed if isinstance(one, dict) and one.get("name") in names]


def _not_honoured(name: str, base: str) -> JsonObject:
    text = f"The parameter {name} has no effect: the answers are validated against the form."
    return outcome_issue(
        "not-supported", f"parameter {name}", text, severity="information", base=base
    )


async def assess_operation(service: Service, call: Call) -> Reply:
    """POST /fhir/QuestionnaireResponse/$assess: a response, or Parameters with its record.

    Logged as a decision like those of the hooks; each call is a decision of its own. Compared with
    another version (`against`), the answer is Parameters; what is logged is the decision.
    """
    client, body = await body_of(service, call)

    def judged() -> tuple[Assessed, bytes, Decision | None, Against | None]:
        value = body_json(service, body)
        response, record = _parts(value, (_RESPONSE,), {_AGAINST})
        version = _version(value, call.query)
        how: JsonObject = {"now": service.clock(), "where": "body"}
        how["record"] = [record] if record is not None else None
        assessed = service.assessor.assess(response, **how)
        answer = assessed.to_bytes()
        against = None
        if version is not None:
            other = _beside(service, assessed.pack.id, version)
            against = Against(assessed, other.assess(response, **how))
        if service.ledger is None:
            return assessed, answer, None, against
        document = document_of(service.config, client.name, assessed)
        return assessed, answer, _decision(assessed, client, body, (answer, document)), against

    assessed, answer, decision, against = await service.aside.run(len(body), judged)
    if service.ledger is not None and decision is not None:
        alert, patience = assessed.level.alert, call.patience
        kept = await service.ledger.append(decision, must_answer=alert, patience=patience)
        if isinstance(kept, NotRecorded):
            answer = _marked(answer)
    return Reply(200, answer if against is None else _compared(answer, against), FHIR_JSON)


def _version(value: Any, query: str) -> str | None:
    """The version to compare with: in the address or among the parameters, once."""
    given = [
        text
        for name, text in parse_qsl(query, keep_blank_values=True, max_num_fields=20)
        if name == _AGAINST
    ]
    parts = value.get("parameter") if value.get("resourceType") == "Parameters" else None
    for index, one in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(one, dict) and one.get("name") == _AGAINST:
            text = one.get("valueString")
            if not isinstance(text, str):
                where = f"body.parameter[{index}].valueString"
                raise RequestError(400, where, "is missing.", code="required")
            given.append(text)
    if len(given) > 1:
        raise RequestError(400, _AGAINST, "stands twice.", "Name one version.")
    return given[0] if given else None


def _beside(service: Service, pack_id: str, version: str) -> Assessor:
    """What judges by the other version.

    Raises:
        RequestError: there is no such version, or it cannot be used with this site's limits.
    """
    try:
        return service.versions.beside(pack_id, version)
    except UsageError as error:
        problem = "is not a version that is kept here."
        raise RequestError(400, _AGAINST, problem, error.hint, code="not-found") from error
    except PackError as error:
        problem = "cannot be used here: a laboratory limit of the site is unknown to it."
        raise RequestError(400, _AGAINST, problem, code="not-supported") from error


def _compared(answer: bytes, against: Against) -> bytes:
    """Parameters: the decision as always, whether the other version differs, and why."""
    parts: list[JsonObject] = [
        {"name": "return", "resource": wire.parse_own(answer)},
        {"name": "moved", "valueCode": against.moved},
        *({"name": "why", "valueString": one} for one in against.why()),
    ]
    return wire.write({"resourceType": "Parameters", "parameter": parts})


def _marked(answer: bytes) -> bytes:
    """The Bundle, in which every RiskAssessment says that no record was kept of it."""
    bundle = wire.parse_own(answer)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "RiskAssessment":
            entry["resource"].setdefault("note", []).append({"text": _NOT_RECORDED})
    return wire.write(bundle)


def _decision(
    assessed: Assessed, client: Client, body: bytes, told: tuple[bytes, bytes]
) -> Decision:
    """The decision for the log. Nothing names the call, so a new name is made for it.

    `told`: what was answered, and the document.
    """
    about = assessed.context
    return decision_without_cards(
        assessed,
        time=datetime.fromisoformat(about.now),
        client=client.name,
        kind="assess",
        name=str(uuid.uuid4()),
        request=body,
        told=told,
        patient=patient_of(about.subject or about.response.get("subject")),
    )


def _parts(
    value: Any, names: tuple[str, ...], ignored: Collection[str] = ()
) -> tuple[JsonObject, JsonObject | None]:
    """The response and the record of the body, which may be the response itself."""
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        return read_response(value, "body"), None
    given = value.get("parameter")
    found: dict[str, JsonObject] = {}
    for index, one in enumerate(given if isinstance(given, list) else []):
        where = f"body.parameter[{index}]"
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name in ignored:
            continue
        if not isinstance(name, str) or name in found or name not in {*names, _RECORD}:
            hint = f"Give {', '.join(names)} and {_RECORD}, each once."
            raise RequestError(400, where, "is not a parameter of this operation.", hint)
        resource = one.get("resource")
        if not isinstance(resource, dict):
            raise RequestError(400, where, "has no resource.", code="required")
        found[name] = resource
    response = next((found[name] for name in names if name in found), None)
    if response is None:
        raise RequestError(400, "body.parameter", f"{names[-1]} is missing.", code="required")
    record = found.get(_RECORD)
    if record is not None and not isinstance(record.get("resourceType"), str):
        raise RequestError(400, f"body.parameter {_RECORD}", "is not a resource.", code="structure")
    return read_response(response, "body.parameter"), record
