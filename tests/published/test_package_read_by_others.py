"""The published package, read by tools that are not ours: they find no fault and our findings."""

import io
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import Assessor
from cds.flows.packs.differential import valid_responses
from cds.flows.packs.page import reviewed_page
from cds.flows.packs.publish import cases_of, publish_pack
from cds.knowledge.read.pack import find_pack, pack_folders

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
NOW = datetime(2026, 1, 2, tzinfo=UTC)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")


def node(script: str, **job: Any) -> Any:
    done = subprocess.run(
        ["node", str(HERE / script)],
        input=wire.write(job),
        capture_output=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    data = publish_pack(PACK, FOLDER).package()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "package"


def test_others_read_the_package_and_find_what_we_find(package: Path, modules: Path) -> None:
    responses = [one for form in PACK.forms for one in valid_responses(PACK, form, 500, seed=11)]
    assessor = Assessor([PACK])

    theirs = node("read.mjs", modules=str(modules), folder=str(package), responses=responses)

    assert theirs["read"] > 20
    assert theirs["problems"] == []
    ours = [assessor.assess(response, now=NOW) for response in responses]
    assert not any(assessed.invalid for assessed in ours)
    found = [sorted(finding.rule.id for finding in assessed.findings) for assessed in ours]
    for engine, fired in theirs["fired"].items():
        assert [sorted(one) for one in fired] == found, engine


def test_a_resource_that_is_wrong_is_told(package: Path, modules: Path) -> None:
    path = next(package.glob("ValueSet-*.json"))
    path.write_bytes(wire.write(wire.read(path.read_bytes()) | {"status": 5, "extra": "x"}))

    theirs = node("read.mjs", modules=str(modules), folder=str(package), responses=[])

    assert theirs["problems"]


def test_the_page_keeps_nobody_out(tmp_path: Path, modules: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed, so the page cannot be looked at")
    page = tmp_path / "index.html"
    page.write_text(
        reviewed_page(PACK, cases_of(PACK, FOLDER), FOLDER, prove=True), encoding="utf-8"
    )
    shots = modules.parent / "shots"
    shots.mkdir(exist_ok=True)

    seen = node(
        "look.mjs", modules=str(modules), chromium=browser, page=str(page), shots=str(shots)
    )

    assert seen == {"violations": [], "asked": [], "errors": [], "scrolls": []}


def test_a_page_that_keeps_someone_out_is_told(tmp_path: Path, modules: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed, so the page cannot be looked at")
    page = tmp_path / "index.html"
    page.write_text("<title>x</title><img src=x.png><p style='color:#ddd'>pale</p>")

    seen = node(
        "look.mjs", modules=str(modules), chromium=browser, page=str(page), shots=str(tmp_path)
    )

    assert seen["violations"]
