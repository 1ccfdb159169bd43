"""$apply of the reference implementation on the published package: its actions are our findings.

It takes some twenty seconds of CPU a response (each condition is compiled as CQL), hence few.
"""

import io
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds import wire
from cds.flows.assess import Assessor
from cds.flows.packs.differential import valid_responses
from cds.flows.packs.publish import publish
from cds.flows.packs.publishing.plan import RAN
from cds.knowledge.read.pack import find_pack, pack_folders

pytestmark = pytest.mark.long

HERE = Path(__file__).parent / "java" / "apply"
PACK = find_pack("cramps")
RANDOM = 8  # responses to each form, beside the published ones


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


def test_its_actions_are_our_findings(libraries: Path, tmp_path: Path) -> None:
    package = publish(PACK, pack_folders()["cramps"]).package()
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        archive.extractall(tmp_path, filter="data")
    published = sorted((tmp_path / "package" / "example").glob("QuestionnaireResponse-*.json"))
    responses = [wire.read(path.read_bytes()) for path in published]
    responses += [
        one for form in PACK.forms for one in valid_responses(PACK, form, RANDOM, seed=11)
    ]
    unanswered = {key: value for key, value in responses[0].items() if key != "item"}
    lines = [wire.write(one) + b"\n" for one in (*responses, unanswered)]
    (tmp_path / "responses.ndjson").write_bytes(b"".join(lines))
    command = ["java", "-cp", f"{libraries}/*", str(HERE / "Apply.java"), "package"]

    done = subprocess.run(
        [*command, "responses.ndjson"], cwd=tmp_path, capture_output=True, timeout=7200, check=False
    )

    assert done.returncode == 0, done.stderr.decode()[-3000:]
    *plans, empty = map(json.loads, done.stdout.splitlines())
    assert [one["issues"] for one in plans] == [[]] * len(responses)
    assessor, now = Assessor([PACK]), datetime(2026, 1, 2, tzinfo=UTC)
    found = [assessor.assess(one, now=now).findings for one in responses]
    ours = [{RAN, *(finding.rule.id for finding in one)} for one in found]
    assert [set(plan["applied"]) for plan in plans] == ours
    # Where nothing was asked the rules did not run, and the plan does not say that they did.
    assert RAN not in empty["applied"]
