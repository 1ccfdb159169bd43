"""Every hazard has a control and evidence that exists; every law keeps some hazard off."""

import re
from pathlib import Path

from cds.knowledge.proofs.claims import LAWS

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = re.compile(r"law ([a-z])\b|`(test_\w+)`")


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "hazards.md").read_text()
    lines = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names_of_tests() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE))
    return found


def test_every_hazard_has_a_control_and_evidence() -> None:
    for number, hazard, control, evidence in rows():
        assert hazard, number
        assert control, number
        assert EVIDENCE.search(evidence), f"hazard {number} has no evidence"


def test_the_evidence_exists() -> None:
    known = names_of_tests()
    for number, _, _, evidence in rows():
        for law, test in EVIDENCE.findall(evidence):
            assert not law or law in LAWS, f"hazard {number}: there is no law {law}"
            assert not test or test in known, f"hazard {number}: there is no test {test}"


def test_every_law_keeps_some_hazard_off() -> None:
    used = {law for row in rows() for law, _ in EVIDENCE.findall(row[3]) if law}

    assert used == set(LAWS)


def test_the_hazards_are_numbered_without_a_gap() -> None:
    assert [int(row[0]) for row in rows()] == list(range(1, len(rows()) + 1))


def test_nothing_is_claimed_that_nobody_has_shown() -> None:
    for name in ("hazards.md", "intended-use.md"):
        text = (ROOT / "docs" / name).read_text().lower()
        for claim in ("fda-cleared", "non-device cds", "clinically validated", "is compliant"):
            assert claim not in text, f"{name}: {claim}"
