"""`pack diff` and the section *Clinical* of the changelog say the same, line by line."""

import re
from functools import cache
from pathlib import Path

import pytest

from cds.core.model import Rule
from cds.knowledge.compared.changes import pack_changes
from cds.knowledge.compared.diff import Difference, difference
from cds.knowledge.compared.meaning import reworded
from cds.knowledge.compared.step import Step
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders

ROOT = Path(__file__).resolve().parents[2]
FOLDER = pack_folders()["cramps"]
OLD = load_pack(FOLDER / "released" / "1.0.0")
NEW = find_pack("cramps")
RULE = re.compile(r"\b([A-Z]\d{1,2})\b")
# How the changelog calls the levels.
LEVELS = {
    "emergency call": "emergency-911",
    "emergency evaluation": "emergency-evaluation",
    "urgent": "urgent",
    "not settled*": "indeterminate",
    "a visit": "routine",
}
# Kinds of change that a line of *Clinical* must name: what somebody's decision can hang on.
DECIDING = ("rule", "cause", "advice", "limit", "window")


def bullets(text: str, indent: str = "") -> list[str]:
    """The entries of a list at this indent, each as one line without its inner list."""
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith(f"{indent}- "):
            found.append(line.removeprefix(f"{indent}- "))
        elif line.startswith(f"{indent}  ") and found:
            found[-1] += "\n" + line
    return found


@cache
def clinical() -> list[str]:
    """The entries about this pack's knowledge, of both steps."""
    text = (ROOT / "CHANGELOG.md").read_text()
    section = text.split("### Clinical", 1)[1].split("\n### ", 1)[0]
    return [one for one in bullets(section) if re.match(r"Pack `cramps` (1\.1|2\.0)\.0|Texts", one)]


def said() -> str:
    return " ".join(" ".join(clinical()).split())


@cache
def compared() -> Difference:
    found = difference(OLD, NEW)
    if found.decisions is None:
        pytest.skip("the solver is not installed (extra `prove`)")
    return found


def levels_said() -> dict[str, str]:
    """Rule → the level that the changelog names before it."""
    words = "|".join(re.escape(word) for word in LEVELS)
    pairs = re.findall(rf"({words}) \(([A-Z]\d+)\)", said())
    return {rule: LEVELS[word] for word, rule in pairs}


def test_every_text_whose_meaning_is_to_be_judged_stands_there_and_no_other() -> None:
    (listed,) = [one for one in clinical() if one.startswith("Texts")]
    lines = {" ".join(one.replace("`", "").split()) for one in bullets(listed, "  ")}

    assert lines == {" ".join(str(one).split()) for one in reworded(OLD, NEW)}


def test_every_rule_that_is_new_or_changed_is_named_and_no_other() -> None:
    named = set(RULE.findall(said()))

    assert named == {one.id for one in pack_changes(OLD, NEW) if one.kind == "rule"}


def test_every_new_rule_stands_there_with_its_own_level() -> None:
    by_id = {rule.id: rule for rule in NEW.rules.rules}
    told = levels_said()

    assert {rule: by_id[rule].level for rule in told} == told
    visits = {"R2", "R3", "R7", "R8", "R9", "R10", "R11"}  # R1 parted by whose word it is (1.1.0)
    new = {one.id for one in pack_changes(OLD, NEW) if one.kind == "rule" and one.what == "added"}
    assert new - visits - {"U7"} <= set(told)


def of_the_safety_net() -> list[Rule]:
    """The rules that 2.0.0 added or widened on the word of published guidance."""
    old = {rule.id for rule in load_pack(FOLDER / "released" / "1.1.0").rules.rules}
    return [rule for rule in NEW.rules.rules if rule.id not in old or rule.id == "U6"]


def test_every_rule_of_the_safety_net_says_what_it_costs() -> None:
    rules = of_the_safety_net()

    assert len(rules) > 15
    assert [rule.id for rule in rules if "Cost: " not in rule.reading] == []


def test_it_is_external_only_where_two_other_sources_name_the_sign() -> None:
    for rule in of_the_safety_net():
        others = [source for source in rule.sources if source in NEW.sources.citations]
        assert rule.basis in {"external", "engineering"}, rule.id
        assert rule.basis == "engineering" or len(others) > 1, rule.id


@pytest.mark.parametrize("kind", DECIDING)
def test_every_cause_advice_limit_and_window_that_changed_is_named(kind: str) -> None:
    text = said()
    for one in pack_changes(OLD, NEW):
        if one.kind != kind:
            continue
        moved = re.findall(r"→ ([\d.]+)", " ".join(one.fields))
        words = moved if kind == "limit" else [one.id]
        for word in words:
            assert word in text, str(one)


@pytest.mark.slow
def test_no_decision_falls_as_the_changelog_says() -> None:
    falls = [one.text for one in compared().decisions or () if one.step is Step.MAJOR]

    assert falls == []
    assert "no level falls" in said()


@pytest.mark.slow
def test_every_decision_that_rises_rests_on_a_rule_that_is_named_with_that_level() -> None:
    told = levels_said()
    floors = {NEW.rules.reassurance.otherwise}
    for one in compared().decisions or ():
        if one.about != "level":
            continue
        new = set(one.after.rules) - set(one.before.rules)
        reasons = {rule for rule in new if told.get(rule) == one.after.level}
        assert reasons or one.after.level in floors, one.text
