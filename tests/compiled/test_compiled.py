"""The compiled package does what the sources do: the same tests, run against the machine code."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
HOOK = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"][
    "build"
]["targets"]["wheel"]["hooks"]["mypyc"]
MODULES = [path.removesuffix(".py").replace("/", ".") for path in HOOK["include"]]
# What looks at the sources themselves, or builds the package once more.
OF_THE_SOURCES = ("docs", "test_house.py", "test_packaging.py", "test_readme.py")
# In the child: which of the modules are not machine code.
STILL_PYTHON = (
    "import importlib, sys;"
    "print(*[one for one in sys.argv[1:] if importlib.import_module(one).__file__.endswith('.py')])"
)


def _lacking() -> str | None:
    """What is not there to compile with."""
    if shutil.which("cc") is None:
        return "there is no C compiler (cc)"
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return None if header.is_file() else "the headers of Python are not installed (python3-dev)"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the sdist holds, with the machine code of the wheel beside the sources."""
    lacking = _lacking()
    if lacking is not None:
        pytest.skip(lacking)
    folder = tmp_path_factory.mktemp("compiled")
    as_make_does = {"CFLAGS": "-fvisibility=hidden", "HATCH_BUILD_HOOK_ENABLE_MYPYC": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env={**os.environ, **as_make_does},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    (source,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (made,) = (one for one in folder.iterdir() if one.is_dir())
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.endswith(".so"):
                packed.extract(name, made)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared)
    yield made
    shutil.rmtree(folder)


def test_every_module_of_the_list_is_compiled(tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STILL_PYTHON, *MODULES],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.split() == []


def test_the_tests_of_the_sources_pass_on_the_compiled_package(tree: Path) -> None:
    ignored = [f"--ignore=tests/{name}" for name in OF_THE_SOURCES]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *ignored],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout[-6000:]
