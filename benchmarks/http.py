"""Requests per CPU-second over HTTP: the whole handler, a bare ASGI app, and peers, in one run.

`python benchmarks/http.py [--seconds S] [--rounds N] [--peer-python PATH] [--memory N]`

Each server is a process of its own, driven with the same bytes by the same asyncio client; version
0.1.0, unpacked from the history of the repository, is asked about its own version of the form, and
reads dates slowly on the 29th to the 31st: another day is the one to compare. CPU and memory are
its own (`/proc`), with those of every process that it starts. Of each figure the best round counts:
on a shared machine the others say more about the neighbours. PATH is a Python that has HealthChain
installed, as it comes from PyPI or with httptools and uvloop beside it, on which the others run.
`draining`: with the log on, begun with two thousand entries in the spool.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # last: a package that PYTHONPATH names is what is to be measured

from benchmarks.peers.asked import (  # noqa: E402
    HOOK,
    MARK,
    PACK,
    SCENARIO,
    request_bytes,
    version_in,
)
from benchmarks.peers.earlier import BEFORE, before  # noqa: E402
from benchmarks.peers.servers import BARE, HEALTHCHAIN, decision  # noqa: E402
from benchmarks.peers.spent import cpu_seconds, resident_mib  # noqa: E402
from benchmarks.peers.spooled import Draining, spooled  # noqa: E402
from cds import wire  # noqa: E402
from cds.store.decisions import DecisionLog  # noqa: E402

HOME = Path(wire.__file__).parents[1]
COMPILED = not wire.__file__.endswith(".py")
CONNECTIONS = 8
FIXED_RATE = 200
PEER = "HealthChain"
DECIDED, FROM_VALUES = "bare ASGI app + decision", "the same, read beforehand"
WAITING = 2000


class Server(NamedTuple):
    """How to start one (the port is put in for PORT), the path to call, and its form's version."""

    command: list[str]
    path: str
    version: str = ""

    def on(self, port: int) -> list[str]:
        """How to start it on this port."""
        return [part.replace("PORT", str(port)) for part in self.command]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one server did."""

    per_cpu_second: float
    cpu_us: float
    per_second: float
    p99_ms: float
    resident_mib: float

    def better(self, other: "Measured") -> "Measured":
        """The best of each figure."""
        return Measured(
            max(self.per_cpu_second, other.per_cpu_second),
            min(self.cpu_us, other.cpu_us),
            max(self.per_second, other.per_second),
            min(self.p99_ms, other.p99_ms),
            max(self.resident_mib, other.resident_mib),
        )


async def _call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> int:
    writer.write(data.replace(MARK, str(uuid.uuid4()).encode(), 1))
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head[9:12])


async def drive(port: int, data: bytes, seconds: float, rate: float | None) -> list[float]:
    """Latencies of the calls made in that time, at a fixed rate or as fast as they go."""
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    gap = CONNECTIONS / rate if rate else 0.0

    async def one(offset: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due = time.perf_counter() + offset
        while time.perf_counter() < until:
            if gap:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            began = due if gap else time.perf_counter()
            status = await _call(reader, writer, data)
            if status != 200:  # noqa: PLR2004
                raise SystemExit(f"answered {status}")
            latencies.append(time.perf_counter() - began)
            due += gap
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one(gap * number / CONNECTIONS) for number in range(CONNECTIONS)))
    return latencies


@contextmanager
def server(command: list[str], port: int) -> Iterator[int]:
    """A server on this port; its process id."""
    process = subprocess.Popen(
        command, cwd=HOME, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def measure(one: Server, seconds: float) -> Measured:
    """Drive one server: to warm it, at full speed, and at the fixed rate."""
    port = _free()
    data = request_bytes(one.path, port, one.version)
    with server(one.on(port), port) as pid:
        asyncio.run(drive(port, data, 1.0, None))
        before = cpu_seconds(pid)
        count = len(asyncio.run(drive(port, data, seconds, None)))
        spent = cpu_seconds(pid) - before
        steady = sorted(asyncio.run(drive(port, data, seconds, FIXED_RATE)))
        return Measured(
            per_cpu_second=count / spent,
            per_second=count / seconds,
            cpu_us=spent / count * 1e6,
            p99_ms=steady[int(len(steady) * 0.99)] * 1000,
            resident_mib=resident_mib(pid),
        )


def commands(folder: Path, peers: Sequence[str] = ()) -> Mapping[str, Server]:
    """What is measured, by its name."""
    hook = f"/cds-services/{PACK}-{HOOK}"
    listed = {"bare ASGI app": Server([sys.executable, "-c", BARE, "PORT"], hook)}
    for title, read in ((DECIDED, True), (FROM_VALUES, False)):
        alone = decision(str(HOME), PACK, SCENARIO, read=read)
        listed[title] = Server([sys.executable, "-c", alone, "PORT"], hook)
    builds = {"service": [sys.executable, "-m", "cds"]}
    earlier = before(ROOT, folder / "before")
    if earlier is not None:
        builds[BEFORE] = [sys.executable, str(earlier / "cli.py")]
    for build, start in builds.items():
        for name, enabled in (("log off", "false"), ("log on", "true")):
            path = folder / f"{build}-{enabled}.toml"
            path.write_text(
                "[server]\nmetrics_port = 0\n[auth]\nrequired = false\n"
                "[limits]\nrequests_per_minute = 0\n"
                f'[store]\nenabled = {enabled}\nurl = "sqlite:///{folder}/{build}.db"\n'
            )
            serve = [*start, "serve", "--config", str(path), "--port", "PORT"]
            asked = version_in(earlier) if build == BEFORE and earlier is not None else ""
            listed[f"{build}, {name}"] = Server(serve, hook, asked)
    for peer in peers:
        has = subprocess.run(
            [peer, "-c", "import uvloop, httptools"], capture_output=True, check=False
        )
        title = f"{PEER}, as from PyPI" if has.returncode else f"{PEER} on uvloop, httptools"
        listed[title] = Server([peer, "-c", HEALTHCHAIN, "PORT"], f"/cds{hook}")
    return listed


def draining(folder: Path, seconds: float) -> Draining:
    """What calls meet at the fixed rate while a spool is drained into the log."""
    spool = spooled(folder / "service.db", PACK, WAITING)
    listed = commands(folder)["service, log on"]
    port = _free()
    data = request_bytes(listed.path, port)
    with server(listed.on(port), port):
        # As in `measure`: else it is the first calls of a process that are slow, drain or none.
        asyncio.run(drive(port, data, 1.0, FIXED_RATE))
        with DecisionLog(f"sqlite:///{folder}/service.db") as log:
            before = log.head().sequence
            steady = sorted(asyncio.run(drive(port, data, seconds, FIXED_RATE)))
            moved = log.head().sequence - before - len(steady)
        if not spool.waiting():
            raise SystemExit("the drain had ended before the calls did: measure for less long")
    return Draining(steady[int(len(steady) * 0.99)] * 1000, moved / seconds)


def memory(folder: Path, count: int) -> None:
    """Resident memory over many requests: the slope after the first tenth."""
    listed = commands(folder)["service, log off"]
    port = _free()
    data = request_bytes(listed.path, port)
    points: list[tuple[int, float]] = []
    with server(listed.on(port), port) as pid:
        done = 0
        while done < count:
            done += len(asyncio.run(drive(port, data, 5.0, None)))
            points.append((done, resident_mib(pid)))
    late = [one for one in points if one[0] > count / 10]
    slope = (late[-1][1] - late[0][1]) / max(late[-1][0] - late[0][0], 1) * 100_000
    grown = f"{late[0][1]:.1f} → {late[-1][1]:.1f} MiB"
    print(f"memory over {done:,} requests: {grown}, {slope:+.2f} MiB per 100,000")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def compared(found: Mapping[str, Measured], drained: Draining) -> None:
    """Print the ratios that matter, each with its aim."""
    bare, floor = found["bare ASGI app"], found[DECIDED]
    off, on = found["service, log off"], found["service, log on"]
    print(f"log on ÷ log off, CPU: {on.cpu_us / off.cpu_us:.2f} (at most 1.8)")
    print(f"log on: {on.per_second:.0f} appends/s, each durable")
    print(f"service ÷ (bare + decision): {off.cpu_us / floor.cpu_us:.2f} (at most 2.5)")
    print(f"the same, read beforehand: {off.cpu_us / found[FROM_VALUES].cpu_us:.2f}")
    print(f"p99 service ÷ bare: {off.p99_ms / bare.p99_ms:.2f} (at most 1.5)")
    beside = drained.p99_ms
    print(f"p99 while {WAITING} entries drain ÷ bare: {beside / bare.p99_ms:.2f} (at most 1.5)")
    print(f"the same ÷ log on with nothing to drain: {beside / on.p99_ms:.2f}")
    print(f"drained beside {FIXED_RATE} calls/s: {drained.per_second:.0f} entries/s")
    if f"{BEFORE}, log off" not in found:
        print(f"{BEFORE}: not measured; it is not in the history of this folder")
        return
    was_off, was_on = found[f"{BEFORE}, log off"], found[f"{BEFORE}, log on"]
    print(f"log off ÷ {BEFORE}, CPU: {off.cpu_us / was_off.cpu_us:.2f} (at most 0.75)")
    print(f"log on ÷ log off of {BEFORE}, CPU: {was_on.cpu_us / was_off.cpu_us:.2f}")
    print(f"appends/s ÷ {BEFORE}: {on.per_second / was_on.per_second:.2f} (at least 2)")


def main() -> None:
    """Measure all, print a table and the ratios that matter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    known = os.environ.get("HEALTHCHAIN_PYTHON")
    listed = [known] if known else []
    parser.add_argument("--peer-python", action="append", default=listed, metavar="PATH")
    parser.add_argument("--memory", type=int, default=0, metavar="N")
    given: Any = parser.parse_args()
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as name:
        servers = commands(Path(name), given.peer_python)
        for title, listed_one in [*servers.items()] * given.rounds:
            one = measure(listed_one, given.seconds)
            found[title] = one.better(found.get(title, one))
        for title, one in found.items():
            print(
                f"{title:<30} {one.per_cpu_second:>8.0f} requests/CPU-s  {one.cpu_us:>7.0f} µs CPU"
                f"  {one.per_second:>6.0f}/s at most  p99 {one.p99_ms:>6.2f} ms at {FIXED_RATE}/s"
                f"  {one.resident_mib:>4.0f} MiB"
            )
        if given.memory:
            memory(Path(name), given.memory)
        drained = draining(Path(name), given.seconds)
        for _ in range(given.rounds - 1):
            drained = drained.better(draining(Path(name), given.seconds))
    print(f"The service is {'compiled' if COMPILED else 'interpreted'}.")
    compared(found, drained)
    peers = [title for title in found if title.startswith(PEER)]
    for title in peers:
        times = found["service, log off"].per_cpu_second / found[title].per_cpu_second
        print(f"service ÷ {title}: {times:.2f} (at least 2.4)")
    print("" if peers else f"{PEER}: not measured; give --peer-python a Python that has it")
    print(json.dumps({title: one.per_cpu_second for title, one in found.items()}))


if __name__ == "__main__":
    main()
