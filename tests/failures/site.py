"""A whole service in processes of its own, its site file, and what is asked of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from cds.web.cards.unrecorded import NOT_RECORDED
from tests.web.processes import ROOT

Json = dict[str, Any]
SERVE = (sys.executable, "cli.py", "serve", "--port", "0")  # in the folder of the build
BUDGET_S = 0.5  # an emergency card, whatever fails around the service
HOOK = "/cds-services/cramps-patient-view"
# Another build, to see that a rig fails on it: the folder that holds its cli.py.
BUILD = Path(os.environ.get("FAILURES_BUILD", ROOT))
# Where nothing hangs: on a busy machine the log may take its time. Version 0.1.0 has no such limit.
PATIENT = {"store_ms": 5000} if (BUILD / "tests" / "failures").exists() else {}


def site(folder: Path, **tables: Any) -> Path:
    """A site file: no tokens, no limit a minute, no metrics, unless it is said otherwise."""
    clients = tables.pop("clients", ())
    whole: dict[str, dict[str, Any]] = {
        "server": {"metrics_port": 0},
        "auth": {"required": False},
        "limits": {"requests_per_minute": 0},
    }
    for name, table in tables.items():
        whole.setdefault(name, {}).update(table)
    parts = [f"[{name}]\n{_lines(table)}" for name, table in whole.items()]
    parts += [f"[[client]]\n{_lines(client)}" for client in clients]
    path = folder / "site.toml"
    path.write_text("\n".join(parts))
    return path


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


class Service:
    """One `serve` of the build under test."""

    def __init__(self, config: Path, *args: str, **popen: Any) -> None:
        self.stderr = config.with_suffix(".stderr")
        before, environment = popen.pop("before", []), popen.pop("env", {})
        with self.stderr.open("wb") as said:
            self.process = subprocess.Popen(
                [*before, *SERVE, "--config", str(config), *args],
                **{"stderr": said, "stdout": subprocess.DEVNULL, **popen},
                env={**_clean(), **environment},
                cwd=BUILD,
                start_new_session=True,
            )
        self.url = ""
        self.http = httpx.Client(timeout=30)

    def wait(self, seconds: float = 60) -> "Service":
        """Until it answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.url:
            assert self.process.poll() is None, self.stderr.read_text()
            if self.events("ready"):
                self.url = f"http://127.0.0.1:{self.events('listening')[0]['port']}"
            time.sleep(0.05)
        assert self.url, self.stderr.read_text()
        return self

    def said(self) -> list[Json]:
        """Its log lines so far."""
        text = self.stderr.read_text(errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def events(self, name: str) -> list[Json]:
        return [line for line in self.said() if line["event"] == name]

    def post(self, body: Json, **headers: str) -> httpx.Response:
        return self.http.post(
            f"{self.url}/cds-services/cramps-{body['hook']}", json=body, headers=headers
        )

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"{self.url}{path}")

    def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.stderr.read_text()[-3000:]
            time.sleep(0.1)

    def reckoned(self) -> float:
        """Processor time of its first process so far, in seconds."""
        return time.clock_gettime(~self.process.pid << 3 | 2)  # clock_getcpuclockid(3)

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 40) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """The whole group, as a power cut would."""
        self.http.close()
        try:
            os.killpg(self.process.pid, signal.SIGCONT)
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "CRAMP_CDS" not in name}


def anew(body: Json) -> Json:
    """The same request as another call."""
    return {**body, "hookInstance": str(uuid.uuid4())}


def shown_in_time(
    service: Service, body: Json, count: int = 20, *, kept: list[str] | None = None, **headers: str
) -> list[float]:
    """Call so many times; each is answered by a critical card within the budget.

    `kept` gets the hookInstances of the answers that do not say that they were not recorded.
    """
    took = []
    for _ in range(count):
        sent = anew(body)
        began = time.perf_counter()
        answer = service.post(sent, **headers)
        seconds = time.perf_counter() - began
        if kept is not None and NOT_RECORDED not in answer.text:
            kept.append(sent["hookInstance"])
        assert answer.status_code == 200, (answer.status_code, answer.text)
        assert answer.json()["cards"][0]["indicator"] == "critical"
        took.append(seconds)
        assert service.get("/livez").status_code == 200
    assert max(took) < BUDGET_S, took
    return took


@contextmanager
def beside(work: Callable[[], object], threads: int = 1) -> Iterator[None]:
    """Something that goes on meanwhile, over and over."""
    going = [True]

    def again() -> None:
        while going[0]:
            work()

    started = [Thread(target=again, daemon=True) for _ in range(threads)]
    for one in started:
        one.start()
    try:
        yield
    finally:
        going[0] = False
        for one in started:
            one.join(60)


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


class Disk:
    """What lies under the files of a service, which can be made to hang or to fail (`disk.c`)."""

    def __init__(self, library: Path, control: Path) -> None:
        self.environment = {"LD_PRELOAD": str(library), "DISK_FAULT": str(control)}
        self._control = control

    def hang(self, files: str, kinds: str = "orwsln") -> None:
        """Calls of these kinds wait, on every file whose path has this in it."""
        self._say(f"{files} {kinds} 0")

    def fail(self, files: str, error: int, kinds: str = "orwsln") -> None:
        """They fail so (`errno`)."""
        self._say(f"{files} {kinds} {error}")

    def heal(self) -> None:
        """All is well; what hung goes on."""
        self._say("")

    def _say(self, line: str) -> None:
        made = self._control.with_suffix(".new")
        made.write_text(line)
        made.rename(self._control)  # never half of it


class Proxy:
    """TCP to a Unix socket; its packets can be made to vanish."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.vanish = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.vanish:
                    sink.sendall(data)
        except OSError:
            return
        finally:
            # What vanished says nothing, not even goodbye.
            if not self.vanish:
                sink.close()

    def close(self) -> None:
        self._server.close()
        for one in self._open:
            one.close()
