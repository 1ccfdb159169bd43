"""Bytes → decision → bytes, beside the same work done through fhir.resources; cold starts; memory.

`python benchmarks/assess.py`: every figure of one run is taken side by side on the same machine.
With `PYTHONPATH=out/compiled` it measures what `make compiled` has made; `make bench` does both.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # last: a package that PYTHONPATH names is what is to be measured

from cds import wire  # noqa: E402
from cds.flows.assess import installed  # noqa: E402
from cds.flows.synthetic.samples import samples, scenarios_of  # noqa: E402
from cds.knowledge.read.pack import pack_folders  # noqa: E402

HOME = Path(wire.__file__).parents[1]
COMPILED = not wire.__file__.endswith(".py")
ENTRY = ["-c", "from cds.__main__ import main; main()"]  # as the script that pip installs
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ROUNDS = 7


def best(work: Callable[[], object], count: int) -> float:
    """Seconds for one call: the fastest of a few rounds, since noise only ever adds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(count):
            work()
        rounds.append((time.process_time() - start) / count)
    return min(rounds)


def inputs() -> tuple[list[bytes], list[bytes]]:
    """One response of each valid scenario: those answered to the end, and those that are not.

    The first are read by the quick reading alone; of the others every fault is looked for.
    """
    assessor = installed()
    folders = pack_folders()
    pack = next(one for one in assessor.packs if scenarios_of(folders[one.id], one))
    scenarios = scenarios_of(folders[pack.id], pack)
    made = samples(scenarios, pack, None, sum(one.valid for one in scenarios.values()), 0)
    data = [wire.write(sample.response) for sample in made]
    usual = [one for one in data if not assessor.assess(one, now=NOW).issues]
    return usual, [one for one in data if one not in usual]


def assess_all(data: list[bytes]) -> None:
    """Our way."""
    assessor = installed()
    for one in data:
        assessor.assess(one, now=NOW).to_bytes()


def assess_all_typed(data: list[bytes]) -> None:
    """The obvious way: fhir.resources in and out, the same decision between."""
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse  # noqa: PLC0415

    assessor = installed()
    for one in data:
        model = QuestionnaireResponse.model_validate_json(one)
        bundle = assessor.assess(wire.read(model.model_dump_json().encode()), now=NOW).to_fhir()
        Bundle.model_validate(wire.read(wire.write(bundle))).model_dump_json()


def cold(arguments: list[str], stdin: bytes = b"") -> float:
    """CPU seconds of a whole process of Python, the median of several.

    The byte code is there, as Python leaves it after a first run, whatever this shell says of it.
    """
    taken = []
    with tempfile.TemporaryDirectory() as kept:
        environment = {**os.environ, "PYTHONPATH": str(HOME), "PYTHONPYCACHEPREFIX": kept}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(ROUNDS + 1):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [sys.executable, *arguments],
                input=stdin,
                capture_output=True,
                check=True,
                cwd=kept,
                env=environment,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if number:  # the first run writes the byte code
                taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(taken)


def peak(arguments: list[str], stdin: bytes) -> float:
    """The peak resident memory of `assess`, in MB."""
    code = (
        "import resource,sys; sys.argv[0]='cramp-cds'; from cds.__main__ import main;"
        "main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=stdin,
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    return int(done.stderr.split()[-1]) / 1024


def main() -> None:
    """Print the table."""
    data, unfinished = inputs()
    assess_all(data)
    ours = best(lambda: assess_all(data), 20) / len(data)
    typed = best(lambda: assess_all_typed(data), 1) / len(data)
    full = best(lambda: assess_all(unfinished), 5) / len(unfinished)
    size = sum(map(len, data)) / len(data)
    reading = best(lambda: [wire.read(one) for one in data], 20) / len(data)
    how = "compiled" if COMPILED else "interpreted (for the other: PYTHONPATH=out/compiled)"
    print(f"{len(data)} responses, {size:,.0f} bytes each on average; one core; {how}")
    row("strict reading alone", reading * 1e6, "µs")
    row("bytes → decision → FHIR bytes", ours * 1e6, f"µs  {1 / ours:,.0f}/s (15,000/s)")
    row("the same through fhir.resources", typed * 1e6, f"µs  {1 / typed:,.0f}/s")
    row("an incomplete one, every fault", full * 1e6, f"µs  {1 / full:,.0f}/s")
    row("fhir.resources ÷ ours", typed / ours, "×  (25 ×)")
    row("ours ÷ strict reading", ours / reading, "×")
    row("incomplete ÷ ours", full / ours, "×")
    bare, one = cold(["-c", "pass"]), cold([*ENTRY, "assess", "-"], data[0])
    row("python -c pass, cold", bare * 1e3, "ms CPU")
    row("--help, cold", cold([*ENTRY, "--help"]) * 1e3, "ms CPU (100 ms)")
    row("assess of one file, cold", one * 1e3, "ms CPU (150 ms)")
    row("assess ÷ python -c pass", one / bare, "×")
    many = b"\n".join(data * 20) + b"\n"
    used = peak(["assess", "-", "--format", "fhir"], many)
    row(f"assess of {len(data) * 20} responses, peak", used, "MB (60 MB)")


def row(what: str, figure: float, unit: str) -> None:
    """Print one figure; in brackets stands the limit."""
    print(f"{what:<34}{figure:10.1f} {unit}")


if __name__ == "__main__":
    main()
