"""The service as a process: it starts, stops in order, survives being killed, and is probed."""

import concurrent.futures
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT.parent / "shared" / "tools"
PROBE = TOOLS / "cds-hooks-probe" / "probe.py"
FIXTURES = TOOLS / "cds-hooks-probe" / "fixtures-cramps.json"
Json = dict[str, Any]


class Running:
    """One `serve`, and what it said on stderr."""

    def __init__(self, *args: str, environment: dict[str, str] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if "CRAMP_CDS" not in name}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", *args],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**kept, **(environment or {})},
            cwd=ROOT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.url = ""
        self._ready = threading.Event()
        # A pipe that nobody reads fills up, and then the service would wait for its reader.
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self._ready.wait(30), self.lines

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.lines.append(line)
            said = json.loads(line) if line.startswith("{") else {}
            self.url = str(said.get("url", self.url))
            if said.get("event") == "ready":
                self._ready.set()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self._done()
        return self.process.returncode

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._done()

    def _done(self) -> None:
        self._reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*args: str, **more: Any) -> Running:
        started.append(Running(*args, **more))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()


def _post(url: str, body: Json) -> httpx.Response:
    return httpx.post(f"{url}/cds-services/cramps-{body['hook']}", json=body, timeout=10)


def test_the_demonstration_answers_and_ends_in_order(running: Any, body: Any) -> None:
    server = running("--demo")

    answer = _post(server.url, body())
    documents = httpx.get(f"{server.url}/openapi.json")
    page = httpx.get(f"{server.url}/docs")

    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert documents.json()["openapi"].startswith("3.")
    assert page.headers["content-type"].startswith("text/html")
    assert httpx.get(f"{server.url}/readyz").json()["log"] == "whole"
    assert "server" not in answer.headers
    assert server.stop() == 0
    assert all(json.loads(line) for line in server.lines if line.startswith("{"))


def test_a_log_line_holds_nothing_of_the_patient(
    running: Any, body: Any
) -> None:  # threats 9, 16, 19
    server = running("--demo")
    sent = body()
    sent["context"]["userId"] = "Practitioner/marker-user"
    sent["prefetch"]["patient"]["name"] = [{"family": "marker-name\n{}"}]
    _post(server.url, sent)
    httpx.get(f"{server.url}/cds-services/marker-path?x=marker-query")
    server.stop()

    written = "\n".join(server.lines)

    assert '"event": "request"' in written
    assert "marker" not in written
    assert sent["context"]["patientId"] not in written


def test_an_answer_under_way_is_finished_before_the_end(
    running: Any, body: Any, ehr: Any, tmp_path: Path
) -> None:
    def late(_: str) -> tuple[int, Json, bytes]:
        time.sleep(0.8)
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
    ("config", "code"),
    [("[server]\nprot = 1\n", 2), ("[auth]\nalgorithms = ['HS256']\n", 2), (None, 2)],
)
def test_a_faulty_configuration_ends_the_start(
    run: Any, tmp_path: Path, config: str | None, code: int
) -> None:
    path = tmp_path / "site.toml"
    if config is not None:
        path.write_text(config)

    ended = run("serve", "--config", str(path))

    assert ended.returncode == code
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


def _acknowledged(url: str, body: Any, seconds: float) -> list[tuple[str, bytes]]:
    """Calls until the service is gone; what was answered."""
    answered: list[tuple[str, bytes]] = []
    until = time.monotonic() + seconds
    with httpx.Client(timeout=5) as http:
        while time.monotonic() < until:
            sent = body()
            try:
                answer = http.post(f"{url}/cds-services/cramps-patient-view", json=sent)
            except httpx.HTTPError:
                break
            if answer.status_code == 200:
                answered.append((sent["hookInstance"], answer.content))
    return answered


def _survives(running: Any, body: Any, url: str, tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(
        "[server]\nmetrics_port = 0\n[auth]\nrequired = false\n"
        f'[limits]\nrequests_per_minute = 0\n[store]\nurl = "{url}"\n'
    )
    server = running("--config", str(config), "--workers", "2")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(_acknowledged, server.url, body, 20) for _ in range(4)]
        time.sleep(2.5)
        server.kill()
        answered = [one for call in calls for one in call.result()]

    again = running("--config", str(config), "--workers", "2")
    assert httpx.get(f"{again.url}/readyz").status_code == 200
    assert again.stop() == 0

    assert len(answered) > 20
    with DecisionLog(url) as log:
        found = verify(log)
        held = {entry.hook_instance for entry, _ in log.entries()}
    assert isinstance(found, Verified)
    assert {instance for instance, _ in answered} <= held


