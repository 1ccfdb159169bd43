"""Responses as they really come, one kind beside the other: none may cost far more than the usual.

`python benchmarks/mix.py`: how long `assess` (bytes in, bundle out) takes for each kind, beside
version 0.1.0 (a commit, unpacked to a temporary folder), beside strict reading of the same bytes
and beside fhir.resources; and `validate` of a published form. All in one run, the builds in turn.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # last: a package that PYTHONPATH names is what is to be measured

from benchmarks.peers import validated  # noqa: E402
from benchmarks.peers.mixed import EACH, USUAL, base_responses, mix  # noqa: E402
from cds import wire  # noqa: E402
from cds.flows.assess import installed  # noqa: E402

Json = dict[str, Any]
BEFORE = "0ecac7c"
NOW = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
ROUNDS = 7
TURNS = 3
STEPS = 10  # figures of the memory


def measure() -> dict[str, dict[str, float]]:
    """Per kind the microseconds of one response: assessed to bytes, and read strictly.

    The kinds take turns, so that what else the machine does falls on all of them alike.
    """
    assessor = installed()
    kinds = mix(base_responses())
    found = {name: {"assess": math.inf, "strict": math.inf} for name in kinds}
    for _ in range(ROUNDS):
        for name, data in kinds.items():
            started = time.process_time()
            for one in data:
                assessor.assess(one, now=NOW).to_bytes()
            between = time.process_time()
            for one in data:
                wire.read(one)
            taken = {"assess": between - started, "strict": time.process_time() - between}
            for what, seconds in taken.items():
                found[name][what] = min(found[name][what], seconds / EACH * 1e6)
    return found


Figures = tuple[dict[str, dict[str, float]], dict[str, list[float]]]


def measured_in_turn(folders: list[Path]) -> list[Figures]:
    """The best figures of the build in each folder: they take turns, each time as a new process."""
    rounds = [[measured_in(folder) for folder in folders] for _ in range(TURNS)]
    return [_best(list(of_one)) for of_one in zip(*rounds, strict=True)]


def _best(turns: list[Figures]) -> Figures:
    assessed, validated = turns[0]
    kinds = {
        name: {what: min(turn[0][name][what] for turn in turns) for what in figures}
        for name, figures in assessed.items()
    }
    least = {
        name: [min(turn[1][name][at] for turn in turns) for at in range(len(figures))]
        for name, figures in validated.items()
    }
    return kinds, least


def measured_in(folder: Path) -> Figures:
    """The figures of the build in this folder (assess, validate), in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure"],
        capture_output=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assessed, validated = json.loads(done.stdout)
    return assessed, validated


def unpacked(commit: str, folder: str) -> Path | None:
    """The code of a commit in a folder; None where the history is not at hand."""
    git = ["git", "-C", str(ROOT), "archive", commit]
    done = subprocess.run(git, capture_output=True, check=False)
    if done.returncode:
        return None
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return Path(folder)


def typed(data: list[bytes]) -> float | None:
    """Microseconds for fhir.resources to read one response; None where it is not installed."""
    try:
        from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse  # noqa: PLC0415
    except ImportError:
        return None
    started = time.process_time()
    for one in data:
        QuestionnaireResponse.model_validate_json(one)
    return (time.process_time() - started) / len(data) * 1e6


def print_memory(count: int) -> None:
    """Assess so many responses of the mix, no two alike, and print what the process holds."""
    assessor = installed()
    data = [one for kind in mix(base_responses()).values() for one in kind]
    for number in range(count + 1):
        if number % (count // STEPS) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(f"{number:>9,} responses: {pages * resource.getpagesize() / 2**20:.1f} MB")
        one = data[number % len(data)]
        named = one.replace(b"Patient/p", b"Patient/p%d-" % number)
        assessor.assess(named, now=NOW).to_bytes()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", action="store_true", help="only this build, as JSON")
    parser.add_argument("--memory", type=int, help="assess so many responses and print the memory")
    options = parser.parse_args()
    if options.memory:
        print_memory(options.memory)
        return
    if options.measure:
        sys.stdout.write(json.dumps([measure(), validated.measure()]))
        return
    home = Path(wire.__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        before = unpacked(BEFORE, folder)
        builds = [home] if before is None else [home, before]
        (now, judged), *others = measured_in_turn(builds)
        earlier, judged_earlier = others[0] if others else ({}, {})
    if before is None:
        print(f"{BEFORE} is not in this checkout's history: not compared.")
    print_assessed(now, earlier)
    print_validated(judged, judged_earlier)


def print_assessed(now: dict[str, dict[str, float]], earlier: dict[str, dict[str, float]]) -> None:
    """The table of the kinds, and their means."""
    usual = now[USUAL]["assess"]
    print(f"{'µs a response':36} {'assess':>7} {'÷ usual':>8} {'÷ strict':>9} {'÷ 0.1.0':>8}")
    for name, one in now.items():
        times = earlier[name]["assess"] / one["assess"] if earlier else float("nan")
        ratios = f"{one['assess'] / usual:8.1f} {one['assess'] / one['strict']:9.1f} {times:8.2f}"
        print(f"{name:36} {one['assess']:7.0f} {ratios}")
    average = mean(one["assess"] for one in now.values())
    print(
        f"mean of all kinds: {average:.0f} µs; the slowest {max_ratio(now, usual):.1f} × the usual"
    )
    if earlier:
        whole = mean(one["assess"] for one in earlier.values())
        print(f"0.1.0: {whole:.0f} µs, {whole / average:.1f} times as long as now")
    parsed = typed(mix(base_responses())[USUAL])
    if parsed is not None:
        print(f"fhir.resources, reading alone: {parsed:.0f} µs, {parsed / average:.1f} × the mean")


def print_validated(now: dict[str, list[float]], earlier: dict[str, list[float]]) -> None:
    """What `validate` takes, beside 0.1.0 and HAPI."""
    from tests.hapi.hapi import NotThere  # noqa: PLC0415 - not in 0.1.0

    try:
        of_hapi = validated.hapi()
    except NotThere as error:
        of_hapi = {}
        print(f"Not compared with HAPI: {error}.")
    for name, (alone, whole) in now.items():
        then = f", in 0.1.0 {earlier[name][0] / alone:.1f} times" if name in earlier else ""
        print(f"validate {name}: {alone:.0f} µs, with reading {whole:.0f} µs{then}", end="")
        taken = of_hapi.get(name)
        beside = f"; HAPI, with reading: {taken:.0f} µs, {taken / alone:.0f} times" if taken else ""
        print(f"{beside} ({taken / whole:.0f} with our reading)" if taken else beside)
    if not any(name.startswith("PRAPARE") for name in now):
        print("PRAPARE was not validated: the published examples are not beside this checkout.")


def max_ratio(figures: dict[str, dict[str, float]], usual: float) -> float:
    """The slowest kind by the usual one."""
    return max(one["assess"] for one in figures.values()) / usual


if __name__ == "__main__":
    main()
