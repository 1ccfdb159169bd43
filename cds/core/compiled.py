"""A pack's rules as one Python function: the fast twin of the tree interpreter.

Each condition becomes two Boolean expressions: `certain` (true whatever the open questions turn out
to be) and `possible` (true for some of it). That pair is three-valued logic: certain → true, not
possible → false, else unknown. A property test holds the function against the interpreter.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, cast

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
    questions_of,
    spread,
)

_Codes = Mapping[str, tuple[str, ...]]
# A reason: (linkId, code), (linkId, None) for an open question, (None, fact).
Ground = tuple[str | None, str | None]
# (codes, open, excused, facts present, facts absent) → indexes of the conditions that hold
_Judged = Callable[
    [_Codes, Mapping[str, str], Collection[str], frozenset[str], frozenset[str]], list[int]
]
# (codes, open, facts present) → the numbers of the reasons, in the rule's order
Why = Callable[[_Codes, Mapping[str, str], frozenset[str]], list[int]]
# (codes, open, excused, facts present, facts absent) → the open questions that it hangs on
Waits = Callable[
    [_Codes, Mapping[str, str], Collection[str], frozenset[str], frozenset[str]], list[str]
]
_NEVER = "False"


class Pair(NamedTuple):
    """The two expressions of one condition."""

    certain: str
    possible: str


class Judge:
    """The conditions of a pack as functions, each compiled when it is first asked for.

    A call of the command line needs one of the three.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)

    @cached_property
    def needs_no_record(self) -> bool:
        """Whether any of them could hold where no fact that they ask for is shown."""
        return any(
            _pair(one, self._names, record=False).certain != _NEVER for one in self._conditions
        )

    @cached_property
    def fired(self) -> _Judged:
        """Those that hold."""
        pairs = [_pair(one, self._names) for one in self._conditions]
        return _judged([pair.certain for pair in pairs], self._names)

    @cached_property
    def plain(self) -> _Judged:
        """Those that hold where no fact that they ask for is shown: mostly, or without a record."""
        pairs = [_pair(one, self._names, record=False) for one in self._conditions]
        return _judged([pair.certain for pair in pairs], self._names)

    @cached_property
    def possible(self) -> _Judged:
        """Those that hold or may still come to hold."""
        pairs = [_pair(one, self._names) for one in self._conditions]
        return _judged([pair.possible for pair in pairs], self._names)

    @cached_property
    def _names(self) -> dict[str, int]:
        return _numbered(self._conditions)


def compile_reasons(condition: Condition, reasons: Sequence[Ground]) -> Why:
    """A function that says, while the condition holds, which of the reasons make it hold."""
    numbers = {reason: number for number, reason in enumerate(reasons)}
    return cast("Why", _run(reasons_source(condition, numbers), "why"))


def compile_waits(condition: Condition) -> Waits:
    """A function that says, of a condition that may hold, for which open questions it waits.

    One that holds waits for none.
    """
    return cast("Waits", _run(waits_source(condition), "waits"))


def reasons_in(conditions: Iterable[Condition]) -> tuple[Ground, ...]:
    """Everything that may make one of the conditions hold, each once."""
    found: dict[Ground, None] = {}
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
    # The source is made of the pack's own codes, quoted by repr(); nothing of a request is in it.
    exec(compile(source, f"<{name}>", "exec"), namespace)  # noqa: S102
    return namespace[name]


def _judged(expressions: Sequence[str], names: Mapping[str, int]) -> _Judged:
    return cast("_Judged", _run(_source_of(expressions, names), "judged"))


def _source_of(expressions: Sequence[str], names: Mapping[str, int]) -> str:
    """The source text of one judging function (to be read when debugging)."""
    body = [
        f"    if {expression}: found.append({index})"
        for index, expression in enumerate(expressions)
        if expression != _NEVER
    ]
    used = "\n".join(body)
    lines = [
        "def judged(codes, unsettled, excused, present, absent):",
        "    get = codes.get",
        "    found = []",
    ]
    for question, number in names.items():
        lines.append(f"    q{number} = get({question!r}, ())")
        if f"w{number})" in used:
            lines.append(f"    w{number} = {_waits(question, number)}")
    return "\n".join([*lines, *body, "    return found", ""])


def _open(question: str, number: int) -> str:
    return f"(not q{number} or {question!r} in unsettled)"


def _waits(question: str, number: int) -> str:
    return f"{_open(question, number)} and {question!r} not in excused"


