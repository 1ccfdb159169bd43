"""A second opinion by other authors, where their validator is at hand; skipped where it is not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Judge = Callable[[Path], tuple[int, str]]
HERE = Path(__file__).parent
BUNDLES = sorted(
    path
    for path in (HERE / "golden").glob("*.json")
    if b'"resourceType": "Bundle"' in path.read_bytes()
)


@pytest.mark.parametrize("path", BUNDLES, ids=[path.stem for path in BUNDLES])
def test_every_golden_bundle_conforms(path: Path, conformance: ModuleType) -> None:
    assert conformance.faults_of(json.loads(path.read_bytes())) == []


def test_the_validator_finds_no_error_in_what_we_emit(judge: Judge, tmp_path: Path) -> None:
    for path in (HERE / "golden").glob("*.json"):
        if b'"resourceType"' in path.read_bytes():
            shutil.copy(path, tmp_path)

    assert judge(tmp_path) == (0, "")


def test_the_validator_would_find_one(judge: Judge, tmp_path: Path) -> None:
    bundle = json.loads((HERE / "golden" / "emergency.json").read_bytes())
    bundle["entry"][0]["resource"]["status"] = "bogus"
    (tmp_path / "bad.json").write_text(json.dumps(bundle))

    code, said = judge(tmp_path)

    assert code == 1
    assert "binding-required" in said
