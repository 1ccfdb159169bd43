"""What the README shows is run for real, in a copy, and every command stands in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cds.__main__ import SUMMARIES, commands

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What a reader can paste into a shell, in the order of the page.
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TUTORIAL = (ROOT / "docs" / "my-first-pack.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^```sh\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
COPIED = ("cds", "questionnaires", "cli.py")


def wanting() -> set[str]:
    """The commands that the README's blocks call and that are not built yet."""
    called = {word for block in BLOCKS for word in re.findall(r"cli\.py (\w+)", block)}
    return (called & set(SUMMARIES)) - set(commands())


@pytest.mark.skipif(bool(wanting()), reason=f"not built yet: {', '.join(sorted(wanting()))}")
@pytest.mark.parametrize("blocks", [BLOCKS, STEPS], ids=["README", "my-first-pack"])
def test_every_block_of_a_page_runs(
    blocks: list[str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    byte_code = tmp_path_factory.mktemp("byte-code")
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    assert blocks
    for block in blocks:
        done = subprocess.run(
            ["sh", "-eu", "-c", block],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "PYTHONPYCACHEPREFIX": str(byte_code)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout.decode()}"

    # All that they leave stands in the folder that git ignores.
    assert {path.name for path in tmp_path.iterdir()} == {*COPIED, "out"}


def test_every_command_stands_in_the_readme() -> None:
    shown = set(re.findall(r"(?:cli\.py|cramp-cds) ([a-z]+)", README))

    assert set(commands()) - shown == set()


def test_the_readme_has_blocks_to_run() -> None:
    assert BLOCKS


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)

    assert [link for link in links if not (ROOT / link).exists()] == []
