"""The condition grammar of the rules, read from TOML into the one syntax tree."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    NoneOf,
)
from cds.knowledge.read.tables import Faults, nearest

_NOTHING = AnyOf(())


class Vocabulary(NamedTuple):
    """What a condition may name: linkId → option codes, and the facts of the record."""

    options: Mapping[str, tuple[str, ...]]
    facts: frozenset[str]


def read_condition(raw: object, where: str, words: Vocabulary, faults: Faults) -> Condition:
    """The tree of one condition; a faulty part becomes one that never holds, and a fault."""
    if not isinstance(raw, dict):
        faults.add(
            where, "must be a condition (a table).", "Like { question = …, operator = …, … }."
        )
        return _NOTHING
    kinds = [key for key in ("any", "all", "none", "at-least", "question", "fact") if key in raw]
    if len(kinds) != 1:
        faults.add(
            where,
            "must be exactly one of: question, fact, any, all, none, at-least.",
            nearest(next(iter(raw), ""), ("any", "all", "none", "at-least", "question", "fact")),
        )
        return _NOTHING
    match kinds[0]:
        case "question":
            return _question(raw, where, words, faults)
        case "fact":
            return _fact(raw, where, words, faults)
        case "at-least":
            return _at_least(raw, where, words, faults)
        case kind:
            _only(raw, (kind,), where, faults)
            parts = _parts(raw[kind], f"{where}.{kind}", words, faults)
            if kind == "any":
                return AnyOf(parts)
            return AllOf(parts) if kind == "all" else NoneOf(parts)


def _parts(raw: object, where: str, words: Vocabulary, faults: Faults) -> tuple[Condition, ...]:
    if not isinstance(raw, list) or not raw:
        faults.add(where, "must be a list with at least one condition.")
        return (_NOTHING,)
    return tuple(
        read_condition(part, f"{where}[{number}]", words, faults) for number, part in enumerate(raw)
    )


def _at_least(raw: Mapping[str, Any], where: str, words: Vocabulary, faults: Faults) -> Condition:
    _only(raw, ("at-least", "of"), where, faults)
    count = raw["at-least"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        faults.add(f"{where}.at-least", "must be a whole number from 1 up.")
        count = 1
    return AtLeast(count, _parts(raw.get("of"), f"{where}.of", words, faults))


def _question(raw: Mapping[str, Any], where: str, words: Vocabulary, faults: Faults) -> Condition:
    question = raw["question"]
    if not isinstance(question, str) or question not in words.options:
        faults.add(
            where,
            f"question {question!r} is not a linkId of the questionnaire.",
            nearest(str(question), words.options),
        )
        return _NOTHING
    if "open" in raw:
        _only(raw, ("question", "open"), where, faults)
        if not isinstance(raw["open"], bool):
            faults.add(f"{where}.open", "must be true or false.")
        return IsOpen(question, raw["open"] is True)
    _only(raw, ("question", "operator", "answerCoding"), where, faults)
    if raw.get("operator") != "=":
        faults.add(f"{where}.operator", 'must be "=", the only one there is.')
    codes = raw.get("answerCoding")
    listed = [codes] if isinstance(codes, str) else codes
    if not isinstance(listed, list) or not listed:
        faults.add(f"{where}.answerCoding", "must be a code, or a list of codes.")
        return _NOTHING
    for code in listed:
        if code not in words.options[question]:
            faults.add(
                f"{where}.answerCoding",
                f"{code!r} is not an option of {question!r}.",
                nearest(str(code), words.options[question]),
            )
    return Equals(question, tuple(str(code) for code in dict.fromkeys(map(str, listed))))


def _fact(raw: Mapping[str, Any], where: str, words: Vocabulary, faults: Faults) -> Condition:
    _only(raw, ("fact",), where, faults)
    named = raw["fact"]
    listed = [named] if isinstance(named, str) else named
    if not isinstance(listed, list) or not listed:
        faults.add(f"{where}.fact", "must be a fact, or a list of facts.")
        return _NOTHING
    for fact in listed:
        if fact not in words.facts:
            faults.add(
                f"{where}.fact",
                f"{fact!r} is not a fact of record.toml.",
                nearest(str(fact), words.facts),
            )
    return HasFact(tuple(str(fact) for fact in listed))


def _only(raw: Mapping[str, Any], known: tuple[str, ...], where: str, faults: Faults) -> None:
    for key in raw:
        if key not in known:
            faults.add(f"{where}.{key}", "is not a known key.", nearest(key, known))
