"""docs/validate.md claims no check that no test shows: each rule and each family has its tests."""

import re
from pathlib import Path

import pytest

from cds.forms.checks.rules import RULES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHOWN = "\n".join(
    path.read_text("utf-8")
    for path in sorted(HERE.rglob("*.py"))
    if path != Path(__file__).resolve() and path.name != "rule_kit.py"
)
PAGE = (ROOT / "docs" / "validate.md").read_text("utf-8")
FAMILIES = re.findall(
    r"^\| ([^|]+) \| [^|]+ \| ((?:[\w/]*test_\w+(?:, )?)+) \|$", PAGE, re.MULTILINE
)


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"ok"}))
def test_a_test_names_the_rule(rule: str) -> None:
    assert f'"{rule}"' in SHOWN


def test_every_family_names_tests_that_there_are() -> None:
    named = {name for _, names in FAMILIES for name in names.split(", ")}

    assert len(FAMILIES) == 10
    assert [name for name in named if not (HERE / f"{name}.py").is_file()] == []
