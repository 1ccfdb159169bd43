"""Speaks HTTP to a service in this process, and looks at what it answers."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
from starlette.types import ASGIApp

from cds.web.app import application
from cds.web.service import Service

PUBLIC = "https://cds.example.org"
URL = f"{PUBLIC}/cds-services/cramps-patient-view"

Json = dict[str, Any]


class Caller:
    """Speaks HTTP to an application, without a socket between."""

    def __init__(self, service: Service, *, raise_app: bool = True) -> None:
        self.service = service
        self.app: ASGIApp = application(service)
        self.raise_app = raise_app

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **more))

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=self.raise_app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
            try:
                return await client.request(method, path, **more)
            finally:
                # Connections live in the loop that made them; each request here has its own.
                await self.service.ehr.close()
                self.service.ehr._http.clear()
                await self.service.keys.close()
                self.service.keys._http.clear()

    def post(self, path: str, value: Any = None, **more: Any) -> httpx.Response:
        if value is not None:
            more["content"] = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = {"content-type": "application/json", **more.pop("headers", {})}
        return self.request("POST", path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def hook(self, body: Json, **more: Any) -> httpx.Response:
        return self.post(f"/cds-services/cramps-{body['hook']}", body, **more)


def send(caller: Caller, body: Json, token: str | None) -> httpx.Response:
    """Call a hook anew, with this token."""
    headers = {} if token is None else {"authorization": f"Bearer {token}".encode("latin-1")}
    return caller.hook({**body, "hookInstance": str(uuid.uuid4())}, headers=headers)


def refused_bare(answer: httpx.Response) -> None:
    """Hold that nothing was said but that the token is not good."""
    found = (answer.status_code, answer.content, answer.headers.get("content-type"))
    assert found == (401, b"", None), found


def said_in(answer: httpx.Response) -> str:
    """The texts of all cards."""
    return "\n".join(card["detail"] for card in answer.json()["cards"])


def empties(node: Any, path: str = "$") -> Iterator[str]:
    """Where an answer holds what is empty: only the list of cards may be."""
    if path != "$.cards" and (node is None or node in ("", [], {})):
        yield path
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "resource":
                yield from empties(value, f"{path}.{key}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from empties(value, f"{path}[{index}]")
