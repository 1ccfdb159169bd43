"""Someone who knows only the pages: a fresh clone, `make demo`, then every command as written."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import PAGES, ROOT
from tests.docs.reader import Reader

# After `make demo` the README names the command; the pages call it by its name.
COMMAND = ".venv/bin/cramp-cds"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh") / "clone"
    done = subprocess.run(
        ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("this is not a git checkout, so there is nothing to clone")
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with nothing of ours in it: a Python without packages, and the system."""
    tools = tmp_path_factory.mktemp("bin")
    base = Path(sys.base_prefix) / "bin" / "python3"
    for name in ("python", "python3"):
        (tools / name).symlink_to(base)
    return {"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tools), "LANG": "C.UTF-8"}


@pytest.mark.slow
def test_every_command_works_as_written_after_make_demo(
    clone: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    def shell(block: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-eu", "-c", block], cwd=clone, env=bare, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        )  # fmt: skip

    before = shell("python cli.py assess")
    demo = shell("make demo")

    assert before.returncode == 3
    assert "make demo" in before.stdout
    assert demo.returncode == 0, demo.stdout
    assert "arning" not in demo.stdout
    (Path(bare["HOME"]) / "cramp-cds").symlink_to(clone / COMMAND)
    reader = Reader(clone, bare, tmp_path)
    assert "\n".join(fault for page in PAGES for fault in reader.read(page)) == ""
    left = shell("git status --porcelain").stdout.splitlines()
    assert left == ["?? questionnaires/cramps/released/2.0.0/"], left
    elsewhere = subprocess.run(
        [clone / COMMAND, "version"],
        cwd=tmp_path, env=bare, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert "pack cramps" in elsewhere.stdout


def pythons() -> list[str]:
    """Every Python from 3.11 on that starts on this machine, one of each version."""
    found: dict[str, str] = {}
    places = [shutil.which(f"python3.{minor}") for minor in range(11, 16)]
    places += map(str, sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3")))
    for place in filter(None, places):
        done = subprocess.run(
            [place, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        version = done.stdout.strip()
        if done.returncode == 0 and int(version.partition(".")[2]) >= 11:
            found.setdefault(version, place)
    return [found[version] for version in sorted(found)]


def run(*command: object, **more: Any) -> bytes:
    """Run it to its end; what it says is in the failure of the test."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False, timeout=300, **more,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()
    said: bytes = done.stdout
    return said


@pytest.mark.slow
def test_it_installs_into_a_bare_environment_of_every_python_there_is(
    clone: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    there = pythons()
    if not there:
        pytest.skip("no Python from 3.11 on was found beside the one that runs the tests")
    run(sys.executable, "-m", "venv", tmp_path / "uv")
    run(tmp_path / "uv/bin/pip", "install", "--quiet", "uv")

    for number, python in enumerate(there):
        folder = tmp_path / f"env{number}"
        what = f"{clone}[form,postgres]" if number == 0 else clone
        run(python, "-m", "venv", folder)
        run(tmp_path / "uv/bin/uv", "pip", "install", "-q", "--python", folder / "bin/python", what)
        assert b"pack cramps" in run(folder / "bin/cramp-cds", "version", env=bare, cwd=tmp_path)
    run(there[0], "-m", "venv", tmp_path / "pip")
    run(tmp_path / "pip/bin/pip", "install", "--quiet", clone)
    assert (tmp_path / "pip/bin/cramp-cds").exists()
