"""A script that Node runs over many responses: what our rules are compared with, written again."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cds import wire

_TIMEOUT_S = 600


class NodeError(Exception):
    """Node is not there, or the script failed: what it said."""


def run_node(
    script: str,
    given: object,
    responses: Iterable[Mapping[str, Any]],
    *words: str,
    environment: Mapping[str, str] | None = None,
) -> list[Any]:
    """What the script finds for each response.

    In its working folder it reads `given.json` and `responses.ndjson`, and writes `found.ndjson`.

    Raises:
        NodeError: Node is not installed, or the script failed.
    """
    node = shutil.which("node")
    if node is None:
        message = "Node is not installed"
        raise NodeError(message)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "given.json").write_bytes(wire.write(given))
        lines = b"".join(wire.write(dict(response)) + b"\n" for response in responses)
        (folder / "responses.ndjson").write_bytes(lines)
        ran = subprocess.run(
            [node, "-e", script, *words],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
        if ran.returncode != 0:
            raise NodeError(ran.stderr.decode(errors="replace"))
        found = (folder / "found.ndjson").read_bytes().splitlines()
    return [wire.read(line) for line in found]
