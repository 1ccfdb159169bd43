"""The skeleton of a golden case for one rule: it names what the rule looks at, and fires."""

from collections.abc import Iterator, Mapping

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
)
from cds.core.model import Rule
from cds.core.pack import Pack
from cds.errors import UsageError
from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import nearest

_Given = dict[str, list[str]]


def skeleton(pack: Pack, rule_id: str) -> str:
    """The TOML of a case that fires the rule, to be given a name and an expectation.

    Its answers are the first that fit the condition; they say nothing of what is usual.

    Raises:
        UsageError: the pack has no such rule.
    """
    rules = {rule.id: rule for rule in pack.rules.rules}
    if rule_id not in rules:
        raise UsageError("RULE", f"there is no rule {rule_id!r}.", nearest(rule_id, rules))
    rule = rules[rule_id]
    given: _Given = {}
    facts: dict[str, str] = {}
    for part in _needed(rule.when):
        if isinstance(part, Equals):
            given.setdefault(part.question, []).append(part.codes[0])
        elif isinstance(part, HasFact):
            facts[part.facts[0]] = "present"
    several = {item["linkId"] for item in every_item(pack.full.raw) if item.get("repeats")}
    answers = [_answer(question, codes, question in several) for question, codes in given.items()]
    return _written(rule, answers, facts)


def _needed(condition: Condition) -> Iterator[Condition]:
    """The leaves that are enough: all of an `all`, the first of an `any`, the first n of n."""
    match condition:
        case AllOf(parts):
            for part in parts:
                yield from _needed(part)
        case AnyOf(parts):
            if parts:
                yield from _needed(parts[0])
        case AtLeast(count, parts):
            for part in parts[:count]:
                yield from _needed(part)
        case Equals() | HasFact() | IsOpen():
            yield condition
        case _:
            return  # `none` asks for nothing to be there


def _written(rule: Rule, answers: list[str], facts: Mapping[str, str]) -> str:
    lines = [
        "[[case]]",
        f'name   = "{_quoted(rule.title)}: say here what is special, as a true sentence"',
        f"given  = {{ {', '.join(answers)} }}",
    ]
    if facts:
        listed = ", ".join(f'"{name}" = "{state}"' for name, state in facts.items())
        lines.append(f"facts  = {{ {listed} }}")
    lines += [
        "# Work out from the sources what must follow, before you run it.",
        f'expect = {{ level = "{rule.level}", fired-include = ["{rule.id}"] }}',
    ]
    return "\n".join(lines) + "\n"


def _answer(question: str, codes: list[str], several: bool) -> str:  # noqa: FBT001 - one of three
    shown = [f'"{code}"' for code in dict.fromkeys(codes)]
    return f'"{question}" = [{", ".join(shown)}]' if several else f'"{question}" = {shown[0]}'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
