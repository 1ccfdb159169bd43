"""The form fillers that others wrote: installed, run in a browser, what came out of them."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.npm import alone, installed

Json = dict[str, Any]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "fillers"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REACT = ("smart-forms", "medplum")
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


def build(folder: Path) -> Json:
    """One script for each filler that is a React component: its file, by the filler's name."""
    for filler in REACT:
        shutil.copy(HERE / "react" / f"{filler}.jsx", folder)
    words = ["--bundle", "--minify", "--jsx=automatic", "--outdir=built", "--log-level=error"]
    words += ['--define:process.env.NODE_ENV="production"']
    words += [f"--loader:.{kind}=empty" for kind in ("woff", "woff2")]
    sources = [f"{filler}.jsx" for filler in REACT]
    esbuild = folder / "node_modules" / ".bin" / "esbuild"
    subprocess.run([str(esbuild), *sources, *words], cwd=folder, timeout=300, check=True)
    return {filler: str(folder / "built" / f"{filler}.js") for filler in REACT}


def chromium() -> str:
    """Where the system's browser is."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed, so no form can be filled in it")
    return browser


def once(made: Callable[[], bytes], name: str, factory: pytest.TempPathFactory) -> Json:
    """What `made` makes. The workers of one run share it: one of them fills for all."""
    mine = factory.getbasetemp()
    kept = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / name
    with alone(OUT / "run"):
        if not kept.exists():
            kept.write_bytes(made())
    read: Json = json.loads(kept.read_bytes())
    return read


@pytest.fixture(scope="session")
def lforms(visits: Json, forms: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What LHC-Forms makes of every visit; pictures of it stand in out/fillers/shots."""
    browser = chromium()

    def made() -> bytes:
        job = {"modules": str(installed(HERE, OUT)), "forms": forms, "visits": visits}
        return fill("lforms.mjs", {**job, "chromium": browser})

    return once(made, "lforms.json", tmp_path_factory)


@pytest.fixture(scope="session")
def react(visits: Json, forms: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What the fillers that are React components make of every visit, by filler."""
    browser, folder = chromium(), OUT / "react"

    def made() -> bytes:
        job = {
            "modules": str(installed(HERE / "react", folder, seconds=900)),
            "forms": forms,
            "visits": visits,
        }
        return fill("react.mjs", {**job, "chromium": browser, "built": build(folder)})

    return once(made, "react.json", tmp_path_factory)


def fill(driver: str, job: Json) -> bytes:
    (OUT / "shots").mkdir(exist_ok=True)

    ended = subprocess.run(
        ["node", str(HERE / driver)],
        input=json.dumps({**job, "now": NOW, "shots": str(OUT / "shots")}).encode(),
        capture_output=True,
        timeout=900,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout
