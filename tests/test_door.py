"""The door of a checkout: whatever Python calls `cli.py`, it runs or says what to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = "Python 3.11 or newer is needed; this is"


def old_pythons() -> list[str]:
    """Every Python 3 before 3.11 that starts on this machine."""
    places = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    places += map(str, sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3")))
    found: dict[str, str] = {}
    for place in filter(None, places):
        done = subprocess.run(
            [place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        version = done.stdout.strip()
        if done.returncode == 0 and int(version.partition(".")[2]) < 11:
            found.setdefault(version, place)
    return list(found.values())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone in which nobody has set anything up."""
    shutil.copy(ROOT / "cli.py", tmp_path)
    return tmp_path


def called(checkout: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=checkout, env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False,
        text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.skipif(not old_pythons(), reason="no Python 3 before 3.11 is on this machine")
def test_every_old_python_that_is_there_gets_a_sentence(checkout: Path) -> None:
    for python in old_pythons():
        done = called(checkout, python, "cli.py", "assess", "x.json")

        assert (done.returncode, done.stdout) == (3, ""), done.stderr
        assert done.stderr.startswith(f"cramp-cds: {SENTENCE} 3.")
        assert "Run `make demo`" in done.stderr


@pytest.mark.parametrize("version", [(3, 6), (3, 10)])
def test_a_python_that_says_that_it_is_old_gets_a_sentence(
    checkout: Path, version: tuple[int, int]
) -> None:
    code = f"import sys; sys.version_info = {version}; import cli; sys.exit(cli.door())"

    done = called(checkout, sys.executable, "-c", code)

    assert done.returncode == 3
    assert f"{SENTENCE} {version[0]}.{version[1]}." in done.stderr


def test_a_python_without_the_packages_is_told_which_and_how_to_get_them(checkout: Path) -> None:
    done = called(checkout, sys.executable, "-S", "cli.py", "version")

    assert done.returncode == 3
    assert done.stderr.startswith("cramp-cds: this Python has no click, ")
    assert "Run `make demo`" in done.stderr


def test_the_environment_of_the_checkout_is_found_by_itself(checkout: Path) -> None:
    own = checkout / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\necho handed over: $2\n")
    own.chmod(0o755)

    done = called(checkout, sys.executable, "-S", "cli.py", "version")

    assert (done.returncode, done.stdout) == (0, "handed over: version\n")
