"""Signatures: checked beside the event loop, and those of a stranger never before all others."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt
import pytest

from cds.web.operating.used import OnceInMemory
from cds.web.refusals import UnauthorizedError
from cds.web.settings import Client, Config
from cds.web.trust import auth
from cds.web.trust.auth import FAILED_PER_MINUTE, Claimed, Door
from cds.web.trust.keys import Keys

SOON = datetime.now(UTC) + timedelta(minutes=5)
MANY = 60


def _door() -> Door:
    def clock() -> datetime:
        return datetime.now(UTC)

    return Door(Config(), Keys(Config(), time.monotonic), OnceInMemory(), clock)


def _claimed(token: str) -> Claimed:
    return Claimed(Client(name="ehr"), token, cast("jwt.PyJWK", None), token, SOON)


async def _emptied(door: Door, peer: str) -> None:
    for _ in range(FAILED_PER_MINUTE + 1):
        with pytest.raises(UnauthorizedError):
            await door.prove(_claimed("bad"), peer)


def test_a_signature_is_checked_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[threading.Thread] = []

    def holds(*_: Any) -> bool:
        where.append(threading.current_thread())
        return True

    monkeypatch.setattr(auth, "signature_holds", holds)
    asyncio.run(_door().prove(_claimed("good"), "10.0.0.1"))

    assert where
    assert threading.main_thread() not in where


def test_who_failed_often_has_two_checked_at_a_time_and_holds_no_other_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    def holds(signed: str, _: Any) -> bool:
        if signed != "bad":
            order.append(signed)
            time.sleep(0.002)
        return signed != "bad"

    monkeypatch.setattr(auth, "signature_holds", holds)

    async def both() -> None:
        door = _door()
        await _emptied(door, "10.0.0.1")
        many = [
            asyncio.create_task(door.prove(_claimed("stranger"), "10.0.0.1")) for _ in range(MANY)
        ]
        await asyncio.sleep(0)  # all of them have begun to wait
        await door.prove(_claimed("hospital"), "10.0.0.2")
        await asyncio.gather(*many)  # and none is refused for what came before

    asyncio.run(both())

    assert order.index("hospital") <= 4  # two under way, and two that were next
    assert len(order) == MANY + 1
