"""A second opinion by other authors, where their validator is at hand; skipped where it is not."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ORACLE = ROOT.parent / "shared" / "tools" / "fhir-oracle" / "oracle"
BUNDLES = sorted(
    path
    for path in (HERE / "golden").glob("*.json")
    if b'"resourceType": "Bundle"' in path.read_bytes()
)


@pytest.mark.parametrize("path", BUNDLES, ids=[path.stem for path in BUNDLES])
def test_every_golden_bundle_conforms(path: Path, conformance: ModuleType) -> None:
    assert conformance.faults_of(json.loads(path.read_bytes())) == []


@pytest.fixture(scope="module")
def validate() -> Callable[[Path], subprocess.CompletedProcess[str]]:
    if not ORACLE.exists():
        pytest.skip("the validator is not beside this repository")
    if shutil.which("node") is None:
        pytest.skip("the validator needs Node")

    def validate(folder: Path) -> subprocess.CompletedProcess[str]:
        command = [str(ORACLE), "validate", str(folder)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    return validate


def test_the_validator_finds_no_error_in_what_we_emit(
    validate: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    for path in (HERE / "golden").glob("*.json"):
        if b'"resourceType"' in path.read_bytes():
            shutil.copy(path, tmp_path)

    result = validate(tmp_path)

    assert (result.returncode, result.stdout) == (0, "")


def test_the_validator_would_find_one(
    validate: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    bundle = json.loads((HERE / "golden" / "emergency.json").read_bytes())
    bundle["entry"][0]["resource"]["status"] = "bogus"
    (tmp_path / "bad.json").write_text(json.dumps(bundle))

    result = validate(tmp_path)

    assert result.returncode == 1
    assert "binding-required" in result.stdout
