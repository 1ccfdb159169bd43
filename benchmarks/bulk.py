"""Many responses: made up, decided on by two workers, and beside one core in memory; memory.

`python benchmarks/bulk.py [COUNT]`: 5,000 patients if not said. Figures of one run, side by side.
"""

import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from cds import wire  # noqa: E402
from cds.flows.assess import installed  # noqa: E402
from cds.flows.bulk.decide import Decider, Lines, Options, Where  # noqa: E402
from cds.flows.synthetic.exported import write_bulk_data  # noqa: E402
from cds.flows.synthetic.plan import plan_of  # noqa: E402
from cds.flows.synthetic.population import Population  # noqa: E402
from cds.flows.synthetic.samples import scenarios_of  # noqa: E402
from cds.knowledge.read.pack import pack_folders  # noqa: E402

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
WORKERS = 2


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


def bulk(source: Path, out: Path, *more: str) -> tuple[float, float, float]:
    """Seconds of a run, the share of the parent in its CPU time, and the peak MB of a worker."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["bulk", str(source), "-o", str(out), "--jobs", str(WORKERS), "--now", NOW.isoformat()]
    start = time.perf_counter()
    command = [sys.executable, str(ROOT / "cli.py"), *words, *more]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    with watched(run.pid) as peaks:
        run.wait()
    taken = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    every = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return taken, peaks.get("parent", 0.0) / max(every, 0.01), peaks.get("worker", 0.0)


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
    """Seconds of one core for the decision on each line, already read."""
    decider = Decider(installed(), Options(NOW))
    out = Lines()
    start = time.process_time()
    for number, line in enumerate(lines, 1):
        decider.decide(line, None, Where("memory", number), out)
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        start = time.process_time()
        manifest = write_bulk_data(population(), COUNT, folder / "pop")
        making = time.process_time() - start
        resources = sum(entry["count"] for entry in manifest["output"])
        row("made up, one core", COUNT / making, f"patients/s of {resources / COUNT:.1f} (1,000)")
        responses = folder / "pop" / "QuestionnaireResponse.ndjson"
        lines = responses.read_bytes().splitlines()
        one = len(lines) / in_memory(lines)
        row("one core in memory", one, "responses/s")
        taken, parent, memory = bulk(responses, folder / "alone")
        row(
            f"{WORKERS} workers, files in and out",
            len(lines) / taken,
            "responses/s, start included",
        )
        row("of so many times one core", len(lines) / taken / one / WORKERS * 100, "%  (92)")
        row("the parent's part of the CPU", parent * 100, "%  (2)")
        row("a worker at most", memory, "MB  (60)")
        taken, parent, memory = bulk(folder / "pop", folder / "joined")
        row("with the record beside them", len(lines) / taken, "responses/s")
        row("a worker at most", memory, "MB  (60)")
        if find_spec("duckdb") is not None:
            more, _, memory = bulk(folder / "pop", folder / "table", "--table", "parquet")
            row("the table as Parquet", max(more - taken, 0), "s more")
            row("a worker at most", memory, "MB  (250)")
        assert wire.read((folder / "joined" / "summary.json").read_bytes())["decided"] == COUNT


def row(what: str, value: float, unit: str) -> None:
    """One line of the table."""
    print(f"  {what:<34}{value:>12,.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()
