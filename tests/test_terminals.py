"""Every terminal gets the same words: narrow or wide, with colour or without, from any system."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
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


def on_a_terminal(columns: int, *args: str) -> str:
    """What a terminal of so many columns is sent, without its colours."""
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "NO_COLOR", "FORCE_COLOR"}}
    with subprocess.Popen(
        [sys.executable, "cli.py", *args], cwd=ROOT, stdout=below, stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**kept, "TERM": "xterm"},
    ) as process:  # fmt: skip
        os.close(below)
        sent = b""
        while True:
            try:
                read = os.read(above, 65536)
            except OSError:  # the other end is closed: Linux says so by an error
                break
            if not read:
                break
            sent += read
        os.close(above)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
@pytest.mark.parametrize(
    "words",
    [["assess"], ["explain"], ["pack", "show", "cramps"], ["questionnaire", "show", "cramps"]],
)
def test_text_is_wrapped_to_the_terminal_and_never_wider_than_one_can_read(
    words: list[str], columns: int, tmp_path: Path
) -> None:
    if len(words) == 1:
        response = tmp_path / "r.json"
        response.write_text(said("sample", "response", "--scenario", "no-urine"))
        words = [*words, str(response)]

    text = on_a_terminal(columns, *words)

    wide = [line for line in text.splitlines() if len(line) > min(columns, 100)]
    # Only what cannot be broken, such as an address or a hash, may stand out.
    assert [line for line in wide if " " in line.strip()] == []
    assert len(text.splitlines()) > 10


def test_windows_newlines_are_read_as_any_other() -> None:
    lines = said("sample", "response", "-n", "2", "--scenario", "no-urine").encode()

    unix = said("assess", "-", "--format", "json", "--now", "2026-11-20T16:00:00Z", stdin=lines)
    windows = said(
        "assess", "-", "--format", "json", "--now", "2026-11-20T16:00:00Z",
        stdin=lines.replace(b"\n", b"\r\n"),
    )  # fmt: skip

    assert windows == unix
