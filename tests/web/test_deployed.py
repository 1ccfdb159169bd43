"""What is deployed: linted, and installed from one lock."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))


def _linter(name: str) -> str:
    """The linter beside this Python or on PATH; the two take 200 MB, so `make test` has none."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (requirements/deploy.txt; make test-all does it)")
    return found


@pytest.mark.slow
def test_the_dockerfile_passes_its_linter() -> None:
    linted = subprocess.run(
        [_linter("hadolint"), str(ROOT / "deploy" / "Dockerfile")],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.slow
def test_the_manifests_pass_their_linter() -> None:
    linted = subprocess.run(
        [_linter("kubernetes-validate"), *map(str, KUBERNETES)],
        capture_output=True,
        check=False,
        text=True,
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert len(KUBERNETES) >= 5


def test_an_image_installs_only_what_is_pinned() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    installs = [line for line in lines if "pip install" in line or "pip wheel" in line]
    pinned = {
        "--require-hashes -r requirements/build.txt",
        "--no-build-isolation --no-deps --wheel-dir /wheels .",
        "--require-hashes -r requirements/service.txt",
        "--no-deps /wheels/*.whl",
    }

    found = {one for one in pinned for line in installs if one in line}
    assert found == pinned
    assert len(installs) == len(pinned)
    assert any(line.startswith("USER 10001") for line in lines)


def test_the_lock_of_the_build_pins_what_builds_the_wheel() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    lines = (ROOT / "requirements" / "build.txt").read_text().splitlines()
    pins = [line.partition("==")[0] for line in lines if "==" in line]

    assert {one.partition(">=")[0] for one in asked} <= set(pins)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


def test_the_lock_of_the_service_is_that_of_the_tests() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line.split(" ")[0]}

    assert pins("runtime.txt") < pins("service.txt") < pins("dev.txt")
