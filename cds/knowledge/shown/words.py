"""Conditions in words that a clinician reads: the form's own questions and answers, no code."""

from collections.abc import Mapping
from typing import Any

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    Leaf,
    NoneOf,
    spread,
)
from cds.core.pack import Pack
from cds.forms.form.every_item import every_item

# What stands between the parts of a join in one line, and says how they are joined.
_BETWEEN = {"any": "; or ", "all": "; and "}


def how_joined(
    condition: AnyOf | AllOf | NoneOf | AtLeast,
) -> tuple[str, tuple[Condition, ...]]:
    """How many of which parts must hold: `any`, `all`, `none` or `at least 2`, and the parts."""
    match condition:
        case AnyOf(parts):
            return "any", parts
        case AllOf(parts):
            return "all", parts
        case NoneOf(parts):
            return "none", parts
        case AtLeast(count, parts):
            return f"at least {count}", tuple(one for part in parts for one in spread(part))


class Words:
    """The words of one pack: questions by linkId, answers by code, facts by id."""

    def __init__(self, pack: Pack) -> None:
        """Read them from the full form and from record.toml."""
        self.texts: dict[str, str] = {}
        self.displays: dict[tuple[str, str], str] = {}
        for item in every_item(pack.full.raw):
            self._read(item)
        named = pack.record.get("facts", {})
        self.facts: Mapping[str, str] = named if isinstance(named, dict) else {}

    def _read(self, item: dict[str, Any]) -> None:
        link_id = item.get("linkId", "")
        self.texts[link_id] = item.get("text", "")
        for option in item.get("answerOption", []):
            coding = option.get("valueCoding", {})
            self.displays[link_id, coding.get("code", "")] = coding.get("display", "")

    def question(self, link_id: str) -> str:
        """The question as the form asks it."""
        return self.texts.get(link_id) or link_id

    def answer(self, link_id: str, code: str) -> str:
        """The answer as the form shows it."""
        return self.displays.get((link_id, code)) or code

    def lines(self, condition: Condition, depth: int = 0) -> list[str]:
        """The condition as indented lines, one part a line."""
        indent = "  " * depth
        if isinstance(condition, Leaf):
            return [indent + self.leaf(condition)]
        how, parts = how_joined(condition)
        inner = (line for part in parts for line in self.lines(part, depth + 1))
        return [f"{indent}{how} of these:", *inner]

    def phrase(self, condition: Condition) -> str:
        """The condition in one line; what is joined inside a join stands in brackets."""
        if isinstance(condition, Leaf):
            return self.leaf(condition)
        how, parts = how_joined(condition)
        said = _BETWEEN.get(how, "; ").join(
            self.leaf(part) if isinstance(part, Leaf) else f"[{self.phrase(part)}]"
            for part in parts
        )
        return said if how in _BETWEEN else f"{how} of: {said}"

    def leaf(self, leaf: Leaf) -> str:
        """A leaf of a condition in one line."""
        match leaf:
            case Equals(question, codes):
                answers = " or ".join(f"“{self.answer(question, code)}”" for code in codes)
                return f"{self.question(question)} {answers}"
            case IsOpen(question, True):
                return f"{self.question(question)} not answered, or not sure"
            case IsOpen(question):
                return f"{self.question(question)} answered without doubt"
            case HasFact(facts):
                named = " or ".join(self.facts.get(fact, fact) for fact in facts)
                return f"in the record: {named}"
