"""What is kept from call to call is the pack's own, never a patient's."""

import asyncio
import gc
import json
from typing import Any

import pytest

from cds.web.cards.stationery import MOST_KEPT, stationery
from tests.web.caller import PUBLIC


def test_what_a_record_says_is_on_the_card_and_is_not_kept(
    serve: Any, body: Any, pack: Any
) -> None:
    kept = stationery(pack, PUBLIC).bullets
    kept.clear()
    sent = body("potassium-critical")
    (lab,) = [one["resource"] for one in sent["prefetch"]["labs"]["entry"]]

    shown = serve().hook(sent).json()["cards"][0]["detail"].replace("\\", "")

    assert lab["id"] in shown
    assert not any(lab["id"] in bullet for bullet in kept.values())
    assert not any(reason.evidence for _, reasons in kept for reason in reasons)


def test_a_bullet_of_answers_is_kept_and_the_same_the_next_time(
    serve: Any, body: Any, pack: Any
) -> None:
    kept = stationery(pack, PUBLIC).bullets
    kept.clear()
    caller = serve()
    sent = body("no-urine")

    first = caller.hook(sent).json()
    then = dict(kept)
    second = caller.hook(sent).json()

    assert first == second
    assert then
    assert kept == then
    assert all(bullet in first["cards"][0]["detail"] for bullet in then.values())


def test_no_more_bullets_are_kept_than_the_bound(pack: Any) -> None:
    printed = stationery(pack, "https://bound.example.org")

    for number in range(MOST_KEPT + 1):
        printed.keep((str(number), ()), "a bullet")

    assert len(printed.bullets) == 1


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
