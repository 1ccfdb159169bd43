"""HL7's FHIRPath suite run by ours, by fhirpathpy and, where Node is, by fhirpath.js: the table.

`python benchmarks/fhirpath.py [node_modules]` prints it; the folder holds fhirpath (npm).
"""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fhirpathpy import evaluate
from fhirpathpy.models import models

from tests.forms.fhirpath.agreement import RIGHT, SUITE, WRONG, NotRun, ours, verdict

SCRIPT = """
console.log = console.warn = () => {}; // trace() prints
const need = require('module').createRequire(process.argv[1] + '/any.js');
const fhirpath = need('fhirpath'), r4 = need('fhirpath/fhir-context/r4');
const suite = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const told = suite.cases.map((one) => {
  const resource = suite.inputs[one.inputfile] ?? {resourceType: 'Basic'};
  try {
    return fhirpath.evaluate(resource, one.expression, {resource}, r4).map((v) => String(v));
  } catch (error) { return null; }
});
process.stdout.write(JSON.stringify(told));
"""


def peer(expression: str, resource: Any) -> list[str]:
    """What fhirpathpy gives, as the suite spells it."""
    try:
        found = evaluate(resource, expression, {"resource": resource}, models["r4"])
    except Exception as error:
        raise NotRun(type(error).__name__) from error
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in found]


def javascript(modules: str) -> Any:
    """What fhirpath.js gives for each case, all in one process."""
    text = json.dumps(SUITE, default=float)
    command = ["node", "-e", SCRIPT, modules]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout)
    told = {id(case): one for case, one in zip(SUITE["cases"], results, strict=True)}

    def engine(case: Any) -> list[str]:
        found = told[id(case)]
        if found is None:
            raise NotRun
        return list(found)

    return engine


def counted(engine: Any, *, by_case: bool = False) -> tuple[Counter[str], float]:
    """How often it is right, wrong or gives nothing, and how long that took."""
    started = time.perf_counter()
    count: Counter[str] = Counter()
    for case in SUITE["cases"]:
        run = (lambda *_, case=case: engine(case)) if by_case else engine
        count[verdict(run, case)[0]] += 1
    return count, time.perf_counter() - started


def main() -> None:
    """Print the table."""
    rows = [("ours", *counted(ours)), ("fhirpathpy", *counted(peer))]
    if len(sys.argv) > 1:
        rows.append(("fhirpath.js", *counted(javascript(sys.argv[1]), by_case=True)))
    print("| engine | right | refused or failed | wrong | all of it |")
    print("|---|---|---|---|---|")
    for name, count, seconds in rows:
        refused = sum(count.values()) - count[RIGHT] - count[WRONG]
        spent = "" if name == "fhirpath.js" else f"{seconds:.1f} s"
        print(f"| {name} | {count[RIGHT]} | {refused} | {count[WRONG]} | {spent} |")


if __name__ == "__main__":
    main()
