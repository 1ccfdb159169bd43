"""The OpenAPI document, generated from the models that requests are read with, and a page for it.

Only where the configuration says `docs = true`.
"""

from html import escape
from typing import Any

from pydantic.json_schema import models_json_schema

from cds import wire
from cds.schemas.published import names
from cds.version import VERSION
from cds.web.contract.answers import CardsResponse, DiscoveryResponse
from cds.web.contract.shapes import FeedbackRequest, HookRequest
from cds.web.refusals import Reply
from cds.web.routes.endpoint import Call
from cds.web.service import Service
from cds.wire import JsonObject

_REF = "#/components/schemas/{model}"
_ANY = "Resource"
_RESOURCE: JsonObject = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
_REFUSALS = {
    "400": "Not strict JSON, or not of the shape.",
    "403": "fhirServer is not a registered address.",
    "408": "The body was not whole in time.",
    "409": "The hookInstance was used for another request.",
    "412": "Required data is missing; the issues list the prefetch keys.",
    "413": "The body is too long.",
    "415": "Not application/json in UTF-8, or compressed.",
    "422": "An invalid id, another patient's data, or too much data.",
    "429": "Too many requests of one client.",
    "500": "An internal error. Not an all-clear.",
    "503": "The decision log is unavailable and this site is configured to refuse.",
}


async def _document(service: Service, _: Call) -> Reply:
    """GET /openapi.json."""
    return Reply(200, wire.write(describe(service)))


async def _page(service: Service, _: Call) -> Reply:
    """GET /docs: the document as a page without scripts."""
    described = describe(service)
    rows = "".join(
        f"<tr><td>{escape(method.upper())}</td><td><code>{escape(path)}</code></td>"
        f"<td>{escape(str(operation['summary']))}</td></tr>"
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(described["info"]["title"])
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1>"
        f'<p><a href="openapi.json">openapi.json</a></p><table><caption>Routes</caption>'
        f"<thead><tr><th>Method<th>Path<th>What</thead><tbody>{rows}</tbody></table></html>"
    )
    return Reply(200, body.encode(), "text/html; charset=utf-8")


DOCUMENT_ROUTES = {"/openapi.json": {"GET": _document}, "/docs": {"GET": _page}}


def describe(service: Service) -> JsonObject:
    """The document of this service."""
    models = (HookRequest, FeedbackRequest, CardsResponse, DiscoveryResponse)
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    components = {**schemas["$defs"], _ANY: _RESOURCE}
    ids = _in_path("id", {"enum": sorted(service.services)})
    packs = _in_path("id", {"enum": sorted(service.packs)})
    fillable = sorted(form.id for name in service.records for form in service.packs[name].forms)
    forms = _in_path("id", {"enum": fillable})
    kinds = _in_path("type", {"enum": sorted(service.published.by_url)})
    identifier = _in_path("id", {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"})
    named = _in_path("name", {"enum": list(names())})
    url, version, against = (
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("url", "version", "against")
    )
    described: JsonObject = {
        "openapi": "3.1.0",
        "info": {"title": "cramp-cds", "version": VERSION},
        "servers": [{"url": service.config.public_url}],
        "paths": {
            "/cds-services": _get("Discovery", DiscoveryResponse.__name__),
            "/cds-services/{id}": _post(
                "The cards for one call of a hook",
                HookRequest.__name__,
                CardsResponse.__name__,
                ids,
            ),
            "/cds-services/{id}/feedback": _post(
                "What a user did with cards", FeedbackRequest.__name__, None, ids
            ),
            "/fhir/metadata": _get("What the FHIR side can do", _ANY),
            "/fhir/{type}": _get("Search the knowledge", _ANY, kinds, url, version),
            "/fhir/{type}/{id}": _get("Read the knowledge", _ANY, kinds, identifier),
            "/fhir/QuestionnaireResponse/$validate": _post("Issues", _ANY, _ANY),
            "/fhir/QuestionnaireResponse/$assess": _post(
                "The decision as a Bundle", _ANY, _ANY, against
            ),
            "/fhir/Questionnaire/{id}/$populate": _post("The form, half filled", _ANY, _ANY, forms),
            "/packs/{id}/source-attributes": _get("Where the knowledge comes from", None, packs),
            "/packs/{id}/{version}/why": _get(
                "Rule by rule: why, and on whose word",
                None,
                packs,
                {**version, "in": "path", "required": True},
                kind="text/html",
            ),
            "/": _get("In a demo: what there is to try", None, kind="text/html"),
            "/schemas/{name}": _get(
                "The JSON Schema of a document", None, named, kind="application/schema+json"
            ),
            "/livez": _get("Is the process alive?", None),
            "/readyz": _get("Is it fit to answer?", None),
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "client": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }
    if service.config.auth.required:
        described["security"] = [{"client": []}]
    return described


def _in_path(name: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _get(
    summary: str, answer: str | None, *parameters: JsonObject, kind: str = "application/json"
) -> JsonObject:
    refusals = {code: _outcome(_REFUSALS[code]) for code in ("400", "429", "503")}
    refusals["401"] = {"description": "The token is refused. Nothing more is said."}
    refusals["404"] = _outcome("There is nothing of this name here.")
    made = {"summary": summary, "responses": {"200": _good(answer, kind), **refusals}}
    return {"get": _with(made, parameters)}


def _post(summary: str, request: str, answer: str | None, *parameters: JsonObject) -> JsonObject:
    refusals: dict[str, Any] = {code: _outcome(text) for code, text in _REFUSALS.items()}
    refusals["401"] = {"description": "The token is missing or refused. Nothing more is said."}
    refusals["404"] = _outcome("There is no such service.")
    body = {"schema": {"$ref": _REF.format(model=request)}}
    made = {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": _good(answer), **refusals},
    }
    return {"post": _with(made, parameters)}


def _with(operation: JsonObject, parameters: tuple[JsonObject, ...]) -> JsonObject:
    return {**operation, "parameters": list(parameters)} if parameters else operation


def _good(answer: str | None, kind: str = "application/json") -> JsonObject:
    schema: JsonObject = {"$ref": _REF.format(model=answer)} if answer else {"type": "object"}
    kinds = ("application/fhir+json",) if answer == _ANY else (kind,)
    return {"description": "Done.", "content": {kind: {"schema": schema} for kind in kinds}}


def _outcome(text: str) -> JsonObject:
    schema = {"$ref": _REF.format(model=_ANY)}
    return {"description": text, "content": {"application/fhir+json": {"schema": schema}}}
