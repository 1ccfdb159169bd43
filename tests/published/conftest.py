"""Tools that others wrote, installed into the folder that git ignores."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "published"
NAMES = ("package.json", "package-lock.json", ".npmrc")


@pytest.fixture(scope="session")
def modules() -> Path:
    """Their node_modules: the locked versions, brought by npm unless they are there."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed, so no tool of others can read the package")
    OUT.mkdir(parents=True, exist_ok=True)
    done, wanted = OUT / ".installed", (HERE / "package-lock.json").read_bytes()
    with (OUT / ".lock").open("w") as lock:  # one test process at a time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_bytes() != wanted:
            for name in NAMES:
                shutil.copy(HERE / name, OUT / name)
            ended = subprocess.run(
                [npm, "ci"], cwd=OUT, capture_output=True, timeout=300, check=False
            )
            if ended.returncode:
                pytest.skip(f"npm could not install them: {ended.stderr.decode()[-300:]}")
            done.write_bytes(wanted)
    return OUT / "node_modules"
