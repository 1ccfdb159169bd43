"""What there is here: the start page of a demo, and the schemas of our documents."""

from html import escape

from cds import wire
from cds.errors import RequestError
from cds.schemas.published import names, schema
from cds.web.refusals import HTML, Reply
from cds.web.routes.endpoint import Call
from cds.web.service import Service

SCHEMA_JSON = "application/schema+json"
_HEADERS = ((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),)


async def start(service: Service, call: Call) -> Reply:  # noqa: ARG001 - every route is called alike
    """GET /: in a demo, what can be tried; elsewhere nothing, as any unknown path."""
    if not service.config.demo:
        raise RequestError(404, "path", "there is nothing here.", code="not-found")
    return Reply(200, _page(service).encode(), HTML, headers=_HEADERS)


async def read_schema(service: Service, call: Call) -> Reply:  # noqa: ARG001
    """GET /schemas/{name}: the JSON Schema of one of our documents."""
    name = call.params["name"].removesuffix(".json")
    try:
        return Reply(200, wire.write(schema(name)), SCHEMA_JSON)
    except KeyError:
        known = f"Known: {', '.join(names())}."
        raise RequestError(
            404, "schema", "there is no such schema.", known, code="not-found"
        ) from None


def _page(service: Service) -> str:
    rows = [("/cds-services", "the CDS Hooks services (discovery)")]
    for pack in service.packs.values():
        if service.config.form.enabled:
            rows.append((f"/forms/{pack.id}", f"the form of {pack.id}, to be filled in"))
        rows.append(
            (
                f"/packs/{pack.id}/{pack.version}/why",
                f"every rule of {pack.id} {pack.version}, with its sources",
            )
        )
    rows += [
        ("/fhir/metadata", "what the FHIR side can do"),
        ("/fhir/Questionnaire", "the questionnaires"),
        *((f"/schemas/{name}", f"the JSON Schema of {name}") for name in names()),
        ("/livez", "is it alive"),
        ("/readyz", "is it fit to answer"),
    ]
    items = "\n".join(
        f'<li><a href="{escape(path)}">{escape(path)}</a>: {escape(text)}</li>'
        for path, text in rows
    )
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>cramp-cds, a demo</title>\n'
        '<meta name="viewport" content="width=device-width">\n<h1>cramp-cds, a demo</h1>\n'
        "<p>Only this machine can reach it, nobody is asked for a token, and nothing is kept.</p>\n"
        f"<ul>\n{items}\n</ul>\n"
        "<p>Act as an EHR: <code>cramp-cds call PACK --hook patient-view</code></p>\n</html>\n"
    )
