"""Calls to an EHR that change something there, and what a token allows."""

from collections.abc import Mapping
from typing import NamedTuple

import httpx

from cds.web.trust.ehr import in_scope
from cds.web.trust.outbound import OutboundError

MAX_ANSWER_BYTES = 262_144


class ServerAnswer(NamedTuple):
    """What was answered; `location` is empty where there is none."""

    status: int
    location: str
    body: bytes


async def send(
    http: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> ServerAnswer:
    """One request on a way out that is closed behind it.

    Raises:
        OutboundError: not reached, or more than is read.
    """
    try:
        async with (
            http,
            http.stream(method, url, headers=dict(headers), content=body) as answer,
        ):
            found = bytearray()
            async for part in answer.aiter_bytes():
                found += part
                if len(found) > MAX_ANSWER_BYTES:
                    raise OutboundError("too-long")
            where = answer.headers.get("location", "")
            return ServerAnswer(answer.status_code, where, bytes(found))
    except (httpx.HTTPError, OSError) as error:
        raise OutboundError("not-reached") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise OutboundError("not-understood") from error


def may_create(scope: str, kind: str, right: str = "c") -> bool:
    """Whether a token of this scope may create (`u`: update) this type; v1 and v2 spelling."""
    return in_scope(scope, kind, "write", right)
