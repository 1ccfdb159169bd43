"""How fast a record becomes facts, and how much memory a large one takes.

    python benchmarks/record.py [--megabytes 50] [--rounds 20]

Bounds: 2,000 resources to facts in at most 10 ms; a Bundle of 50 MB, read from a file, in at most
150 MB of memory. The large Bundle is read in a process of its own.
"""

import argparse
import json
import multiprocessing
import random
import resource
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cds.record.compile import compile_record  # noqa: E402 - the checkout goes first on the path
from cds.record.facts import facts_of  # noqa: E402
from cds.record.read import read_record  # noqa: E402
from cds.record.rules import RecordRules  # noqa: E402

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UCUM = "http://unitsofmeasure.org"
LABS = (("2823-3", "4.1", "mmol/L"), ("2951-2", "139", "mmol/L"), ("2160-0", "0.9", "mg/dL"))
OTHERS = ("8302-2", "29463-7", "8867-4", "718-7", "789-8", "6690-2", "4544-3", "777-3", "2093-3")
PROBLEMS = ("73211009", "38341003", "55822004", "162864005", "195662009")
MEDICINES = ("Hydrochlorothiazide 25 MG Oral Tablet", "Amlodipine 5 MG Oral Tablet")
SUBJECT = {"reference": "urn:uuid:p"}


def rules() -> RecordRules:
    """The rules of the record of the pack in this checkout."""
    path = ROOT / "questionnaires" / "cramps" / "record.toml"
    return compile_record(tomllib.loads(path.read_text()))


def observation(number: int, chance: random.Random) -> dict[str, Any]:
    """A result as a laboratory sends it: one in four is of a listed analyte."""
    listed = chance.choice([True, False, False, False])
    code, value, unit = chance.choice(LABS) if listed else (chance.choice(OTHERS), "12.5", "g/dL")
    when = NOW - timedelta(days=chance.random() * 3000)
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {
            "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]
        },
        "status": "final",
        "category": [
            {"coding": [{"system": category, "code": "laboratory", "display": "Laboratory"}]}
        ],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": code, "display": "A test"}],
            "text": "A test",
        },
        "subject": SUBJECT,
        "encounter": {"reference": f"urn:uuid:e{number}"},
        "effectiveDateTime": when.isoformat(timespec="seconds"),
        "issued": when.isoformat(timespec="milliseconds"),
        "valueQuantity": {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit},
    }


def other(number: int, chance: random.Random) -> dict[str, Any]:
    """A condition, an order, a procedure or an encounter."""
    kind = number % 4
    common = {"id": f"r{number}", "subject": SUBJECT}
    if kind == 0:
        status = {"coding": [{"code": chance.choice(["active", "resolved"])}]}
        code = {"coding": [{"system": "http://snomed.info/sct", "code": chance.choice(PROBLEMS)}]}
        return {"resourceType": "Condition", "clinicalStatus": status, "code": code, **common}
    if kind == 1:
        coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "310798"}
        concept = {"coding": [coding], "text": chance.choice(MEDICINES)}
        order = {"status": chance.choice(["active", *["stopped"] * 4]), "intent": "order"}
        return {
            "resourceType": "MedicationRequest",
            "medicationCodeableConcept": concept,
            **order,
            **common,
        }
    if kind == 2:  # noqa: PLR2004 - the third of four kinds
        code = {"coding": [{"system": "http://snomed.info/sct", "code": "430193006"}]}
        return {"resourceType": "Procedure", "status": "completed", "code": code, **common}
    return {"resourceType": "Encounter", "status": "finished", **common}


def record(count: int) -> Iterator[dict[str, Any]]:
    """A patient and `count` - 1 resources: six in ten are results."""
    chance = random.Random(0)  # noqa: S311 - data, not a secret
    yield {"resourceType": "Patient", "id": "p", "birthDate": "1960-05-04"}
    for number in range(1, count):
        yield observation(number, chance) if number % 10 < 6 else other(number, chance)  # noqa: PLR2004


def write_bundle(path: Path, megabytes: int) -> int:
    """A searchset of this size on disk; the number of its resources."""
    count = 0
    with path.open("w") as file:
        file.write('{"resourceType":"Bundle","type":"searchset","entry":[')
        for one in record(10**9):
            entry = {"fullUrl": f"urn:uuid:{one['id']}", "resource": one}
            file.write(("," if count else "") + json.dumps(entry, default=float))
            count += 1
            if file.tell() > megabytes * 1_000_000:
                break
        file.write("]}")
    return count


def large(path: str, answer: "multiprocessing.Queue[tuple[float, int]]") -> None:
    """Read one file in a process of its own; seconds, and its highest memory in kB."""
    compiled, started = rules(), time.perf_counter()
    with Path(path).open("rb") as stream:
        facts_of(read_record(stream), compiled, now=NOW, patient=None)
    seconds = time.perf_counter() - started
    answer.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=50)
    arguments.add_argument("--rounds", type=int, default=20)
    asked = arguments.parse_args()
    compiled, resources = rules(), list(record(2000))
    times = []
    for _ in range(asked.rounds):
        started = time.perf_counter()
        facts_of(resources, compiled, now=NOW, patient="Patient/p")
        times.append((time.perf_counter() - started) * 1000)
    best, median = min(times), statistics.median(times)
    print(f"2,000 resources to facts: best {best:.1f} ms, median {median:.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.json"
        count = write_bundle(path, asked.megabytes)
        context = multiprocessing.get_context("spawn")
        answer: multiprocessing.Queue[tuple[float, int]] = context.Queue()
        process = context.Process(target=large, args=(str(path), answer))
        process.start()
        seconds, kilobytes = answer.get()
        process.join()
    size = f"{asked.megabytes} MB, {count:,} resources"
    print(f"a Bundle of {size}: {seconds:.1f} s, at most {kilobytes / 1000:.0f} MB of memory")


if __name__ == "__main__":
    main()
