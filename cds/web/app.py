"""The ASGI application: every route by its template, and what happens at start and end."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from cds.errors import RequestError, UsageError
from cds.web.operating.logs import event, write_out
from cds.web.operating.memory import ran_out
from cds.web.refusals import Reply
from cds.web.routes import fhir, health, openapi, operations, start
from cds.web.routes.endpoint import Call, Endpoint, Handler
from cds.web.routes.feedback import feedback
from cds.web.routes.gates import identify
from cds.web.routes.hooks import hook
from cds.web.routes.populate import populate_operation
from cds.web.routes.why import why
from cds.web.service import Service

if TYPE_CHECKING:
    from cds.web.form.house import House

Routes = Mapping[str, Mapping[str, Handler]]

HOOK = "/cds-services/{id}"
_AGAIN_S = 1.0
ROUTES: Routes = {
    HOOK: {"POST": hook},
    "/cds-services/{id}/feedback": {"POST": feedback},
    "/fhir/metadata": {"GET": fhir.read_metadata},
    "/fhir/QuestionnaireResponse/$validate": {"POST": operations.validate_operation},
    "/fhir/QuestionnaireResponse/$assess": {"POST": operations.assess_operation},
    "/fhir/Questionnaire/{id}/$populate": {"POST": populate_operation},
    "/fhir/{type}": {"GET": fhir.search},
    "/fhir/{type}/{id}": {"GET": fhir.read_resource},
    "/packs/{id}/source-attributes": {"GET": fhir.read_source_attributes},
    "/packs/{id}/{version}/why": {"GET": why},
    "/": {"GET": start.start},
    "/schemas/{name}": {"GET": start.read_schema},
    "/livez": {"GET": health.live},
    "/readyz": {"GET": health.ready},
}


async def _discovery(service: Service, call: Call) -> Reply:
    """GET /cds-services. No token is needed; one that is sent must be good."""
    await identify(service, call, needed=False)
    return Reply(200, service.discovery)


async def nowhere(_: Service, __: Call) -> Reply:
    """Any other path."""
    raise RequestError(404, "path", "there is nothing here.", code="not-found")


def application(service: Service) -> ASGIApp:
    """The routes around one service."""
    routes: dict[str, Mapping[str, Handler]] = {"/cds-services": {"GET": _discovery}, **ROUTES}
    if service.config.server.docs:
        routes |= openapi.DOCUMENT_ROUTES
    forms = _forms(service)
    everything = ("GET", "POST", "PUT", "PATCH", "DELETE")
    default = Endpoint(service, "(none)", dict.fromkeys(everything, nowhere))

    @contextlib.asynccontextmanager
    async def lifespan(_: ASGIApp) -> AsyncIterator[None]:
        if forms is not None:
            forms[0].keeping.start()
        event("ready", {"packs": ",".join(service.packs), "url": service.config.public_url})
        asyncio.get_running_loop().set_exception_handler(_on_loop_error)
        running = [asyncio.create_task(_again(one)) for one in service.background()]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await service.close()
        if forms is not None:
            forms[0].keeping.close()
        event("stopped")
        write_out()

    endpoints = {path: Endpoint(service, path, handlers) for path, handlers in routes.items()}
    if forms is not None:
        house, pages = forms
        endpoints |= {
            path: Endpoint(service, path, handlers, house.problem)
            for path, handlers in pages.items()
        }
    router = Router(
        [Route(path, endpoint) for path, endpoint in endpoints.items()],
        redirect_slashes=False,
        default=default,
        lifespan=lifespan,
    )
    return _hooks_first(service, endpoints[HOOK], router)


async def _again(work: Callable[[], Awaitable[None]]) -> None:
    """Go on for ever: what fails is told, and begun anew."""
    while True:
        try:
            await work()
        except MemoryError as error:
            ran_out(error)
        except Exception as error:  # noqa: BLE001 - nobody waits for it, and it must not end unseen
            event("background work failed", level=logging.CRITICAL, error=error)
        await asyncio.sleep(_AGAIN_S)


def _on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, MemoryError):
        ran_out(error)
    else:
        loop.default_exception_handler(context)


def _forms(service: Service) -> "tuple[House, dict[str, Mapping[str, Handler]]] | None":
    """The routes of the form, where it is offered. Loaded only then: it needs the extra `form`.

    Raises:
        UsageError: the extra is not installed, or the site offers a language that there is not.
    """
    if not service.config.form.enabled:
        return None
    try:
        from cds.web.form.routes import form_routes  # noqa: PLC0415 - the extra may not be there
    except ModuleNotFoundError as error:
        if service.config.demo:
            event("no form", {"why": "the extra form is not installed"})
            return None
        hint = "pip install 'cramp-cds[form]'"
        raise UsageError("[form] enabled", f"{error.name} is not installed.", hint) from error
    return form_routes(service, service.folders)


def _hooks_first(service: Service, hooks: Endpoint, router: Router) -> ASGIApp:
    """The calls of the services by their whole path; all else by the router, one by one."""
    paths = {HOOK.replace("{id}", name): {"id": name} for name in service.services}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        params = paths.get(scope["path"]) if scope["type"] == "http" else None
        if params is None:
            await router(scope, receive, send)
        else:
            scope["path_params"] = params
            await hooks(scope, receive, send)

    return app
