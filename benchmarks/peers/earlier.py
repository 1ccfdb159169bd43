"""An earlier version of the service, out of the history of the repository."""

import io
import subprocess
import tarfile
from pathlib import Path

BEFORE, BEFORE_COMMIT = "0.1.0", "0ecac7c"


def before(root: Path, folder: Path) -> Path | None:
    """Version 0.1.0, unpacked; None where its history is not there."""
    if folder.is_dir():
        return folder
    archive = ["git", "archive", BEFORE_COMMIT]
    packed = subprocess.run(archive, cwd=root, capture_output=True, check=False)
    if packed.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as unpacked:
        unpacked.extractall(folder, filter="data")
    return folder
