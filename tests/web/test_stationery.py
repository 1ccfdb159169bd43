"""What is kept from call to call is the pack's own, never a patient's."""

import asyncio
import gc
import json
from typing import Any

import pytest

from cds.web.cards.stationery import stationery
from tests.web.caller import PUBLIC


def test_what_a_record_says_is_on_the_card_and_is_not_kept(
    serve: Any, body: Any, pack: Any
) -> None:
    sent = body("potassium-critical")
    (lab,) = [one["resource"] for one in sent["prefetch"]["labs"]["entry"]]
    lab["valueQuantity"]["value"] = 6.73

    shown = serve().hook(sent).json()["cards"][0]

    assert "6.73" in shown["summary"]
    assert "6.73" in shown["detail"]
    assert "6.73" not in repr(stationery(pack, PUBLIC))


@pytest.mark.parametrize("scenario", ["no-urine", "potassium-critical", "athlete-heat"])
def test_nothing_of_a_usual_call_waits_for_the_collector(
    serve: Any, body: Any, scenario: str
) -> None:
    caller = serve()
    path = "/cds-services/cramps-patient-view"
    sent = json.dumps(body(scenario)).encode()
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b""}
    scope["headers"] = [(b"content-type", b"application/json")]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent}

    async def send(_: dict[str, Any]) -> None:
        pass

    async def left() -> int:
        await caller.app({**scope}, receive, send)
        gc.collect()
        gc.disable()
        await caller.app({**scope}, receive, send)
        return gc.collect()

    try:
        assert asyncio.run(left()) == 0
    finally:
        gc.enable()
