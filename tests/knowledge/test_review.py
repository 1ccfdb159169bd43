"""The questions to a clinician are those that the readings of the rules leave open."""

from pathlib import Path

import pytest

from cds.__main__ import main
from cds.knowledge.read.pack import find_pack

PAGE = Path(__file__).parents[2] / "docs" / "clinical-questions.md"


def test_the_page_asks_what_the_pack_leaves_open(capsys: pytest.CaptureFixture[str]) -> None:
    main(["pack", "review", "cramps"])
    written = capsys.readouterr().out

    assert written == PAGE.read_text(encoding="utf-8"), f"pack review cramps > {PAGE}"
    for rule in find_pack("cramps").rules.rules:
        ours = rule.basis != "seed" or "ours" in rule.reading.casefold()
        assert (f"### {rule.id}:" in written) is ours
