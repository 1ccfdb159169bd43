"""The form fillers that others wrote: installed, run in a browser, what came out of them."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "fillers"
NAMES = ("package.json", "package-lock.json", ".npmrc")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOW = "2026-11-21T09:00:00.000Z"


@pytest.fixture(scope="session")
def visits() -> Json:
    """Who comes, which form they open and what they click, by name."""
    read: Json = json.loads((HERE / "visits.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="session")
def forms(run: Run) -> dict[str, Json]:
    """Our forms, as anyone gets them from the command line."""
    shown = {
        name: run("questionnaire", "show", name, "--format", "fhir").stdout
        for name in ("cramps", "cramps-red-flags")
    }
    return {name: json.loads(data) for name, data in shown.items()}


@contextmanager
def alone() -> Iterator[None]:
    """Let one test process at a time install and run the fillers."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install() -> None:
    """Bring the locked packages into the folder that git ignores, unless they are there."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed, so no other form filler can be run")
    done, wanted = OUT / ".installed", (HERE / "package-lock.json").read_bytes()
    if done.exists() and done.read_bytes() == wanted:
        return
    for name in NAMES:
        shutil.copy(HERE / name, OUT / name)
    ended = subprocess.run([npm, "ci"], cwd=OUT, capture_output=True, timeout=300, check=False)
    if ended.returncode:
        pytest.skip(f"npm could not install the form fillers: {ended.stderr.decode()[-300:]}")
    done.write_bytes(wanted)


@pytest.fixture(scope="session")
def lforms(visits: Json, forms: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What LHC-Forms makes of every visit; pictures of it stand in out/fillers/shots."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed, so no form can be filled in it")
    # With xdist the workers of one run share the folder above theirs: one of them fills for all.
    mine = tmp_path_factory.getbasetemp()
    made = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "lforms.json"
    with alone():
        if not made.exists():
            install()
            made.write_bytes(fill(browser, visits, forms))
    read: Json = json.loads(made.read_bytes())
    return read


def fill(browser: str, visits: Json, forms: dict[str, Json]) -> bytes:
    (OUT / "shots").mkdir(exist_ok=True)
    job = {
        "modules": str(OUT / "node_modules"),
        "chromium": browser,
        "forms": forms,
        "visits": visits,
        "now": NOW,
        "shots": str(OUT / "shots"),
    }

    ended = subprocess.run(
        ["node", str(HERE / "lforms.mjs")],
        input=json.dumps(job).encode(),
        capture_output=True,
        timeout=240,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout
