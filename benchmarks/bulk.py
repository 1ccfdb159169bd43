"""Many responses: made up, decided on by two workers, beside other ways to the same; memory.

`python benchmarks/bulk.py [COUNT]`: 5,000 patients if not said. Figures of one run, side by side;
the start of each process is taken off. A side that is not installed is told: carebundle and Spark
may live in environments of their own (`--carebundle-python`, `--spark-python`; the latter needs
what this package needs, pyspark, pyarrow, pandas and fhir.resources).
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks.peers.earlier import before  # noqa: E402
from cds import wire  # noqa: E402
from cds.flows.assess import installed  # noqa: E402
from cds.flows.bulk.decide import Decider, Lines, Options, Where  # noqa: E402
from cds.flows.synthetic.exported import write_bulk_data  # noqa: E402
from cds.flows.synthetic.plan import plan_of  # noqa: E402
from cds.flows.synthetic.population import Population  # noqa: E402
from cds.flows.synthetic.samples import scenarios_of  # noqa: E402
from cds.knowledge.read.pack import pack_folders  # noqa: E402

Json = dict[str, Any]
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
WORKERS, ROUNDS = 2, 3


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory of bulk.")
    parser.add_argument("count", nargs="?", type=int, default=5_000)
    parser.add_argument("--spark-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--carebundle-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--verbose", action="store_true", help="show what the other sides say")
    return parser.parse_args()


GIVEN = _given()
COUNT = GIVEN.count
FEW = max(COUNT // 10, 100)  # for a side that is forty times slower


def population() -> Population:
    """The messy population of the first pack that has one."""
    folders = pack_folders()
    for pack in installed().packs:
        scenarios = scenarios_of(folders[pack.id], pack)
        plan = plan_of(folders[pack.id], pack, scenarios)
        if plan is not None:
            return Population(pack, scenarios, plan, plan.mix("messy"), 7)
    message = "no installed pack has a population.toml"
    raise SystemExit(message)


class Cost(NamedTuple):
    """What a run cost: seconds by the clock, CPU seconds of all its processes without their start.

    `parent`: the part of the parent in the latter; `memory`: the peak MB of a worker.
    """

    wall: float
    cpu: float
    parent: float
    memory: float


def bulk(source: Path, out: Path, *more: str) -> Cost:
    """One run of the command."""
    earlier_use = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["bulk", str(source), "-o", str(out), "--jobs", str(WORKERS), "--now", NOW.isoformat()]
    start = time.perf_counter()
    command = [sys.executable, str(ROOT / "cli.py"), *words, *more]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    with watched(run.pid) as peaks:
        run.wait()
    taken = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    every = after.ru_utime + after.ru_stime - earlier_use.ru_utime - earlier_use.ru_stime
    parent = max(peaks.get("parent", 0.0) - _start(), 0.0)
    cpu = max(every - _start() * (1 + WORKERS), 0.01)
    return Cost(taken, cpu, parent / cpu, peaks.get("worker", 0.0))


@cache
def _start() -> float:
    """CPU seconds until a process has the packs: each pays them once, however much there is."""
    code = "from cds.flows.assess import installed; import cds.commands.bulk_run; installed()"
    return min(cpu_of([sys.executable, "-c", code], PYTHONPATH=str(ROOT)) for _ in range(3))


@contextmanager
def watched(pid: int) -> Iterator[dict[str, float]]:
    """Look at a run and its workers now and then: CPU seconds of the one, memory of the others."""
    peaks: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*"):
                try:
                    stat = (path / "stat").read_text().rpartition(")")[2].split()
                    if path.name == str(pid):
                        peaks["parent"] = (int(stat[11]) + int(stat[12])) / 100
                    elif int(stat[1]) == pid:
                        status = (path / "status").read_text()
                        peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
                        peaks["worker"] = max(peaks.get("worker", 0.0), peak)
                except (OSError, ValueError, IndexError):
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def in_memory(lines: list[bytes]) -> float:
    """CPU seconds of one core for the decision on each line, already read."""
    decider = Decider(installed(), Options(NOW))
    out = Lines()
    start = time.process_time()
    for number, line in enumerate(lines, 1):
        decider.decide(line, None, Where("memory", number), out)
    return time.process_time() - start


def generator(folder: Path) -> Path:
    """Make the population, and say what that costs beside carebundle where it is installed."""
    start = time.process_time()
    manifest = write_bulk_data(population(), COUNT, folder / "pop")
    making = time.process_time() - start
    resources = sum(entry["count"] for entry in manifest["output"])
    row("made up, one core", COUNT / making, f"patients/s of {resources / COUNT:.1f} (1,000 of 12)")
    python = GIVEN.carebundle_python
    if not found(python, "carebundle"):
        missing("carebundle", "carebundle is not installed: --carebundle-python")
        return folder / "pop"
    many, one = (_carebundle(python, count, folder / f"care{count}") for count in (200, 1))
    theirs = 199 / max(many - one, 0.01)
    row("carebundle, one core", theirs, "patients/s")
    row("ours beside it", COUNT / making / theirs, "times  (10)")
    return folder / "pop"


def _carebundle(python: str, count: int, out: Path) -> float:
    code = "import sys; from carebundle.cli import run; sys.exit(run())"
    words = ["generate", "--profile", "mixed", "--format", "ndjson", "--count", str(count)]
    return cpu_of([python, "-c", code, *words, "--out", str(out)])


def cpu_of(command: list[str], **environment: str) -> float:
    """CPU seconds of a process, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def side(python: str, home: Path, *words: object) -> Json:
    """What one of the other sides says of itself."""
    script = ROOT / "benchmarks" / "peers" / "bulk_sides.py"
    done = subprocess.run(
        [python, str(script), *map(str, words)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=None if GIVEN.verbose else subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    told: Json = json.loads(done.stdout.splitlines()[-1])
    return told


def found(python: str, package: str) -> bool:
    """Whether that Python has a package."""
    done = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False)
    return done.returncode == 0


def earlier(responses: Path, folder: Path, one: float) -> None:
    """Version 0.1.0 on the same answers, given to the form as it was then."""
    home = before(ROOT, folder / "before")
    if home is None:
        missing("version 0.1.0", "its history is not there")
        return
    old = folder / "old.ndjson"
    old.write_bytes(re.sub(rb'("questionnaire":"[^"|]*)\|[^"]*', rb"\1", responses.read_bytes()))
    told = side(sys.executable, home, "before", old, folder / "old.out")
    theirs = COUNT / told["cpu"]
    row("version 0.1.0, one core", theirs, f"responses/s, {told['valid']:,} without a fault")
    row("ours beside it", one / theirs, "times  (4)")


def on_spark(pop: Path, folder: Path, local: Cost, joined: Cost) -> None:
    """The ways on Spark, as a part of what two workers do here: by CPU, and by the clock."""
    python = GIVEN.spark_python
    if not found(python, "pyspark, pyarrow, pandas"):
        missing("Spark", "pyspark, pyarrow or pandas is not installed: --spark-python")
        return
    responses = pop / "QuestionnaireResponse.ndjson"
    few = folder / "few.ndjson"
    few.write_bytes(b"\n".join(responses.read_bytes().splitlines()[:FEW]) + b"\n")
    told = side(python, ROOT, "spark", responses, pop, folder / "spark", few)
    for name, what, count, beside in (
        ("parts", "Spark, byte ranges handed out", COUNT, local),
        ("frame", "Spark, mapInArrow to Parquet", COUNT, local),
        ("models", "Spark with fhir.resources", FEW, local),
        ("parts-joined", "Spark, byte ranges, with the record", COUNT, joined),
        ("cogrouped", "Spark, our cogroup, with the record", COUNT, joined),
        ("join", "Spark's own join", COUNT, joined),
    ):
        cost = told[name]
        row(what, count / cost["wall"], f"responses/s; {count / cost['cpu']:,.0f} a CPU second")
        part = beside.cpu / COUNT / (cost["cpu"] / count)
        clock = beside.wall / COUNT / (cost["wall"] / count)
        row("  of what we do here", part * 100, f"% by CPU, {clock * 100:.1f} % by the clock")
        row("  ours beside it", 1 / part, f"times by CPU, {1 / clock:.1f} by the clock")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pop = generator(folder)
        responses = pop / "QuestionnaireResponse.ndjson"
        lines = responses.read_bytes().splitlines()
        in_memory(lines[:200])
        alone = bulk(responses, folder / "alone")
        one = min(in_memory(lines) for _ in range(ROUNDS))
        again = bulk(responses, folder / "again")
        local = min(alone, again, key=lambda cost: cost.cpu)
        row("one core in memory", COUNT / one, "responses a CPU second")
        row(f"{WORKERS} workers, files in and out", COUNT / local.wall, "responses/s by the clock")
        row("  without their start", COUNT / local.cpu, "responses a CPU second, all processes")
        row("  of one core in memory", one / local.cpu * 100, "%  (92)")
        row("  the parent's part of the CPU", local.parent * 100, "%  (2)")
        row("  a worker at most", local.memory, "MB  (60)")
        earlier(responses, folder, COUNT / one)
        joined = bulk(pop, folder / "joined")
        row("with the record beside them", COUNT / joined.wall, "responses/s by the clock")
        row("  without their start", COUNT / joined.cpu, "responses a CPU second, all processes")
        row("  a worker at most", joined.memory, "MB  (60)")
        if find_spec("duckdb") is not None:
            table = bulk(pop, folder / "table", "--table", "parquet")
            row("the table as Parquet", max(table.cpu - joined.cpu, 0), "CPU seconds more")
            row("  a worker at most", table.memory, "MB  (250)")
        on_spark(pop, folder, local, joined)
        assert wire.read((folder / "joined" / "summary.json").read_bytes())["decided"] == COUNT


def row(what: str, value: float, unit: str) -> None:
    """One line of the table."""
    print(f"  {what:<36}{value:>12,.1f} {unit}", flush=True)


def missing(what: str, why: str) -> None:
    """A side that is not there."""
    print(f"  {what:<36}{'-':>12} {why}", flush=True)


if __name__ == "__main__":
    main()
