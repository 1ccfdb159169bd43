"""The README's planted fault: what it shows is what `pack prove` says."""

import re
import shutil
from pathlib import Path

import pytest

from cds.knowledge.proofs.prove import prove
from cds.knowledge.proofs.report import report_text
from cds.knowledge.read.pack import load_pack, pack_folders

README = Path(__file__).resolve().parents[2] / "README.md"
SHOWN = re.compile(
    r"^```console\n\$ python cli\.py pack prove .*? --law e\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.fixture
def said(tmp_path: Path) -> list[str]:
    shutil.copytree(pack_folders()["cramps"], tmp_path / "planted")
    path = tmp_path / "planted" / "pack.toml"
    path.write_text(path.read_text().replace(', "safety.limb"]', "]"))
    return "\n".join(report_text(prove(load_pack(tmp_path / "planted"), "e"))).splitlines()


def test_the_readme_shows_what_the_proof_says(said: list[str]) -> None:
    (block,) = SHOWN.findall(README.read_text("utf-8"))
    shown = [line for line in block.splitlines() if line and line != "…"]

    lines = iter(said)
    for line in shown:
        start = line.removesuffix(" …")
        assert any(one.startswith(start) for one in lines), f"not said, or not there: {line}"
