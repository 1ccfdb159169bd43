"""A pack's rules as one Python function: the fast twin of the tree interpreter.

Each condition becomes two Boolean expressions: `certain` (true whatever the open questions turn out
to be) and `possible` (true for some of it). That pair is three-valued logic: certain → true, not
possible → false, else unknown. A property test holds the function against the interpreter.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import cast

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
    spread,
)
from cds.core.expressions import (
    NEVER_TRUE,
    QuestionNumbers,
    given_lines,
    numbered,
    pair_of,
    waiting_for,
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
            pair_of(one, self._names, record=False).certain != NEVER_TRUE
            for one in self._conditions
        )

    @cached_property
    def fired(self) -> _Judged:
        """Those that hold."""
        pairs = [pair_of(one, self._names) for one in self._conditions]
        return _judged([pair.certain for pair in pairs], self._names)

    @cached_property
    def plain(self) -> _Judged:
        """Those that hold where no fact that they ask for is shown: mostly, or without a record."""
        pairs = [pair_of(one, self._names, record=False) for one in self._conditions]
        return _judged([pair.certain for pair in pairs], self._names)

    @cached_property
    def possible(self) -> _Judged:
        """Those that hold or may still come to hold."""
        pairs = [pair_of(one, self._names) for one in self._conditions]
        return _judged([pair.possible for pair in pairs], self._names)

    @cached_property
    def _names(self) -> QuestionNumbers:
        return numbered(self._conditions)


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


def _run(source: str, name: str) -> object:
    namespace: dict[str, object] = {}
    # The source is made of the pack's own codes, quoted by repr(); nothing of a request is in it.
    exec(compile(source, f"<{name}>", "exec"), namespace)  # noqa: S102
    return namespace[name]


def _judged(expressions: Sequence[str], names: QuestionNumbers) -> _Judged:
    return cast("_Judged", _run(_source_of(expressions, names), "judged"))


def _source_of(expressions: Sequence[str], names: QuestionNumbers) -> str:
    """The source text of one judging function (to be read when debugging)."""
    body = [
        f"    if {expression}: found.append({index})"
        for index, expression in enumerate(expressions)
        if expression != NEVER_TRUE
    ]
    used = "\n".join(body)
    lines = [
        "def judged(codes, unsettled, excused, present, absent):",
        "    get = codes.get",
        "    found = []",
        *given_lines(names),
    ]
    for question, number in names.items():
        if f"w{number})" in used:
            lines.append(f"    w{number} = {waiting_for(question, number)}")
    return "\n".join([*lines, *body, "    return found", ""])


def waits_source(condition: Condition) -> str:
    """The source text of the function that gives the open questions of a condition."""
    names = numbered([condition])
    lines = ["def waits(codes, unsettled, excused, present, absent):", "    found = []"]
    lines += ["    get = codes.get", *given_lines(names)]
    lines += [f"    w{number} = {waiting_for(one, number)}" for one, number in names.items()]
    lines += _waiting_lines(condition, names, "    ")
    return "\n".join([*lines, "    return found", ""])


def _waiting_lines(condition: Condition, names: QuestionNumbers, indent: str) -> list[str]:
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
    pair = pair_of(condition, names)
    return [f"{indent}if {pair.possible} and not {pair.certain}:", *inner] if inner else []


def reasons_source(condition: Condition, numbers: Mapping[Ground, int]) -> str:
    """The source text of the function that gives a true condition's reasons."""
    names = numbered([condition])
    lines = ["def why(codes, unsettled, present):", "    found = []", "    add = found.append"]
    lines += ["    get = codes.get", *given_lines(names)]
    lines += _reason_lines(condition, names, numbers, "    ")
    return "\n".join([*lines, "    return found", ""])


def _reason_lines(
    condition: Condition, names: QuestionNumbers, numbers: Mapping[Ground, int], indent: str
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
    parts: Iterable[Condition], names: QuestionNumbers, numbers: Mapping[Ground, int], indent: str
) -> list[str]:
    lines = []
    for part in parts:
        if isinstance(part, Equals | HasFact):
            lines += _reason_lines(part, names, numbers, indent)
        elif inner := _reason_lines(part, names, numbers, f"{indent}    "):
            lines += [f"{indent}if {pair_of(part, names).certain}:", *inner]
    return lines
