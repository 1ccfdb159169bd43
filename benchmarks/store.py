"""How many durable appends a second, SQLite (FULL) and PostgreSQL: one writer, and eight.

    python benchmarks/store.py [--seconds 5] [--folder DIR]

Each append is acknowledged after its fsync, with 3.8 kB of patient content encrypted. `at once`
share a commit, as calls do that come together; `processes` are workers that share the database.
"""

import argparse
import importlib.util
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cds.store.decisions import DecisionLog  # noqa: E402 - the path comes first
from cds.store.model import Decision, Verified  # noqa: E402
from cds.store.verify import verify  # noqa: E402

WRITERS = 8


def decision(client: str, number: int) -> Decision:
    """A decision of the size that one card with its document has."""
    return Decision(
        time=datetime.now(UTC),
        client=client,
        service="patient-view",
        hook_instance=f"{client}-{number}",
        request_hash=f"sha256:{number:064x}",
        pack_id="pack",
        pack_version="1.0.0",
        pack_hash="sha256:" + "a" * 64,
        level="urgent",
        rules=("R1", "R2"),
        response=b"r" * 1800,
        document=b"d" * 2000,
        cards={f"{client}-{number}-card": ("R1", "R2")},
    )


def worker(url: str, client: str, seconds: float, together: int) -> list[float]:
    """The latencies of appending so many at once, over and over for some seconds."""
    latencies: list[float] = []
    with DecisionLog(url, timeout_s=30) as log:
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            count = len(latencies)
            log.append_many([decision(client, count + number) for number in range(together)])
            latencies += [time.perf_counter() - start] * together
    return latencies


def measure(name: str, url: str, seconds: float) -> None:
    """Print one line per way of writing, then check the chain that was written."""
    with DecisionLog(url, create=True):
        pass
    for label, processes, together in (
        ("1 writer", 1, 1),
        (f"{WRITERS} at once", 1, WRITERS),
        (f"{WRITERS} processes", WRITERS, 1),
    ):
        # Clients are named by their run: an earlier run's calls would be answered, not appended.
        jobs = [(url, f"{label}-{n}", seconds, together) for n in range(processes)]
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            latencies = [one for part in pool.starmap(worker, jobs) for one in part]
        print(
            f"{name:<22} {label:<12} {len(latencies) / seconds:8.0f} appends/s"
            f"   p50 {statistics.median(latencies) * 1e3:6.2f} ms"
            f"   p99 {statistics.quantiles(latencies, n=100)[-1] * 1e3:7.2f} ms"
        )
    with DecisionLog(url) as log:
        start = time.perf_counter()
        found = verify(log)
        took = time.perf_counter() - start
        assert isinstance(found, Verified)
        print(
            f"{name:<22} verified {found.head.sequence} entries: {found.head.sequence / took:.0f}/s"
        )


def fsyncs(folder: Path) -> float:
    """How many fsyncs a second the disk itself does: the bound of a writer alone."""
    with tempfile.TemporaryFile(dir=folder) as file:
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < 1:
            os.pwrite(file.fileno(), b"x" * 4096, count * 4096)
            os.fdatasync(file.fileno())
            count += 1
        return count


def postgres() -> ModuleType:
    """The private cluster of the tests."""
    file = ROOT / "tests" / "store" / "cluster.py"
    spec = importlib.util.spec_from_file_location("cluster", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure both databases in one run."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        print(f"disk: {fsyncs(Path(folder)):.0f} fdatasync/s; {os.cpu_count()} CPUs")
        measure("SQLite, FULL", f"sqlite:///{folder}/log.db", chosen.seconds)
    module = postgres()
    try:
        cluster = module.Cluster(fsync=True)
    except module.NoPostgres as reason:
        print(f"PostgreSQL: not measured: {reason}")
        return
    try:
        cluster.start()
        measure("PostgreSQL", cluster.url(cluster.database()), chosen.seconds)
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
