"""Every terminal gets the same words: narrow or wide, with colour or without, from any system."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cds.__main__ import SUMMARIES

ROOT = Path(__file__).resolve().parents[1]


def said(*args: str, stdin: bytes = b"", **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR", "TERM"}}
    done = subprocess.run(
        [sys.executable, "cli.py", *args], cwd=ROOT, env={**kept, **environment}, input=stdin,
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.decode()


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_help_fits_and_cuts_no_name_of_a_command(columns: int) -> None:
    text = said("--help", COLUMNS=str(columns))

    assert max(map(len, text.splitlines())) <= columns
    assert [name for name in SUMMARIES if not re.search(rf"^  {name}\b", text, re.MULTILINE)] == []
    assert "..." not in re.sub(r"\[(?:OPTIONS|ARGS)\]\.\.\.", "", text.partition("Commands")[2])


@pytest.mark.parametrize(
    "group", ["bulk", "form", "log", "pack", "questionnaire", "sample", "token"]
)
@pytest.mark.parametrize("columns", [60, 200])
def test_the_help_of_a_group_cuts_no_summary(group: str, columns: int) -> None:
    text = said(group, "--help", COLUMNS=str(columns))

    assert max(map(len, text.splitlines())) <= columns
    assert re.search(r"[a-z,]\.\.\.", text.partition("\nCommands")[2]) is None


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),  # not a terminal
    ],
)
def test_colour_follows_what_the_terminal_asks_for_and_the_words_stay(
    environment: dict[str, str], coloured: bool
) -> None:
    response = said("sample", "response", "--scenario", "no-urine").encode()

    plain = said("assess", "-", "--now", "2026-11-20T16:00:00Z", stdin=response)
    text = said("assess", "-", "--now", "2026-11-20T16:00:00Z", stdin=response, **environment)

    assert ("\x1b[" in text) is coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == plain


def test_windows_newlines_are_read_as_any_other() -> None:
    lines = said("sample", "response", "-n", "2", "--scenario", "no-urine").encode()

    unix = said("assess", "-", "--format", "json", "--now", "2026-11-20T16:00:00Z", stdin=lines)
    windows = said(
        "assess", "-", "--format", "json", "--now", "2026-11-20T16:00:00Z",
        stdin=lines.replace(b"\n", b"\r\n"),
    )  # fmt: skip

    assert windows == unix
