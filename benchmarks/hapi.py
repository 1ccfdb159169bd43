"""`validate` beside HAPI's validator, CPU time a response in one run, both warmed up.

    python benchmarks/hapi.py FOLDER [NAME]   # FOLDER keeps HAPI's jars; wants Java 17 and Maven

NAME is a part of the name of what is to be measured, such as PRAPARE.

Both read the response from its text and have the form compiled or parsed before. The rounds take
turns, so that what else the machine does meets both.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cds import wire  # noqa: E402 - after the path is set
from cds.forms.questionnaire import compile_questionnaire  # noqa: E402
from cds.forms.validate import validate  # noqa: E402
from cds.knowledge.read.pack import find_pack  # noqa: E402
from tests.hapi.hapi import NotThere, libraries, run, write_pairs  # noqa: E402

Json = dict[str, Any]
PRAPARE = ROOT.parent / "shared/corpus/questionnaire-response/uscore-prapare-example"
ROUNDS = 2
WARM, MEASURE = 8, 3  # seconds of CPU that HAPI has to warm up, and is measured for


def pairs() -> dict[str, tuple[Json, Json]]:
    """Form and response by name: the published one if the corpus is at hand, and ours."""
    sample = [sys.executable, "cli.py", "sample", "response", "--scenario", "no-urine"]
    done = subprocess.run(sample, cwd=ROOT, capture_output=True, check=True, timeout=60)
    form = find_pack("cramps").forms[0].raw
    sampled = wire.read(done.stdout)
    # As a form filler sends it: without the label and the narrative of a sample.
    bare = {key: value for key, value in sampled.items() if key not in {"meta", "text"}}
    found = {
        "our own form": (dict(form), bare),
        "our own form, with a narrative": (dict(form), sampled),
    }
    if PRAPARE.is_dir():
        published = [
            wire.read((PRAPARE / f"{name}.json").read_bytes())
            for name in ("questionnaire", "response")
        ]
        found["PRAPARE"] = (published[0], published[1])
    return found


def ours(form: Json, response: Json) -> float:
    """Seconds of CPU to read and to validate a response."""
    compiled, text = compile_questionnaire(form), wire.write(response)
    for _ in range(500):
        validate(wire.read(text), compiled)
    begun, count = time.process_time(), 0
    while time.process_time() - begun < 1:
        for _ in range(200):
            validate(wire.read(text), compiled)
        count += 200
    return (time.process_time() - begun) / count


def main() -> None:
    """Print microseconds and ratios."""
    names = sys.argv[1:]
    if not names:
        print("HAPI is not measured: name a folder for its jars.")
        return
    folder = Path(names[0])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        jars = libraries(folder)
    except NotThere as error:
        print(error)
        return
    for name, (form, response) in pairs().items():
        if names[1:] and names[1] not in name:
            continue
        response["questionnaire"] = form["url"]
        write_pairs(folder / "timed.ndjson", [(form, response)])
        mine, theirs = [], []
        for _ in range(ROUNDS):
            mine.append(ours(form, response))
            (timed,) = run(jars, folder / "timed.ndjson", WARM, MEASURE)
            theirs.append(timed["cpu"])
        ratio = statistics.median(theirs) / statistics.median(mine)
        print(
            f"{name}: ours {statistics.median(mine) * 1e6:,.0f} µs,"
            f" HAPI {statistics.median(theirs) * 1e6:,.0f} µs, {ratio:,.0f} times"
        )


if __name__ == "__main__":
    main()