def waits_source(condition: Condition) -> str:
    """The source text of the function that gives the open questions of a condition."""
    names = _numbered([condition])
    lines = ["def waits(codes, unsettled, excused, present, absent):", "    found = []"]
    for question, number in names.items():
        lines.append(f"    q{number} = codes.get({question!r}, ())")
        lines.append(f"    w{number} = {_waits(question, number)}")
    lines += _waiting_lines(condition, names, "    ")
    return "\n".join([*lines, "    return found", ""])


def _waiting_lines(condition: Condition, names: Mapping[str, int], indent: str) -> list[str]:
    match condition:
        case HasFact():
            return []
        case Equals(question) | IsOpen(question):
            inner = [f"{indent}    found.append({question!r})"]
        case AnyOf(parts) | AllOf(parts) | NoneOf(parts):
            inner = [line for p in parts for line in _waiting_lines(p, names, f"{indent}    ")]
        case AtLeast(_, parts):
            each = [one for whole in parts for one in spread(whole)]
            inner = [line for p in each for line in _waiting_lines(p, names, f"{indent}    ")]
    pair = _pair(condition, names)
    return [f"{indent}if {pair.possible} and not {pair.certain}:", *inner] if inner else []


def reasons_source(condition: Condition, numbers: Mapping[Ground, int]) -> str:
    """The source text of the function that gives a true condition's reasons."""
    names = _numbered([condition])
    lines = ["def why(codes, unsettled, present):", "    found = []", "    add = found.append"]
    lines += [f"    q{number} = codes.get({question!r}, ())" for question, number in names.items()]
    lines += _reason_lines(condition, names, numbers, "    ")
    return "\n".join([*lines, "    return found", ""])


def _reason_lines(
    condition: Condition, names: Mapping[str, int], numbers: Mapping[Ground, int], indent: str
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
    parts: Iterable[Condition], names: Mapping[str, int], numbers: Mapping[Ground, int], indent: str
) -> list[str]:
    lines = []
    for part in parts:
        if isinstance(part, Equals | HasFact):
            lines += _reason_lines(part, names, numbers, indent)
        elif inner := _reason_lines(part, names, numbers, f"{indent}    "):
            lines += [f"{indent}if {_pair(part, names).certain}:", *inner]
    return lines


def _pair(condition: Condition, names: Mapping[str, int], *, record: bool = True) -> Pair:
    match condition:
        case Equals() | IsOpen() | HasFact():
            return _leaf(condition, names, record=record)
        case AnyOf(parts):
            return _joined(" or ", [_pair(part, names, record=record) for part in parts])
        case AllOf(parts):
            return _joined(" and ", [_pair(part, names, record=record) for part in parts])
        case NoneOf(parts):
            inner = _joined(" or ", [_pair(part, names, record=record) for part in parts])
            return Pair(f"(not {inner.possible})", f"(not {inner.certain})")
        case AtLeast(count, parts):
            each = [one for whole in parts for one in spread(whole)]
            pairs = [_pair(part, names, record=record) for part in each]
            certain = " + ".join(f"(1 if {pair.certain} else 0)" for pair in pairs)
            possible = " + ".join(f"(1 if {pair.possible} else 0)" for pair in pairs)
            return Pair(f"({certain} >= {count})", f"({possible} >= {count})")


def _leaf(leaf: Leaf, names: Mapping[str, int], *, record: bool) -> Pair:
    match leaf:
        case Equals(question, codes):
            certain = _join(" or ", [f"{code!r} in q{names[question]}" for code in codes])
            return Pair(certain, f"({certain} or w{names[question]})")
        case IsOpen(question, True):
            expression = _open(question, names[question])
            return Pair(expression, expression)
        case IsOpen(question, _):
            settled = f"(not {_open(question, names[question])})"
            return Pair(settled, f"({settled} or w{names[question]})")
        case HasFact(facts):
            there = _join(" or ", [f"{fact!r} in present" for fact in facts]) if record else _NEVER
            return Pair(there, _join(" or ", [f"{fact!r} not in absent" for fact in facts]))


def _joined(word: str, pairs: Sequence[Pair]) -> Pair:
    """Join the parts; one that never holds is left out of an `or`, and ends an `and`."""
    certain = [pair.certain for pair in pairs]
    if word == " or ":
        certain = [one for one in certain if one != _NEVER]
    elif _NEVER in certain:
        certain = []
    return Pair(
        _join(word, certain) if certain else _NEVER,
        _join(word, [pair.possible for pair in pairs]),
    )


def _join(word: str, expressions: Sequence[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"({word.join(expressions)})"
