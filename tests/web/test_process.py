"""The service as a process: it starts, answers, stops in order, and says what is wrong."""

import concurrent.futures
import contextlib
import json
import re
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cds.errors import UsageError
from cds.store.locked import locked
from cds.web.server import Order, configuration
from tests.web.processes import Running, free_port

Json = dict[str, Any]


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    """One demonstration for the tests that leave it as it was; it ends in order."""
    server = Running("--demo")
    yield server
    assert server.stop() == 0


def _post(url: str, body: Json) -> httpx.Response:
    return httpx.post(f"{url}/cds-services/cramps-{body['hook']}", json=body, timeout=10)


def test_the_demonstration_answers(demo: Any, body: Any) -> None:
    answer = _post(demo.url, body())
    documents = httpx.get(f"{demo.url}/openapi.json")
    page = httpx.get(f"{demo.url}/docs")

    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert documents.json()["openapi"].startswith("3.")
    assert page.headers["content-type"].startswith("text/html")
    assert httpx.get(f"{demo.url}/readyz").json()["log"] == "whole"
    assert "server" not in answer.headers
    assert demo.lines[0].startswith(f"Serving on {demo.url}/cds-services ")
    assert all(json.loads(line) for line in demo.lines if line.startswith("{"))


def test_a_demonstration_waits_for_its_log_and_answers_alike(
    running: Any, body: Any, tmp_path: Path
) -> None:
    """Under load as at rest: a mark on some of its answers would look like a fault."""
    usual = {"CRAMP_CDS_LIMITS__STORE_MS": "120", "TMPDIR": str(tmp_path)}
    server = running("--demo", environment=usual)
    sent = body()
    at_rest = _post(server.url, sent)
    (log,) = tmp_path.glob("cramp-cds-demo-*/decisions.db")

    later = {**sent, "hookInstance": str(uuid.uuid4())}
    with (
        concurrent.futures.ThreadPoolExecutor(1) as pool,
        contextlib.closing(sqlite3.connect(log, isolation_level=None)) as held,
        locked(Path(f"{log}.spool"), 1.0),
    ):
        held.execute("BEGIN EXCLUSIVE")
        call = pool.submit(_post, server.url, later)
        time.sleep(0.6)  # five times what a hospital waits
        held.execute("ROLLBACK")
        under_load = call.result()

    assert [_without_id(card) for card in under_load.json()["cards"]] == [
        _without_id(card) for card in at_rest.json()["cards"]
    ]
    assert server.stop() == 0


def _without_id(card: Json) -> Json:
    """What a reader sees of a card: its id is its call's own."""
    return {key: card[key] for key in ("summary", "detail", "indicator", "source")}


def test_a_log_line_holds_nothing_of_the_patient(demo: Any, body: Any) -> None:  # threats 9, 16, 19
    sent = body()
    sent["context"]["userId"] = "Practitioner/marker-user"
    sent["prefetch"]["patient"]["name"] = [{"family": "marker-name\n{}"}]
    _post(demo.url, sent)
    httpx.get(f"{demo.url}/cds-services/marker-path?x=marker-query")
    httpx.get(f"{demo.url}/livez")
    until = time.monotonic() + 10
    while not any('"/livez"' in line for line in demo.lines) and time.monotonic() < until:
        time.sleep(0.02)

    written = "\n".join(demo.lines)
    assert '"/livez"' in written

    assert '"event": "request"' in written
    assert "marker" not in written
    assert sent["context"]["patientId"] not in written


