"""$apply of the reference implementation on the published package: its actions are our findings.

Each condition is compiled as CQL for each response, which takes it about half a second of CPU a
response: hence in parts, each with an engine that is warmed once.
"""

import io
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import Assessor
from cds.flows.packs.differential import valid_responses
from cds.flows.packs.publish import publish_pack
from cds.flows.packs.publishing.plan import RAN
from cds.knowledge.read.pack import find_pack, pack_folders

pytestmark = pytest.mark.long

HERE = Path(__file__).parent / "java" / "apply"
PACK = find_pack("cramps")
PARTS = 10
RANDOM = 100  # responses of a part: half to each form


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jars of clinical-reasoning, at the versions of the pom."""
    maven = shutil.which("mvn")
    if maven is None or shutil.which("java") is None:
        pytest.skip("Java and Maven are not installed, so $apply cannot be run")
    folder = tmp_path_factory.mktemp("apply")
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command.append(f"-DoutputDirectory={folder}")
    done = subprocess.run(command, capture_output=True, timeout=900, check=False)
    if done.returncode:
        pytest.skip(f"Maven could not bring it: {done.stdout.decode()[-300:]}")
    return folder


def applied(libraries: Path, folder: Path, responses: list[Any]) -> list[Any]:
    """What $apply of the package in `folder` says of each response: `applied` and `issues`."""
    (folder / "responses.ndjson").write_bytes(
        b"".join(wire.write(one) + b"\n" for one in responses)
    )
    command = [
        "java",
        "-XX:+UseSerialGC",
        "-cp",
        f"{libraries}/*",
        str(HERE / "Apply.java"),
        "package",
    ]
    done = subprocess.run(
        [*command, "responses.ndjson"], cwd=folder, capture_output=True, timeout=7200, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the published package unpacked."""
    folder = tmp_path_factory.mktemp("published")
    package = publish_pack(PACK, pack_folders()["cramps"]).package()
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def examples(folder: Path) -> list[Any]:
    """The responses that the package publishes as examples."""
    paths = sorted((folder / "package" / "example").glob("QuestionnaireResponse-*.json"))
    return [wire.read(path.read_bytes()) for path in paths]


def its_findings_are_ours(plans: list[Any], responses: list[Any]) -> None:
    assert len(plans) == len(responses)
    assert [one["issues"] for one in plans] == [[]] * len(responses)
    assessor, now = Assessor([PACK]), datetime(2026, 1, 2, tzinfo=UTC)
    for plan, response in zip(plans, responses, strict=True):
        found = assessor.assess(response, now=now).findings
        # Where nothing was answered no rule can fire, and the plan does not say that they ran.
        ran = {RAN} if response.get("item") else set()
        assert set(plan["applied"]) == ran | {one.rule.id for one in found}, wire.write(response)


def test_its_actions_are_our_findings_on_the_published_examples(
    libraries: Path, published: Path
) -> None:
    responses = examples(published)
    responses.append({key: value for key, value in responses[0].items() if key != "item"})

    plans = applied(libraries, published, responses)

    assert RAN not in plans[-1]["applied"]
    its_findings_are_ours(plans, responses)


@pytest.mark.parametrize("part", range(PARTS))
def test_its_actions_are_our_findings_on_random_responses(
    libraries: Path, published: Path, part: int
) -> None:
    responses = [
        one
        for form in PACK.forms
        for one in valid_responses(PACK, form, RANDOM // len(PACK.forms), seed=part)
    ]
    assert len(responses) == RANDOM

    its_findings_are_ours(applied(libraries, published, responses), responses)
