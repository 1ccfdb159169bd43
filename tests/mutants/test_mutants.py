"""Rules and engine, changed on purpose: golden cases, proofs and tests notice nearly every change.

The same mutants each time, a part of them; `--share 1` and `--count 0` try all.
"""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "part"),
    [("rules.py", ["--share", "0.25"]), ("core.py", ["--count", "24"])],
)
def test_at_least_nineteen_of_twenty_mutants_are_noticed(script: str, part: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / script), *part],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed" in done.stdout
