"""What the service is made of: every pinned package stands in the bill, with its licence."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "service.txt"


def pins() -> set[tuple[str, str]]:
    text = LOCK.read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


def test_every_pinned_package_has_a_licence() -> None:
    done = subprocess.run(
        [sys.executable, "deploy/licences.py", str(LOCK)],
        cwd=ROOT, capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines()[2:]]
    assert {(row[0].removeprefix("| "), row[1]) for row in rows} == pins()
    assert [row for row in rows if row[2] in {"", "unknown"}] == []


@pytest.mark.slow
def test_the_bill_of_materials_lists_what_is_pinned(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx_py", reason="the extra deploy is not installed")
    out = tmp_path / "sbom.json"
    subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", LOCK, "--of", "JSON", "-o", out],
        check=True,
        capture_output=True,
        timeout=120,
    )

    bill = json.loads(out.read_text())

    assert bill["bomFormat"] == "CycloneDX"
    assert {(one["name"].lower(), one["version"]) for one in bill["components"]} >= {
        (name.lower(), version) for name, version in pins()
    }
