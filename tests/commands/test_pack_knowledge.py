"""`pack prove`, `diff`, `trace` and `publish` as a person runs them: output, exit codes."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
ROOT = Path(__file__).resolve().parents[2]
TOY = str(ROOT / "tests" / "packs" / "boiler")


@pytest.fixture
def weakened(tmp_path: Path) -> Path:
    """The toy pack with an alarm that can be argued away."""
    folder = tmp_path / "boiler"
    shutil.copytree(TOY, folder)
    rules = (folder / "rules.toml").read_text()
    old = 'when    = { question = "air.smell", operator = "=", answerCoding = "gas" }'
    assert rules.count(old) == 1
    new = (
        'when    = { all = [{ question = "air.smell", operator = "=", answerCoding = "gas" },'
        ' { none = [{ question = "air.detector", operator = "=", answerCoding = "silent" }] }] }'
    )
    (folder / "rules.toml").write_text(rules.replace(old, new))
    return folder


def test_a_pack_that_keeps_its_laws_ends_with_0(run: Run) -> None:
    done = run("pack", "prove", TOY)

    assert done.returncode == 0, done.stdout.decode()
    assert b"NOT PROVEN" not in done.stdout
    assert b"Every red flag leads to its level" in done.stdout


def test_a_broken_law_ends_with_1_and_shows_who_would_be_missed(run: Run, weakened: Path) -> None:
    done = run("pack", "prove", str(weakened), "--law", "a")

    assert done.returncode == 1
    text = done.stdout.decode()
    assert "NOT PROVEN  a" in text
    assert "| Rules that fire" in text
    response = next(line for line in text.splitlines() if line.startswith('  {"resourceType"'))
    assessed = run("assess", "-", "--packs", str(weakened.parent), stdin=response.encode())
    assert assessed.returncode == 0, assessed.stderr.decode()


def test_proofs_can_be_read_by_a_program(run: Run, weakened: Path) -> None:
    done = run("pack", "prove", str(weakened), "--law", "a", "--format", "json")

    document = json.loads(done.stdout)
    assert document["schema"] == "cramp-cds/proofs/1"
    assert document["proven"] is False
    assert document["failures"][0]["about"] == "B1"


def test_an_unknown_law_is_a_wrong_call(run: Run) -> None:
    assert run("pack", "prove", TOY, "--law", "x").returncode == 2


def test_a_pack_does_not_differ_from_itself(run: Run) -> None:
    done = run("pack", "diff", TOY, TOY)

    assert done.returncode == 0
    assert "Required version bump: none" in done.stdout.decode()


def test_a_version_that_did_not_move_ends_with_1(run: Run, weakened: Path) -> None:
    done = run("pack", "diff", TOY, str(weakened))

    assert done.returncode == 1
    text = done.stdout.decode()
    assert "rule B1: changed (when)" in text
    assert "The fewest answers that show it" in text
    assert "WRONG: 0.1.0 stands for two things; the changes ask for major." in text


def test_the_difference_can_be_read_by_a_program(run: Run, weakened: Path) -> None:
    done = run("pack", "diff", TOY, str(weakened), "--format", "json")

    document = json.loads(done.stdout)
    assert document["step"] == {
        "asked": "major",
        "taken": "none",
        "fault": "0.1.0 stands for two things; the changes ask for major.",
    }


@pytest.mark.parametrize("format_", ["markdown", "csv", "json"])
def test_the_trace_is_the_same_each_time(run: Run, format_: str) -> None:
    first = run("pack", "trace", TOY, "--format", format_)

    assert first.returncode == 0, first.stderr.decode()
    assert first.stdout == run("pack", "trace", TOY, "--format", format_).stdout


def test_publish_writes_the_package_and_the_page(run: Run, tmp_path: Path) -> None:
    done = run("pack", "publish", TOY, "-o", str(tmp_path / "out"), "--page", "--proofs")

    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out" / "package.tgz").read_bytes()[:2] == b"\x1f\x8b"
    assert (tmp_path / "out" / "resources" / "PlanDefinition-boiler.json").is_file()
    page = (tmp_path / "out" / "index.html").read_text()
    assert "proven (" in page


def test_publish_says_what_it_cannot_write(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = run("pack", "publish", TOY, "-o", str(tmp_path / "file" / "out"))

    assert done.returncode == 3
    assert b"cannot be written" in done.stderr
