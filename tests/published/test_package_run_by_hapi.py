"""The published conditions, run by HAPI's FHIRPath, where Java and Maven are: our findings."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds import wire
from cds.flows.assess import Assessor
from cds.flows.packs.differential import valid_responses
from cds.flows.packs.publishing.plan import plan_definition
from cds.knowledge.read.pack import find_pack

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "java"
PACK = find_pack("cramps")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HAPI's jars, at the versions of the pom."""
    maven = shutil.which("mvn")
    if maven is None or shutil.which("java") is None:
        pytest.skip("Java and Maven are not installed, so HAPI cannot be run")
    folder = tmp_path_factory.mktemp("hapi")
    command = [maven, "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command.append(f"-DoutputDirectory={folder}")
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"Maven could not bring HAPI: {done.stdout.decode()[-300:]}")
    return folder


def test_hapi_finds_what_we_find(libraries: Path, tmp_path: Path) -> None:
    responses = [one for form in PACK.forms for one in valid_responses(PACK, form, 100, seed=11)]
    rules = [
        [action["prefix"], action["condition"][0]["expression"]["expression"]]
        for action in plan_definition(PACK)["action"]
        if "prefix" in action
    ]
    (tmp_path / "expressions.json").write_text(json.dumps(rules))
    (tmp_path / "responses.ndjson").write_bytes(b"".join(wire.write(r) + b"\n" for r in responses))

    done = subprocess.run(
        [
            "java",
            "-cp",
            f"{libraries}/*",
            str(HERE / "Fired.java"),
            "expressions.json",
            "responses.ndjson",
        ],
        cwd=tmp_path,
        capture_output=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assessor, now = Assessor([PACK]), datetime(2026, 1, 2, tzinfo=UTC)
    found = [assessor.assess(response, now=now).findings for response in responses]
    fired = [json.loads(line) for line in done.stdout.splitlines()]
    assert [sorted(one) for one in fired] == [sorted(f.rule.id for f in one) for one in found]
