"""A pack's rules as one Python function: the fast twin of the tree interpreter.

Each condition becomes two Boolean expressions: `certain` (true whatever the open questions turn out
to be) and `possible` (true for some of it). That pair is three-valued logic: certain → true, not
possible → false, else unknown. A property test holds the function against the interpreter.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    NoneOf,
    questions_of,
    spread,
)

Codes = Mapping[str, tuple[str, ...]]
# (codes, open, excused, facts present, facts absent) → (indexes that fired, indexes still open)
Judge = Callable[
    [Codes, Mapping[str, str], Collection[str], frozenset[str], frozenset[str]],
    tuple[list[int], list[int]],
]


class Pair(NamedTuple):
    """The two expressions of one condition."""

    certain: str
    possible: str


def compile_conditions(conditions: Sequence[Condition]) -> Judge:
    """One function that judges all conditions, in order."""
    names: dict[str, int] = {}
    for condition in conditions:
        for question in questions_of(condition):
            names.setdefault(question, len(names))
    namespace: dict[str, object] = {}
    # The source is made of the pack's own codes, each quoted by repr(); nothing of a request is in it.
    exec(compile(source_of(conditions, names), "<rules>", "exec"), namespace)  # noqa: S102
    return cast("Judge", namespace["judge"])


def source_of(conditions: Sequence[Condition], names: Mapping[str, int]) -> str:
    """The source text of the function (to be read when debugging)."""
    lines = [
        "def judge(codes, unsettled, excused, present, absent):",
        "    get = codes.get",
        "    fired = []",
        "    waiting = []",
    ]
    for question, number in names.items():
        quoted = repr(question)
        lines += [
            f"    q{number} = get({quoted}, ())",
            f"    o{number} = not q{number} or {quoted} in unsettled",
            f"    w{number} = o{number} and {quoted} not in excused",
        ]
    for index, condition in enumerate(conditions):
        pair = _pair(condition, names)
        lines += [
            f"    if {pair.certain}:",
            f"        fired.append({index})",
            f"    elif {pair.possible}:",
            f"        waiting.append({index})",
        ]
    return "\n".join([*lines, "    return fired, waiting", ""])


def _pair(condition: Condition, names: Mapping[str, int]) -> Pair:
    match condition:
        case Equals(question, codes):
            number = names[question]
            certain = _join(" or ", (f"{code!r} in q{number}" for code in codes))
            return Pair(certain, f"({certain} or w{number})")
        case IsOpen(question, True):
            expression = f"o{names[question]}"
            return Pair(expression, expression)
        case IsOpen(question, _):
            number = names[question]
            return Pair(f"(not o{number})", f"(not o{number} or w{number})")
        case HasFact(facts):
            there = _join(" or ", (f"{fact!r} in present" for fact in facts))
            maybe = _join(" or ", (f"{fact!r} not in absent" for fact in facts))
            return Pair(there, maybe)
        case AnyOf(parts):
            return _joined(" or ", [_pair(part, names) for part in parts])
        case AllOf(parts):
            return _joined(" and ", [_pair(part, names) for part in parts])
        case NoneOf(parts):
            inner = _joined(" or ", [_pair(part, names) for part in parts])
            return Pair(f"(not {inner.possible})", f"(not {inner.certain})")
        case AtLeast(count, parts):
            pairs = [_pair(part, names) for whole in parts for part in spread(whole)]
            certain = " + ".join(f"(1 if {pair.certain} else 0)" for pair in pairs)
            possible = " + ".join(f"(1 if {pair.possible} else 0)" for pair in pairs)
            return Pair(f"({certain} >= {count})", f"({possible} >= {count})")


def _joined(word: str, pairs: Iterable[Pair]) -> Pair:
    listed = list(pairs)
    return Pair(
        _join(word, (pair.certain for pair in listed)),
        _join(word, (pair.possible for pair in listed)),
    )


def _join(word: str, expressions: Iterable[str]) -> str:
    return f"({word.join(expressions)})"
