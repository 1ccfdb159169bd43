"""Node and what is installed for it: npm's packages as the lock file has them, once for all."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "form"
MODULES = OUT / "node_modules"


@contextmanager
def alone() -> Iterator[None]:
    """Let one test process at a time install."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed() -> Path:
    """The folder of the packages; skips where there is no npm, or it can install nothing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed, so no browser can be driven")
    with alone():
        done, wanted = OUT / ".installed", (HERE / "package-lock.json").read_bytes()
        if done.exists() and done.read_bytes() == wanted:
            return MODULES
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, OUT / name)
        ended = subprocess.run([npm, "ci"], cwd=OUT, capture_output=True, timeout=300, check=False)
        if ended.returncode:
            pytest.skip(f"npm could not install the driver: {ended.stderr.decode()[-300:]}")
        done.write_bytes(wanted)
    return MODULES
