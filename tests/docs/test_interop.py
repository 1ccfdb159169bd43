"""Every guard and every finding that the page names is there, and every finding is on the page."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "interop.md").read_text(encoding="utf-8")


def test_every_guard_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_finding_is_on_the_page_and_the_other_way_round() -> None:
    told = set(re.findall(r"`?(findings/[\w-]+\.sh)`?", PAGE))
    there = {f"findings/{path.name}" for path in (ROOT / "findings").glob("*.sh")}

    assert told == there


def test_every_finding_is_pinned_and_cleans_up_after_itself() -> None:
    for path in (ROOT / "findings").glob("*.sh"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"[\w/-]+(==|@)\d", text), path.name
        assert "mktemp -d" in text, path.name
        assert "trap 'rm -rf" in text, path.name
        assert "exit 1" in text, path.name
        assert re.search(r"^# One expects: ", text, re.MULTILINE), path.name
        assert re.search(r"^# Seen: ", text, re.MULTILINE), path.name
