"""Output that nobody reads, parents that are gone, signals, overload, little memory."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cds.web.refusals import RETRY_S, SECURITY
from tests.failures.site import Json, Service, anew, port_of, shown_in_time
from tests.web.processes import free_port

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
NO_STORE = {"enabled": False}
USUAL = {name.decode(): value.decode() for name, value in SECURITY}


def test_a_pipe_that_nobody_reads_stops_no_answer(started: Start, emergency: Json) -> None:
    near, far = os.pipe()
    try:
        # Named pipes hold 64 kB: it is full after some 200 requests.
        service = started(wait=False, store=NO_STORE, popen={"stderr": far})
        read = b""
        while b'"ready"' not in read:
            read += os.read(near, 65536)
        port = next(
            said["port"]
            for said in map(json.loads, filter(lambda one: one[:1] == b"{", read.splitlines()))
            if said["event"] == "listening"
        )
        service.url = f"http://127.0.0.1:{port}"
        for _ in range(400):
            assert service.get("/livez").status_code == 200
        shown_in_time(service, emergency)
        assert service.stop() == 0
    finally:
        os.close(near)
        os.close(far)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(b"\0" * 512):
                pass
        except OSError:
            return


def test_a_full_disk_behind_the_log_lines_stops_no_answer(
    started: Start, emergency: Json, small_disk: Path
) -> None:
    port = free_port()
    with (small_disk / "stderr").open("wb") as said:
        service = started(
            wait=False, store=NO_STORE, server={"metrics_port": port}, popen={"stderr": said}
        )
        service.stderr = small_disk / "stderr"
        service.wait()
        _fill(small_disk)
        for _ in range(100):
            assert service.get("/livez").status_code == 200
        shown_in_time(service, emergency)

        def dropped() -> bool:
            text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            counted = [line for line in text.splitlines() if "lines_dropped_total " in line]
            return float(counted[-1].rpartition(" ")[2]) > 0

        service.until(dropped)


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            if int(text.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def test_workers_end_with_the_process_that_started_them(started: Start) -> None:
    service = started("--workers", "2", store=NO_STORE)
    workers = _workers(service)
    service.process.kill()
    service.process.wait()

    service.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 15)


def test_the_last_lines_of_workers_are_written(started: Start, emergency: Json) -> None:
    service = started("--workers", "2", store=NO_STORE)
    service.until(lambda: len(service.events("ready")) == 2)
    assert service.post(anew(emergency)).status_code == 200
    assert service.stop() == 0

    assert len(service.events("stopped")) == 2
    assert len(service.events("request")) == 1


def test_sighup_takes_up_the_log_level_and_the_keys_and_ends_nothing(
    started: Start, emergency: Json
) -> None:
    service = started(store=NO_STORE)
    config = service.stderr.with_suffix(".toml")
    assert service.post(emergency).status_code == 200
    service.until(lambda: bool(service.events("request")))
    config.write_text(config.read_text().replace("[server]", '[server]\nlog_level = "warning"'))

    service.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    before = len(service.events("request"))
    for _ in range(5):
        assert service.post(anew(emergency)).status_code == 200
    time.sleep(0.3)

    assert len(service.events("request")) == before
    assert service.stop() == 0


def test_sighup_replaces_workers_one_by_one(started: Start) -> None:
    service = started("--workers", "2", store=NO_STORE)
    before = _workers(service)

    service.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 120  # two starts, on a busy machine
    while before & _workers(service):
        assert time.monotonic() < until
        with httpx.Client(timeout=10) as http:
            assert http.get(f"{service.url}/livez").status_code == 200

    assert service.stop() == 0


def _workers(service: Service) -> set[int]:
    children = _children(service.process.pid)
    return {pid for pid in children if b"resource_tracker" not in _command(pid)}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_more_connections_than_there_is_room_for_are_told_so(
    started: Start, emergency: Json
) -> None:
    limited = ["prlimit", "--nofile=300:300"]
    service = started(store=NO_STORE, popen={"before": limited})
    with ExitStack() as stack:
        held = []
        for _ in range(180):
            one = socket.create_connection(("127.0.0.1", port_of(service.url)), timeout=10)
            held.append(stack.enter_context(one))
        last = held[-1]
        last.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = _answer(last)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == str(RETRY_S)
    assert {name: answer.headers.get(name) for name in USUAL} == USUAL
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0]["code"] == "transient"
    assert service.post(emergency).status_code == 200


def _answer(one: socket.socket) -> httpx.Response:
    """What is said on a connection before it ends."""
    said = b"".join(iter(lambda: one.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


def test_a_reader_of_the_counters_that_says_nothing_holds_nobody_up(started: Start) -> None:
    port = free_port()
    service = started(store=NO_STORE, server={"metrics_port": port})
    threads = Path(f"/proc/{service.process.pid}/task")
    before = len(list(threads.iterdir()))
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        time.sleep(0.5)
        assert len(list(threads.iterdir())) - before < 15
        time.sleep(5.5)
        assert httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).status_code == 200


@pytest.mark.parametrize("mib", [120, 150, 200, 260, 900])
def test_with_little_memory_it_says_so_at_the_start_or_answers_emergencies(
    started: Start, emergency: Json, mib: int
) -> None:
    limited = ["prlimit", f"--as={mib * 2**20}"]
    service = started(store=NO_STORE, popen={"before": limited}, wait=False)
    service.until(lambda: bool(service.events("ready")) or service.process.poll() is not None, 60)
    if service.process.poll() is not None:
        assert service.process.returncode == 2
        assert "at least 64 are needed" in service.stderr.read_text()
        return
    service.wait()
    filler = [{"resourceType": "Basic", "id": f"b{number}"} for number in range(60_000)]
    many = {"procedures": {"resourceType": "Bundle", "entry": filler}}
    big = {**emergency, "prefetch": {**emergency["prefetch"], **many}}

    assert {service.post(anew(big)).status_code for _ in range(6)} <= {200, 503}
    assert service.post(anew(emergency)).json()["cards"][0]["indicator"] == "critical"
    assert service.stop() == 0


def test_a_request_without_a_host_is_refused(started: Start) -> None:
    service = started(store=NO_STORE)
    with socket.create_connection(("127.0.0.1", port_of(service.url)), timeout=10) as one:
        one.sendall(b"GET /cds-services HTTP/1.1\r\n\r\n")
        answer = _answer(one)

    assert answer.status_code == 400
    assert {name: answer.headers.get(name) for name in USUAL} == USUAL
    assert answer.json()["issue"][0]["diagnostics"] == "host"
    assert service.get("/livez").status_code == 200


def test_a_full_disk_of_temporary_files_ends_no_worker(
    started: Start, emergency: Json, small_disk: Path
) -> None:
    """The workers map their counters from there: a page without room would end them, for good."""
    port, elsewhere = free_port(), {"TMPDIR": str(small_disk)}
    tables = {"store": NO_STORE, "server": {"metrics_port": port}}
    service = started("--workers", "2", popen={"env": elsewhere}, **tables)
    before = _workers(service)
    assert not service.events("metrics off")
    _fill(small_disk)
    for path in ("/", "/cds-services", "/fhir/metadata", "/readyz", "/nowhere"):
        service.get(path)
    shown_in_time(service, emergency)
    assert _workers(service) == before

    # One that begins there, as after a reload, answers without counters.
    service.process.send_signal(signal.SIGHUP)
    service.until(lambda: not before & _workers(service), 120)
    shown_in_time(service, emergency)
    assert service.events("metrics off")
    assert service.stop() == 0
