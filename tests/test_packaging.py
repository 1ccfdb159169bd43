"""What is built is what was checked out: the wheel runs, and holds the packs."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from cds.version import VERSION

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_engine_the_packs_and_the_licence(installed: Path) -> None:
    assert (installed / "cds" / "questionnaires" / "cramps" / "pack.toml").is_file()
    assert list(installed.glob("*.dist-info/licenses/LICENSE"))
    assert {path.name for path in installed.iterdir()} == {
        "cds",
        f"cramp_cds-{VERSION}.dist-info",
    }


def test_the_wheel_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cds", "--version"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.decode() == f"cramp-cds, version {VERSION}\n"


def test_every_module_to_be_compiled_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]

    # What is named and not there would be passed over without a word.
    assert [name for name in hook["include"] if not (ROOT / name).is_file()] == []
    assert hook["enable-by-default"] is False


def test_every_direct_dependency_is_pinned_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {
        requirement.split(">=")[0].partition("[")[0].lower().replace(".", "-").replace("_", "-")
        for requirement in project["dependencies"]
    }
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    pinned = {
        line.partition("==")[0].partition("[")[0] for line in lock.splitlines() if "==" in line
    }

    assert {
        name for name in named if name not in {pin.lower().replace(".", "-") for pin in pinned}
    } == set()


def test_the_locks_pin_the_same_versions() -> None:
    versions = [
        {
            line.partition("==")[0]: line.split()[0].partition("==")[2]
            for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
            if "==" in line
        }
        for name in ("runtime.txt", "dev.txt", "deploy.txt")
    ]

    runtime, dev, deploy = versions
    assert {name: dev.get(name) for name in runtime} == runtime
    assert {name: dev.get(name, version) for name, version in deploy.items()} == deploy
