"""npm's packages as a lock file has them, installed once for all test processes."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("package.json", "package-lock.json", ".npmrc")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one test process at a time work in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed(source: Path, folder: Path, *, seconds: int = 300) -> Path:
    """The modules that `source` locks, in a folder that git ignores; skips where npm cannot."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    with alone(folder):
        done, wanted = folder / ".installed", (source / "package-lock.json").read_bytes()
        if not done.exists() or done.read_bytes() != wanted:
            for name in NAMES:
                shutil.copy(source / name, folder / name)
            ended = subprocess.run(
                [npm, "ci"], cwd=folder, capture_output=True, timeout=seconds, check=False
            )
            if ended.returncode:
                pytest.skip(f"npm could not install {source.name}: {ended.stderr.decode()[-300:]}")
            done.write_bytes(wanted)
    return folder / "node_modules"