@pytest.mark.slow
def test_26_nothing_acknowledged_is_lost_when_two_workers_are_killed(
    running: Any, body: Any, tmp_path: Path
) -> None:
    _survives(running, body, f"sqlite:///{tmp_path}/decisions.db", tmp_path)


@pytest.mark.slow
def test_26_nothing_acknowledged_is_lost_when_two_workers_are_killed_on_postgresql(
    running: Any, body: Any, tmp_path: Path
) -> None:
    module = _cluster_module()
    try:
        cluster = module.Cluster()
    except module.NoPostgres as reason:
        pytest.skip(str(reason))
    try:
        cluster.start()
        _survives(running, body, cluster.url(cluster.database()), tmp_path)
    finally:
        cluster.remove()


def _cluster_module() -> Any:
    """The private cluster of the store's tests; its module lies beside theirs."""
    path = ROOT / "tests" / "store" / "cluster.py"
    spec = importlib.util.spec_from_file_location("store_cluster", path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not PROBE.is_file(), reason="the black-box prober is not beside the checkout")
@pytest.mark.parametrize("signed", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_prober_finds_no_failure(
    running: Any,
    signing: Any,
    tmp_path: Path,
    signed: bool,
) -> None:
    canary = _free_port()
    key = tmp_path / "key.pem"
    key.write_bytes(
        signing.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    config = tmp_path / "site.toml"
    config.write_text(
        f"[server]\nmetrics_port = 0\n[auth]\nrequired = {str(signed).lower()}\n"
        f'[[client]]\nname = "probe"\niss = "https://ehr.example.org"\n'
        f'jwks_file = "{signing.jwks}"\n'
        f'fhir_base = "http://127.0.0.1:{canary}/fhir"\n'
        '[cors]\norigins = ["https://ehr.example.org"]\n[limits]\nrequests_per_minute = 0\n'
        f'[store]\nurl = "sqlite:///{tmp_path}/decisions.db"\n'
    )
    server = running("--config", str(config))
    signature = ["--jwt-key", str(key), "--jwt-kid", "key-1"] if signed else []

    probed = subprocess.run(
        [
            sys.executable,
            str(PROBE),
            server.url,
            *("--fixtures", str(FIXTURES), "--spec", "3.0", "--strict", "-q"),
            *("--canary-port", str(canary)),
            *signature,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert probed.returncode == 0, probed.stdout + probed.stderr
    assert server.stop() == 0


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.slow
def test_22_a_connection_that_says_nothing_is_closed(running: Any) -> None:
    """Slowloris: half a head, and then a byte now and again."""
    import socket  # noqa: PLC0415

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


def test_22_a_body_that_never_ends_is_given_up(running: Any) -> None:
    import socket  # noqa: PLC0415

    server = running("--demo")
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as slow:
        slow.sendall(
            b"POST /cds-services/cramps-patient-view HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        )
        assert b"408" in slow.recv(4096)


def test_call_draws_the_card_of_a_running_service(running: Any, run: Any) -> None:
    server = running("--demo")

    drawn = run("call", "cramps", "--hook", "patient-view", "--url", server.url)
    refused = run("call", "cramps", "--drop", "responses", "--url", server.url)

    assert drawn.returncode == 0
    assert b"CRITICAL" in drawn.stdout
    assert refused.returncode == 1
    assert b"body.prefetch.responses" in refused.stdout


def test_call_says_when_no_service_answers(run: Any) -> None:
    ended = run("call", "cramps", "--url", f"http://127.0.0.1:{_free_port()}")

    assert ended.returncode == 3
    assert b"serve --demo" in ended.stderr


def test_sample_hook_prints_the_same_body_each_time(run: Any) -> None:
    first = run("sample", "hook", "--hook", "order-sign", "--scenario", "no-urine")
    second = run("sample", "hook", "--hook", "order-sign", "--scenario", "no-urine")

    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["hook"] == "order-sign"
    assert uuid.UUID(json.loads(first.stdout)["hookInstance"]).version == 5
