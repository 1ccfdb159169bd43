"""The lines of curl in the guide work as written, against a demo."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.processes import Running

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "integrating.md").read_text("utf-8")
BLOCK = re.search(r"## By hand, with curl.*?^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def demo() -> Iterator[Running]:
    service = Running("--demo")
    yield service
    service.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_lines_of_curl_work_as_written(tmp_path: Path, demo: Running) -> None:
    assert BLOCK is not None
    lines = BLOCK[1].replace("http://127.0.0.1:8000", demo.url)
    command = f'python() {{ "{sys.executable}" "$@"; }}\n'

    done = subprocess.run(
        ["bash", "-eu", "-c", command + lines.replace("cli.py", f"{ROOT}/cli.py")],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
    )  # fmt: skip

    said = done.stdout.decode()
    assert done.returncode == 0, said
    kinds = ("services", "cards", "RiskAssessment", "OperationOutcome", "Parameters")
    assert [kind for kind in kinds if f'"{kind}"' not in said] == []
