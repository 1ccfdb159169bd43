"""Many responses: made up, decided on by two workers, beside other ways to the same; memory.

`python benchmarks/bulk.py [COUNT]`: 5,000 patients if not said. Figures of one run, side by side:
as a whole, and beyond what a run of 64 patients costs (its start and its end). A side that is not
installed is told: carebundle and Spark may live in environments of their own
(`--carebundle-python`, `--spark-python`; the latter needs what this package needs, pyspark,
pyarrow, pandas and fhir.resources). `--part` runs one part alone.

One core in memory: `Decider.decide` on lines that are read already, to the lines of its decision
and its row, which is all that a worker does but for its files.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks.peers.costs import Cost, at_once, least, watched  # noqa: E402
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
FIXED = 64  # patients: what their run takes is taken to be start and end
PARTS = ("local", "record", "spark", "spark-record")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory of bulk.")
    parser.add_argument("count", nargs="?", type=int, default=5_000)
    parser.add_argument("--part", choices=PARTS, help="only this; all, if it is not said")
    parser.add_argument("--spark-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--carebundle-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--verbose", action="store_true", help="show what the other sides say")
    return parser.parse_args()


GIVEN = _given()
COUNT = GIVEN.count
# Compiling our own modules anew in each process is no part of what is measured.
AS_INSTALLED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
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


def bulk(source: Path, out: Path, *more: str) -> Cost:
    """One run of the command."""
    earlier_use = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["bulk", str(source), "-o", str(out), "--jobs", str(WORKERS), "--now", NOW.isoformat()]
    start = time.perf_counter()
    command = [sys.executable, str(ROOT / "cli.py"), *words, *more]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=AS_INSTALLED)
    with watched(run.pid) as peaks:
        run.wait()
    taken = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - earlier_use.ru_utime - earlier_use.ru_stime
    return Cost(taken, cpu, peaks.get("parent", 0.0), peaks.get("worker", 0.0))


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
    subprocess.run(command, check=True, capture_output=True, env={**AS_INSTALLED, **environment})
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


def on_spark(which: str, pop: Path, first: Path, folder: Path, beside: Cost) -> None:
    """The ways on Spark, the job alone, as a part of what two workers do here beyond their start.

    `which`: `responses` alone, or with their `record`; `first`: a small population.
    """
    python = GIVEN.spark_python
    if not found(python, "pyspark, pyarrow, pandas"):
        missing("Spark", "pyspark, pyarrow or pandas is not installed: --spark-python")
        return
    responses = pop / "QuestionnaireResponse.ndjson"
    few = folder / "few.ndjson"
    few.write_bytes(b"\n".join(responses.read_bytes().splitlines()[:FEW]) + b"\n")
    told = side(python, ROOT, "spark", which, pop, folder / which, few, first)
    for name, what, count in (
        ("parts", "Spark, byte ranges handed out", COUNT),
        ("frame", "Spark, mapInArrow to Parquet", COUNT),
        ("models", "Spark with fhir.resources", FEW),
        ("parts-joined", "Spark, byte ranges, with the record", COUNT),
        ("cogrouped", "Spark, our cogroup, with the record", COUNT),
        ("join", "Spark's own join, by Arrow", COUNT),
        ("join-pandas", "Spark's own join, by pandas", COUNT),
    ):
        if name not in told:
            continue
        cost = told[name]
        row(what, count / cost["wall"], f"responses/s; {count / cost['cpu']:,.0f} a CPU second")
        part = beside.cpu / COUNT / (cost["cpu"] / count)
        clock = beside.wall / COUNT / (cost["wall"] / count)
        row("  of what we do here", part * 100, f"% by CPU, {clock * 100:.1f} % by the clock")
        row("  ours beside it", 1 / part, f"times by CPU, {1 / clock:.1f} by the clock")


def alone(pop: Path, few: Path, folder: Path) -> Cost:
    """Responses without a record: what two workers do, beside one core in memory."""
    responses = pop / "QuestionnaireResponse.ndjson"
    lines = responses.read_bytes().splitlines()
    in_memory(lines[:200])
    runs, ones, together = [], [], []
    bulk(few / "QuestionnaireResponse.ndjson", folder / "first")
    fixed = bulk(few / "QuestionnaireResponse.ndjson", folder / "fixed")
    for number in range(ROUNDS):
        runs.append(bulk(responses, folder / f"alone{number}"))
        ones.append(in_memory(lines))
        together.append(at_once(partial(in_memory, lines), WORKERS))
    local, one = least(runs), min(ones)
    loops = least(together)
    beyond = local.beyond(fixed)
    row("one core in memory", COUNT / one, "responses a CPU second")
    row(f"{WORKERS} such loops at once", one / loops.cpu * 100, "% of one, by CPU")
    row("  the machine's own ceiling", one / loops.wall * 100, "% of so many, by the clock")
    row(f"{WORKERS} workers, files in and out", COUNT / local.wall, "responses/s by the clock")
    for what, cost in (("whole", local), ("without start and end", beyond)):
        row(f"  of one core in memory, {what}", one / cost.cpu * 100, "%  (92), by CPU")
        row("    of that at once", loops.cpu / cost.cpu * 100, "% by CPU")
        wall = cost.wall * WORKERS
        row(f"  of {WORKERS} cores in memory, {what}", one / wall * 100, "%  (92), by the clock")
        row("    of the ceiling", loops.wall / wall * 100, "% by the clock")
    row("  start and end", fixed.cpu, f"CPU seconds, {fixed.wall:.2f} by the clock")
    row("  the parent's part of the CPU", local.parent / local.cpu * 100, "%  (2), whole")
    row("  without start and end", beyond.parent / beyond.cpu * 100, "%  (2)")
    row("  a worker at most", local.memory, "MB  (60)")
    earlier(responses, folder, COUNT / one)
    return beyond


def with_record(pop: Path, few: Path, folder: Path) -> Cost:
    """Responses with the record beside them."""
    bulk(few, folder / "first-joined")
    fixed = bulk(few, folder / "fixed-joined")
    joined = bulk(pop, folder / "joined")
    beyond = joined.beyond(fixed)
    row("with the record beside them", COUNT / joined.wall, "responses/s by the clock")
    row("  without start and end", COUNT / beyond.cpu, "responses a CPU second, all processes")
    row("  a worker at most", joined.memory, "MB  (60)")
    if GIVEN.part is None and find_spec("duckdb") is not None:
        table = bulk(pop, folder / "table", "--table", "parquet")
        row("the table as Parquet", max(table.cpu - joined.cpu, 0), "CPU seconds more")
        row("  a worker at most", table.memory, "MB  (250)")
    assert wire.read((folder / "joined" / "summary.json").read_bytes())["decided"] == COUNT
    return beyond


def main() -> None:
    """Print the table."""
    parts = PARTS if GIVEN.part is None else (GIVEN.part,)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pop = generator(folder)
        few = folder / "pop64"
        write_bulk_data(population(), FIXED, few)
        if {"local", "spark"} & set(parts):
            local = alone(pop, few, folder)
            if "spark" in parts:
                on_spark("responses", pop, few, folder, local)
        if {"record", "spark-record"} & set(parts):
            joined = with_record(pop, few, folder)
            if "spark-record" in parts:
                on_spark("record", pop, few, folder, joined)


def row(what: str, value: float, unit: str) -> None:
    """One line of the table."""
    print(f"  {what:<46}{value:>12,.1f} {unit}", flush=True)


def missing(what: str, why: str) -> None:
    """A side that is not there."""
    print(f"  {what:<46}{'-':>12} {why}", flush=True)


if __name__ == "__main__":
    main()
