"""A condition of the rules as source text: what holds for certain, and what may still hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

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
    leaves,
    spread,
)

NEVER_TRUE = "False"
# So many codes of one question are not looked for one by one in an answer that is none of them.
_MANY = 4


class Pair(NamedTuple):
    """The two expressions of one condition."""

    certain: str
    possible: str


class QuestionNumbers(dict[str, int]):
    """The number of every question; of those with many codes, the codes that are asked for."""

    many: Mapping[str, Collection[str]] = MappingProxyType({})


def numbered(conditions: Iterable[Condition]) -> QuestionNumbers:
    """The questions that the conditions ask, in their order."""
    names = QuestionNumbers()
    codes: dict[str, set[str]] = {}
    for leaf in (one for condition in conditions for one in leaves(condition)):
        if not isinstance(leaf, HasFact):
            names.setdefault(leaf.question, len(names))
        if isinstance(leaf, Equals):
            codes.setdefault(leaf.question, set()).update(leaf.codes)
    # In an order of their own: a set has another one in every process.
    names.many = {one: sorted(asked) for one, asked in codes.items() if len(asked) >= _MANY}
    return names


def given_lines(names: QuestionNumbers) -> Iterator[str]:
    """What was answered to each question (`q`), and whether that may be any of many codes (`a`)."""
    for question, number in names.items():
        yield f"    q{number} = get({question!r}, ())"
        if question in names.many:
            codes = ", ".join(map(repr, names.many[question]))
            yield f"    a{number} = len(q{number}) != 1 or q{number}[0] in {{{codes}}}"


def _open(question: str, number: int) -> str:
    return f"(not q{number} or {question!r} in unsettled)"


def waiting_for(question: str, number: int) -> str:
    """Whether a question is open, and not needless (`w`)."""
    return f"{_open(question, number)} and {question!r} not in excused"


def pair_of(condition: Condition, names: QuestionNumbers, *, record: bool = True) -> Pair:
    """The expressions of a condition; without `record`, where no fact that it asks for is shown."""
    match condition:
        case Equals() | IsOpen() | HasFact():
            return _leaf(condition, names, record=record)
        case AnyOf(parts):
            return _joined(" or ", [pair_of(part, names, record=record) for part in parts])
        case AllOf(parts):
            return _joined(" and ", [pair_of(part, names, record=record) for part in parts])
        case NoneOf(parts):
            inner = _joined(" or ", [pair_of(part, names, record=record) for part in parts])
            return Pair(f"(not {inner.possible})", f"(not {inner.certain})")
        case AtLeast(count, parts):
            each = [one for whole in parts for one in spread(whole)]
            pairs = [pair_of(part, names, record=record) for part in each]
            certain = " + ".join(f"(1 if {pair.certain} else 0)" for pair in pairs)
            possible = " + ".join(f"(1 if {pair.possible} else 0)" for pair in pairs)
            return Pair(f"({certain} >= {count})", f"({possible} >= {count})")


def _leaf(leaf: Leaf, names: QuestionNumbers, *, record: bool) -> Pair:
    match leaf:
        case Equals(question, codes):
            certain = _join(" or ", [f"{code!r} in q{names[question]}" for code in codes])
            if question in names.many:
                certain = f"(a{names[question]} and {certain})"
            return Pair(certain, f"({certain} or w{names[question]})")
        case IsOpen(question, True):
            expression = _open(question, names[question])
            return Pair(expression, expression)
        case IsOpen(question, _):
            settled = f"(not {_open(question, names[question])})"
            return Pair(settled, f"({settled} or w{names[question]})")
        case HasFact(facts):
            there = (
                _join(" or ", [f"{fact!r} in present" for fact in facts]) if record else NEVER_TRUE
            )
            return Pair(there, _join(" or ", [f"{fact!r} not in absent" for fact in facts]))


def _joined(word: str, pairs: Sequence[Pair]) -> Pair:
    """Join the parts; one that never holds is left out of an `or`, and ends an `and`."""
    certain = [pair.certain for pair in pairs]
    if word == " or ":
        certain = [one for one in certain if one != NEVER_TRUE]
    elif NEVER_TRUE in certain:
        certain = []
    return Pair(
        _join(word, certain) if certain else NEVER_TRUE,
        _join(word, [pair.possible for pair in pairs]),
    )


def _join(word: str, expressions: Sequence[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"({word.join(expressions)})"