def test_an_answer_under_way_is_finished_before_the_end(
    running: Any, body: Any, ehr: Any, tmp_path: Path
) -> None:
    def late(_: str) -> tuple[int, Json, bytes]:
        time.sleep(0.4)
        return 500, {}, b""

    ehr.answer = late
    path = tmp_path / "site.toml"
    path.write_text(
        "[server]\nmetrics_port = 0\n[auth]\nrequired = false\n[store]\nenabled = false\n"
        f'[limits]\nehr_budget_ms = 2000\n[[client]]\nname = "e"\nfhir_base = "{ehr.base}"\n'
    )
    server = running("--config", str(path))
    sent = body(fhirServer=ehr.base)
    del sent["prefetch"]["labs"]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        under_way = pool.submit(_post, server.url, sent)
        while not ehr.asked:
            time.sleep(0.02)
        code = server.stop()

    assert under_way.result().status_code == 200
    assert code == 0


@pytest.mark.parametrize(
    "config", ["[server]\nprot = 1\n", "[auth]\nalgorithms = ['HS256']\n", None]
)
def test_a_faulty_configuration_is_an_error_of_usage(tmp_path: Path, config: str | None) -> None:
    path = tmp_path / "site.toml"
    if config is not None:
        path.write_text(config)

    with pytest.raises(UsageError):
        configuration(Order(config=str(path)), {})


@pytest.mark.slow
def test_a_faulty_configuration_ends_the_start(run: Any, tmp_path: Path) -> None:
    ended = run("serve", "--config", str(tmp_path / "none.toml"))

    assert ended.returncode == 2
    assert b"Traceback" not in ended.stderr


def test_27_a_corrupt_pack_is_not_served(run: Any, tmp_path: Path, repository: Path) -> None:
    folder = tmp_path / "packs" / "cramps"
    folder.mkdir(parents=True)
    for path in (repository / "questionnaires" / "cramps").glob("*.*"):
        folder.joinpath(path.name).write_bytes(path.read_bytes())
    rules = folder / "rules.toml"
    rules.write_text(re.sub(r"(?m)^level ", "levle ", rules.read_text(), count=1))

    ended = run("serve", "--demo", "--port", "0", "--packs", str(folder.parent))

    assert ended.returncode == 3
    assert b"rules.toml" in ended.stderr


@pytest.mark.slow
def test_22_a_connection_that_says_nothing_is_closed(running: Any) -> None:
    """Slowloris: half a head, and then a byte now and again."""
    server = running("--demo")
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as half:
        half.sendall(b"POST /cds-services HTTP/1.1\r\nhost: x\r\n")
        with socket.create_connection((host, int(port)), timeout=15) as bad:
            bad.sendall(b"GARBAGE\r\n\r\n")
            assert b"400 Bad Request" in bad.recv(4096)
        assert httpx.get(f"{server.url}/livez").status_code == 200
        began = time.monotonic()
        assert half.recv(4096) == b""
        assert time.monotonic() - began < 12


@pytest.mark.slow
def test_22_a_body_that_never_ends_is_given_up(demo: Any) -> None:
    host, _, port = demo.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as slow:
        slow.sendall(
            b"POST /cds-services/cramps-patient-view HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        )
        assert b"408" in slow.recv(4096)


def test_call_draws_the_card_of_a_running_service(demo: Any, run: Any) -> None:
    drawn = run("call", "cramps", "--hook", "patient-view", "--url", demo.url)
    unread = run("call", "cramps", "--drop", "responses", "--url", demo.url)

    assert drawn.returncode == 0
    assert b"CRITICAL" in drawn.stdout
    assert unread.returncode == 0
    assert b"not assessed" in unread.stdout


def test_call_says_when_no_service_answers(run: Any) -> None:
    ended = run("call", "cramps", "--url", f"http://127.0.0.1:{free_port()}")

    assert ended.returncode == 3
    assert b"serve --demo" in ended.stderr


def test_sample_hook_prints_the_same_body_each_time(run: Any) -> None:
    first = run("sample", "hook", "--hook", "order-sign", "--scenario", "no-urine")
    second = run("sample", "hook", "--hook", "order-sign", "--scenario", "no-urine")

    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["hook"] == "order-sign"
    assert uuid.UUID(json.loads(first.stdout)["hookInstance"]).version == 5
