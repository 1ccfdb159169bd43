"""What a command does not import: the price of a start is paid only by who needs the library."""

import subprocess
import sys
from pathlib import Path

import pytest

from cds.__main__ import SUMMARIES, commands

LIGHT = {"fhir", "pydantic", "starlette", "rich", "sqlalchemy"}
# What `assess` of one file has no use for: the service, the log, the proofs, the typed models.
NOT_FOR_ASSESS = {"fhir", "starlette", "uvicorn", "httpx", "sqlalchemy", "alembic", "z3", "jwt"}

LIST_MODULES = """
import runpy, sys
sys.argv = ["cli.py", *sys.argv[1:]]
try:
    runpy.run_path("cli.py", run_name="__main__")
except SystemExit as end:
    if end.code:
        raise
finally:
    print("\\n".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def imported(repository: Path, *args: str, stdin: bytes = b"") -> set[str]:
    """Run a command in a process of its own and name the packages that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *args],
        cwd=repository,
        input=stdin,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.decode().split())


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["completion", "bash"]])
def test_asking_for_help_loads_no_heavy_library(repository: Path, args: list[str]) -> None:
    loaded = imported(repository, *args)

    assert "click" in loaded
    assert not loaded & LIGHT


def test_help_loads_no_command(repository: Path) -> None:
    code = (
        "import sys; from cds.__main__ import main; main(['--help']);"
        "print([n for n in sys.modules if n.startswith('cds.')], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, check=True, timeout=60
    )

    assert not [name for name in SUMMARIES if f"'cds.commands.{name}'" in done.stderr.decode()]


@pytest.mark.skipif("assess" not in commands(), reason="`assess` is not built yet")
def test_assess_loads_only_what_it_needs(repository: Path) -> None:
    sample = subprocess.run(
        [sys.executable, "cli.py", "sample", "response", "--scenario", "no-urine"],
        cwd=repository,
        capture_output=True,
        check=True,
        timeout=60,
    )

    loaded = imported(repository, "assess", "-", "--format", "json", stdin=sample.stdout)

    assert "jiter" in loaded
    assert not loaded & (LIGHT | NOT_FOR_ASSESS)
