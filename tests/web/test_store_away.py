"""The service while its disk is full, or its database is gone and comes back."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from cds.store.model import Verified
from cds.store.verify import verify
from cds.web.settings import CardSettings, StoreSettings

CALM, ALARMING = "everyday-night-cramp", "no-urine"


def _fill(folder: Path) -> Path:
    """Take what room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096) == 4096:
                pass
        except OSError:
            return ballast
    return ballast


def test_with_a_full_disk_only_an_emergency_is_answered_and_nothing_is_lost(
    serve: Any, body: Any, small_disk: Path
) -> None:
    caller = serve(
        store=StoreSettings(url=f"sqlite:///{small_disk}/decisions.db"),
        cards=CardSettings(not_assessed="412"),
    )
    kept = body(CALM)
    first = caller.hook(kept)
    ballast = _fill(small_disk)

    calm, alarming = caller.hook(body(CALM)), caller.hook(body(ALARMING))

    assert first.status_code == 200
    assert calm.status_code == 503
    assert int(calm.headers["retry-after"]) > 0
    assert calm.json()["issue"][0]["code"] == "transient"
    assert alarming.status_code == 200
    assert alarming.json()["cards"][0]["indicator"] == "critical"
    assert caller.get("/readyz").status_code == 503
    ballast.unlink()
    asyncio.run(caller.service.ledger.look())
    assert caller.hook(body(CALM)).status_code == 200
    assert caller.hook(kept).content == first.content
    log = caller.service.ledger.open()
    assert log.head().sequence == 2
    assert isinstance(verify(log), Verified)


def _decided(caller: Any, sent: Any) -> bytes:
    answer = caller.hook(sent)
    assert answer.status_code == 200
    content: bytes = answer.content
    return content


@pytest.mark.slow
def test_while_postgresql_is_gone_answers_go_on_and_are_in_the_log_when_it_is_back(
    serve: Any, body: Any, cluster: Any, tmp_path: Path
) -> None:
    url = cluster.url(cluster.database())
    caller = serve(store=StoreSettings(url=url, spool=str(tmp_path / "spool")))
    before, during, after = (body(ALARMING) for _ in range(3))
    answered = [_decided(caller, before)]
    cluster.stop(signal.SIGQUIT)
    try:
        answered.append(_decided(caller, during))
        gone = caller.get("/readyz")
    finally:
        cluster.start()
    asyncio.run(caller.service.ledger.look())
    spool = caller.service.ledger._spool
    answered.append(_decided(caller, after))

    assert gone.status_code == 503
    assert caller.get("/readyz").status_code == 200
    assert not spool.waiting()
    assert [_decided(caller, one) for one in (before, during, after)] == answered
    log = caller.service.ledger.open()
    assert [entry.hook_instance for entry, _ in log.entries()] == [
        one["hookInstance"] for one in (before, during, after)
    ]
    assert isinstance(verify(log), Verified)
