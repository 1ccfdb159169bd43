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
    leaves,
    questions_of,
    spread,
)

Codes = Mapping[str, tuple[str, ...]]
# A reason: (linkId, code), (linkId, None) for an open question, (None, fact).
Reason = tuple[str | None, str | None]
# (codes, open, excused, facts present, facts absent) → (indexes that fired, indexes still open)
Judge = Callable[
    [Codes, Mapping[str, str], Collection[str], frozenset[str], frozenset[str]],
    tuple[list[int], list[int]],
]


class Pair(NamedTuple):
    """The two expressions of one condition."""

    certain: str
    possible: str


# (codes, open, facts present) → the numbers of the reasons, in the rule's order
Why = Callable[[Codes, Mapping[str, str], frozenset[str]], list[int]]


def compile_conditions(conditions: Sequence[Condition]) -> Judge:
    """One function that judges all conditions, in order."""
    names = _numbered(conditions)
    return cast("Judge", _run(source_of(conditions, names), "judge"))


def compile_reasons(conditions: Sequence[Condition], reasons: Sequence[Reason]) -> tuple[Why, ...]:
    """For each condition a function that says, while it holds, which of the reasons make it hold."""
    numbers = {reason: number for number, reason in enumerate(reasons)}
    return tuple(cast("Why", _run(reasons_source(one, numbers), "why")) for one in conditions)


def reasons_in(conditions: Iterable[Condition]) -> tuple[Reason, ...]:
    """Everything that may make one of the conditions hold, each once."""
    found: dict[Reason, None] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            match leaf:
                case Equals(question, codes):
                    found |= dict.fromkeys((question, code) for code in codes)
                case IsOpen(question, True):
                    found[(question, None)] = None
                case HasFact(facts):
                    found |= dict.fromkeys((None, fact) for fact in facts)
                case _:
                    pass
    return tuple(found)


def _numbered(conditions: Iterable[Condition]) -> dict[str, int]:
    asked = dict.fromkeys(q for condition in conditions for q in questions_of(condition))
    return {question: number for number, question in enumerate(asked)}


def _run(source: str, name: str) -> object:
    namespace: dict[str, object] = {}
    # The source is made of the pack's own codes, each quoted by repr(); nothing of a request is in it.
    exec(compile(source, f"<{name}>", "exec"), namespace)  # noqa: S102
    return namespace[name]


def source_of(conditions: Sequence[Condition], names: Mapping[str, int]) -> str:
    """The source text of the judging function (to be read when debugging)."""
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


def reasons_source(condition: Condition, numbers: Mapping[Reason, int]) -> str:
    """The source text of the function that gives a true condition's reasons."""
    names = _numbered([condition])
    lines = ["def why(codes, unsettled, present):", "    found = []", "    add = found.append"]
    for question, number in names.items():
        quoted = repr(question)
        lines.append(f"    q{number} = codes.get({quoted}, ())")
        lines.append(f"    o{number} = not q{number} or {quoted} in unsettled")
    lines += _reason_lines(condition, names, numbers, "    ")
    return "\n".join([*lines, "    return found", ""])


def _reason_lines(
    condition: Condition, names: Mapping[str, int], numbers: Mapping[Reason, int], indent: str
) -> list[str]:
    match condition:
        case Equals(question, codes):
            return [
                f"{indent}if {code!r} in q{names[question]}: add({numbers[question, code]})"
                for code in codes
            ]
        case IsOpen(question, True):
            return [f"{indent}add({numbers[question, None]})"]
        case HasFact(facts):
            return [f"{indent}if {fact!r} in present: add({numbers[None, fact]})" for fact in facts]
        case AllOf(parts):
            return [line for p in parts for line in _reason_lines(p, names, numbers, indent)]
        case AnyOf(parts):
            return _chosen(parts, names, numbers, indent)
        case AtLeast(_, parts):
            return _chosen([p for part in parts for p in spread(part)], names, numbers, indent)
        case _:  # What is not there cannot be shown; the rule's reading says it.
            return []


def _chosen(
    parts: Iterable[Condition], names: Mapping[str, int], numbers: Mapping[Reason, int], indent: str
) -> list[str]:
    lines = []
    for part in parts:
        if isinstance(part, Equals | HasFact):
            lines += _reason_lines(part, names, numbers, indent)
        elif inner := _reason_lines(part, names, numbers, f"{indent}    "):
            lines += [f"{indent}if {_pair(part, names).certain}:", *inner]
    return lines


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
