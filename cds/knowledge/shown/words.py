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
        match condition:
            case Equals() | IsOpen() | HasFact():
                return [indent + self.leaf(condition)]
            case AnyOf(parts):
                return self._joined("any of these:", parts, indent, depth)
            case AllOf(parts):
                return self._joined("all of these:", parts, indent, depth)
            case NoneOf(parts):
                return self._joined("none of these:", parts, indent, depth)
            case AtLeast(count, parts):
                each = tuple(one for part in parts for one in spread(part))
                return self._joined(f"at least {count} of these:", each, indent, depth)

    def phrase(self, condition: Condition) -> str:
        """The condition in one line; what is joined inside a join stands in brackets."""
        match condition:
            case Equals() | IsOpen() | HasFact():
                return self.leaf(condition)
            case AnyOf(parts):
                return self._phrased("; or ", parts)
            case AllOf(parts):
                return self._phrased("; and ", parts)
            case NoneOf(parts):
                return f"none of: {self._phrased('; ', parts)}"
            case AtLeast(count, parts):
                each = tuple(one for part in parts for one in spread(part))
                return f"at least {count} of: {self._phrased('; ', each)}"

    def _phrased(self, between: str, parts: tuple[Condition, ...]) -> str:
        return between.join(
            self.leaf(part)
            if isinstance(part, Equals | IsOpen | HasFact)
            else f"[{self.phrase(part)}]"
            for part in parts
        )

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

    def _joined(
        self, head: str, parts: tuple[Condition, ...], indent: str, depth: int
    ) -> list[str]:
        return [
            f"{indent}{head}",
            *(line for part in parts for line in self.lines(part, depth + 1)),
        ]
