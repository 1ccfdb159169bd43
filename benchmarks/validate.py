"""The validator beside its peers, in one run: microseconds, memory, accuracy.

    python benchmarks/validate.py            # all of it; npm peers only if Node is there
    python benchmarks/validate.py --quick    # fewer rounds

Peers come from PyPI (fhir.resources, jsonschema, already among the requirements) and from npm
(@medplum/core, fhir), which are installed into out/peers when first needed.
"""

import json
import os
import resource
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

from benchmarks.peers.published import corpus  # noqa: E402
from benchmarks.peers.structure import schema as response_schema  # noqa: E402
from cds import wire  # noqa: E402 - after the path is set
from cds.forms.checks.checks import all_issues  # noqa: E402
from cds.forms.questionnaire import compile_questionnaire  # noqa: E402
from cds.forms.support import Support  # noqa: E402
from cds.forms.validate import validate  # noqa: E402

Json = dict[str, Any]
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
    schema = Draft202012Validator(response_schema())
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


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs")
    speed()
    processes()
    corpus()
    print(
        f"this process: at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
