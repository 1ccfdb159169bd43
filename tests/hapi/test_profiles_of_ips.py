"""HAPI's validator and the profiles of the International Patient Summary on made-up patients."""

import base64
import copy
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from tests.flows.made_up import population
from tests.hapi.hapi import HERE, NotThere, libraries

Json = dict[str, Any]
PACKAGE = "hl7.fhir.uv.ips@2.0.0"
SHA512 = "4PWToJ9b1FgXsm9DIvHiU6HO9Z5m75jxk0e0MXOmhFlf2m2slk/d6RoiSYIChKJlvmtJ7GbRftt7PphlwmZcbQ=="
IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
LABORATORY, PREGNANCY = (
    "Observation-results-laboratory-pathology-uv-ips",
    "Observation-pregnancy-status-uv-ips",
)
OF_TYPE = (
    "Patient",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Procedure",
    "Practitioner",
    "Organization",
)
# R4 binds a language to these as preferred, and to all languages at most. HAPI takes them for all.
NOT_OURS = "is not in valueset: http://hl7.org/fhir/ValueSet/languages"


def guide(folder: Path) -> Path:
    """The package of the guide, unpacked, after its checksum."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotThere("npm is not installed, so the guide cannot be had")
    command = [npm, "pack", "--silent", PACKAGE]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NotThere(f"npm could not bring {PACKAGE}: {ended.stderr[-300:]}")
    packed = folder / ended.stdout.split()[-1]
    assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == SHA512
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def profile_of(resource: Json) -> str | None:
    """The profile that a resource is to fit; None where the guide has none for it.

    A summary holds no result that was withdrawn: the guide allows no such status.
    """
    kind = resource["resourceType"]
    if resource.get("status") == "entered-in-error":
        return None
    if kind != "Observation":
        return f"{IPS}{kind}-uv-ips" if kind in OF_TYPE else None
    category = resource["category"][0]["coding"][0]["code"]
    return IPS + (LABORATORY if category == "laboratory" else PREGNANCY)


def judged(folder: Path, resources: list[Json]) -> list[list[list[str]]]:
    """What HAPI says of each."""
    try:
        jars, package = libraries(folder), guide(folder)
    except NotThere as error:
        pytest.skip(str(error))
    lines = []
    for one in resources:
        bare = {**one, "meta": {k: v for k, v in one["meta"].items() if k != "profile"}}
        lines.append(wire.write({"profile": profile_of(one), "resource": bare}))
    path = folder / "resources.ndjson"
    path.write_bytes(b"\n".join(lines))
    command = ["java", "-cp", f"{jars}/*", str(HERE / "Profiles.java"), str(package), str(path)]
    ended = subprocess.run(command, capture_output=True, timeout=1800, check=False)
    assert ended.returncode == 0, ended.stderr.decode()[-2000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


def made(mix: str, count: int) -> Iterator[Json]:
    some = population(mix)
    for member in some.members(count):
        yield from (one for one in (member.patient, *member.record) if profile_of(one))
    yield from (*some.practitioners, *some.organizations)


def faults(messages: list[list[str]]) -> list[str]:
    """The errors in what HAPI says of one."""
    return [
        f"{place}: {text}"
        for severity, _, place, text in messages
        if severity in {"ERROR", "FATAL"} and NOT_OURS not in text
    ]


@pytest.mark.slow
def test_hapi_finds_no_fault_in_made_up_patients_against_the_profiles_of_ips(
    tmp_path: Path,
) -> None:
    resources = [one for mix in ("everyday", "messy") for one in made(mix, 60)]
    # One with a fault of the guide alone, so that a check which checks nothing is noticed.
    broken = copy.deepcopy(next(one for one in resources if one["resourceType"] == "Observation"))
    del broken["performer"]

    *said, of_broken = judged(tmp_path, [*resources, broken])

    assert len(said) == len(resources)
    assert Counter(fault for one in said for fault in faults(one)) == {}
    assert len(faults(of_broken)) == 1
    assert {one["resourceType"] for one in resources} == {*OF_TYPE, "Observation"}
