"""Functions over collections that run an expression on each item."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cds.forms.fhirpath.engine import comparing, navigation
from cds.forms.fhirpath.engine.evaluate import Environment, run_part
from cds.forms.fhirpath.engine.literals import SyntaxTree, specifier_of
from cds.forms.fhirpath.engine.values import (
    Collection,
    ElementNode,
    Failed,
    Refused,
    single_value,
    system_value,
    truth,
)

Arguments = list[SyntaxTree]
Function = Callable[[Collection, Arguments, Environment], Any]
_MAX_ITEMS = 100_000


def each(items: Collection, criterion: SyntaxTree, scope: Environment) -> list[Collection]:
    """What an expression gives on each item."""
    return [
        run_part(criterion, [item], replace(scope, this=[item], index=at))
        for at, item in enumerate(items)
    ]


def argument(tree: SyntaxTree, scope: Environment) -> Any:
    """The value of an argument, worked out from where the call stands."""
    return single_value(run_part(tree, scope.this, scope))


def whole_argument(tree: SyntaxTree, scope: Environment) -> int:
    """An argument that is how many."""
    value = argument(tree, scope)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Failed("a whole number is expected")
    return max(value, 0)


def where(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """The items for which the criterion is true."""
    outcomes = each(items, arguments[0], scope)
    return [item for item, outcome in zip(items, outcomes, strict=True) if criterion(outcome)]


def criterion(outcome: Collection) -> bool:
    """Whether the outcome of a criterion is true."""
    return truth(outcome) is True


def exists(items: Collection, arguments: Arguments, scope: Environment) -> bool:
    """Whether there are items, or items for which the criterion is true."""
    return bool(where(items, arguments, scope) if arguments else items)


def every(items: Collection, arguments: Arguments, scope: Environment) -> bool:
    """Whether the criterion is true for all items."""
    return all(map(criterion, each(items, arguments[0], scope)))


def select(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """What an expression gives on all items, one after the other."""
    return [one for found in each(items, arguments[0], scope) for one in found]


def repeat(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """What an expression gives on the items, and on what it gives, each thing once."""
    found: Collection = []
    seen: set[int] = set()
    # What is found may be of any kind: the first step asks of all what only some have.
    waiting = [
        replace(item, loose=True) if isinstance(item, ElementNode) else item for item in items
    ]
    while waiting:
        new = []
        for one in select(waiting, arguments, scope):
            if isinstance(one, ElementNode) and not one.primitive:
                if id(one.value) in seen:
                    continue
                seen.add(id(one.value))
            elif comparing.contains(found, one):
                continue
            new.append(one)
            found.append(one)
        if len(found) > _MAX_ITEMS:
            raise Refused("there are too many items")
        waiting = [replace(one, loose=True) if isinstance(one, ElementNode) else one for one in new]
    return navigation.loosened(found)


def of_type(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """The items of a type."""
    specifier = type_named(arguments[0])
    if not navigation.is_known_type(specifier, scope.definitions):
        raise Failed("there is no such type")
    return [item for item in items if navigation.is_exactly(item, specifier)]


def type_named(tree: SyntaxTree) -> tuple[str, ...]:
    """A type given as an argument, which the grammar reads as a path."""
    text = str(tree.get("text") or "")
    if tree["type"] in {"TypeSpecifier", "QualifiedIdentifier"}:
        return specifier_of(tree)
    names = tuple(name.strip("`") for name in text.split("."))
    if not text or not all(name.isidentifier() for name in names):
        raise Failed("the name of a type is expected")
    return names


def booleans(every: bool, wanted: bool) -> Function:  # noqa: FBT001 - allTrue, anyTrue, allFalse, anyFalse
    """The function that asks whether all or any of the booleans are of one value."""

    def function(items: Collection, _: Arguments, __: Environment) -> bool:
        values = [system_value(item) for item in items]
        if not all(isinstance(value, bool) for value in values):
            raise Failed("only booleans are expected")
        return (all if every else any)(value is wanted for value in values)

    return function


def iif(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """One expression or another, by a criterion; the other one is not run."""
    if len(items) > 1:
        raise Failed("iif() stands on at most one item")
    inner = replace(scope, this=items) if items else scope
    holds = run_part(arguments[0], items, inner)
    value = single_value(holds)
    if value is not None and not isinstance(value, bool):
        raise Failed("the criterion of iif() must be a boolean")
    if value:
        return run_part(arguments[1], items, inner)
    return run_part(arguments[2], items, inner) if len(arguments) > 2 else []  # noqa: PLR2004 - otherwise


def aggregate(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    """An expression over all items that carries a total along."""
    total = run_part(arguments[1], scope.this, scope) if len(arguments) > 1 else []
    for at, item in enumerate(items):
        inner = replace(scope, this=[item], index=at, total=total)
        total = run_part(arguments[0], [item], inner)
    return total
