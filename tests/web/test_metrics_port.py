"""The port of the counters is served on, whatever fails on the way."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from cds.web.operating import metrics_port
from cds.web.operating.mapped import COUNTED, SHARED_FOLDER
from cds.web.operating.metrics import Metrics
from cds.web.operating.metrics_port import READERS, serve


@pytest.fixture
def server() -> Iterator[WSGIServer]:
    registry = CollectorRegistry()
    Counter("seen", "Something.", registry=registry)
    made = serve(registry, "127.0.0.1", 0)
    yield made
    made.shutdown()
    made.server_close()


def _read(server: WSGIServer) -> int:
    return httpx.get(f"http://127.0.0.1:{server.server_port}/metrics", timeout=10).status_code


def test_readers_for_whom_there_was_no_thread_leave_their_places_free(
    server: WSGIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: threading.Thread) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none)
        for _ in range(2 * READERS):
            with pytest.raises(httpx.TransportError):
                _read(server)

    assert _read(server) == 200


def test_what_ends_the_serving_begins_it_anew(
    server: WSGIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_port, "_AGAIN_S", 0.01)
    failed = threading.Event()

    def fail() -> None:
        if not failed.is_set():
            failed.set()
            raise OSError

    server.service_actions = fail  # type: ignore[method-assign]  # called at each turn of its loop
    assert failed.wait(10)

    assert _read(server) == 200


def _shown(metrics: Metrics, query: str = "") -> str:
    served = serve(metrics.registry, "127.0.0.1", 0)
    try:
        return httpx.get(f"http://127.0.0.1:{served.server_port}/metrics{query}", timeout=10).text
    finally:
        served.shutdown()
        served.server_close()


@pytest.mark.parametrize("query", ["", "?name[]=cds_cards_total"])
def test_a_reader_is_told_of_all_that_was_counted_until_it_asked(query: str) -> None:
    metrics = Metrics()
    line = 'cds_cards_total{indicator="critical",service="a"}'

    metrics.card("a", "critical")
    assert f"{line} 1.0" in _shown(metrics, query)
    metrics.card("a", "critical")
    metrics.card("a", "critical")

    assert f"{line} 3.0" in _shown(metrics, query)


def test_what_was_counted_is_handed_over_also_when_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cds.web.operating.metrics._HAND_OVER_S", 0.01)
    metrics = Metrics()
    metrics.card("a", "critical")

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(metrics.hand_over_forever(), 0.2))

    told = CollectorRegistry.collect(metrics.registry)  # past the asking
    counts = [one.value for each in told for one in each.samples if one.name == "cds_cards_total"]
    assert counts == [1]


_WORKER = """
from cds.web.operating.mapped import take_room
from cds.web.operating.metrics import Metrics
take_room()
metrics = Metrics()
metrics.request("/", 200, 0.1)
metrics.spool_age(1)
metrics.keys("ehr", 1, failed=True)
"""


def test_the_files_of_the_counters_have_no_holes(tmp_path: Path) -> None:
    """Whoever first wrote a page of one on a full disk would be ended by it."""
    environment = {**os.environ, SHARED_FOLDER: str(tmp_path)}
    subprocess.run([sys.executable, "-c", _WORKER], env=environment, check=True)

    files = [file.stat() for file in tmp_path.iterdir()]
    assert len(files) == len(COUNTED)
    assert all(512 * file.st_blocks >= file.st_size > 0 for file in files)
