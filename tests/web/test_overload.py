"""More than can be answered at once: everybody is told when to come again, and it still lives."""

import asyncio
from typing import Any, cast

import httpx
import pytest

from cds.web.operating import memory
from cds.web.protocol import TimedProtocol
from cds.web.refusals import RETRY_S, SECURITY
from cds.web.routes.endpoint import MOST_AT_ONCE
from cds.web.trust.bodies import MOST_UNDER_WAY


def _without_memory() -> None:
    raise MemoryError


def _says_when_to_come_again(answer: httpx.Response) -> None:
    (issue,) = answer.json()["issue"]
    assert answer.status_code == 503
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert (issue["severity"], issue["code"]) == ("fatal", "transient")
    assert answer.headers["retry-after"] == str(RETRY_S)
    told = {name: answer.headers.get(name.decode()) for name, _ in SECURITY}
    assert told == {name: value.decode() for name, value in SECURITY}


@pytest.mark.parametrize("path", ["/cds-services", "/fhir/metadata", "/readyz", "/nowhere"])
def test_with_more_requests_than_can_be_answered_at_once_the_next_is_told_so(
    serve: Any, path: str
) -> None:
    caller = serve()
    caller.service.load.now = MOST_AT_ONCE

    _says_when_to_come_again(caller.get(path))
    assert caller.get("/livez").status_code == 200

    caller.service.load.now = MOST_AT_ONCE - 1
    assert caller.get("/cds-services").status_code == 200
    assert caller.service.load.now == MOST_AT_ONCE - 1  # those that were refused are gone


def test_with_more_requests_than_can_be_answered_at_once_a_hook_shows_no_cards(
    serve: Any, body: Any
) -> None:
    caller = serve()
    caller.service.load.now = MOST_AT_ONCE

    _says_when_to_come_again(caller.hook(body()))


def test_a_caller_with_too_many_bodies_under_way_is_told_so(serve: Any, body: Any) -> None:
    caller = serve()
    caller.service.bodies._under_way["127.0.0.1"] = MOST_UNDER_WAY

    _says_when_to_come_again(caller.hook(body()))


def test_a_head_that_there_is_no_memory_to_read_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_gone", [True])  # or this process would be told to end
    written: list[bytes] = []

    class Transport:
        def is_closing(self) -> bool:
            return False

        def write(self, data: bytes) -> None:
            written.append(data)

        def close(self) -> None:
            """It is closed when all is written."""

    protocol = TimedProtocol.__new__(TimedProtocol)
    protocol.transport = cast("asyncio.Transport", Transport())
    try:
        try:
            _without_memory()
        except MemoryError:
            raise ValueError  # noqa: B904 - as the parser does
    except ValueError:
        protocol.send_400_response("")

    head, _, said = b"".join(written).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    assert status.startswith("HTTP/1.1 503 ")
    _says_when_to_come_again(httpx.Response(503, headers=headers, content=said))
