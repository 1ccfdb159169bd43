"""An expression, read by the grammar of FHIRPath, worked out on a resource."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cds.core.logic import Truth, all_of, any_of
from cds.forms.elements.definitions import Definitions
from cds.forms.fhirpath.engine import arithmetic, comparing, literals, navigation
from cds.forms.fhirpath.engine.literals import SyntaxTree, name_of, specifier_of, unescaped
from cds.forms.fhirpath.engine.values import (
    Collection,
    ElementNode,
    Failed,
    Quantity,
    Refused,
    is_number,
    single_value,
    truth,
)

_MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Environment:
    """What an expression may name: its variables, `$this`, `$index` and `$total`, and the time."""

    definitions: Definitions
    names: Mapping[str, Collection]
    this: Collection
    now: datetime
    index: int | None = None
    total: Collection | None = None
    depth: int = 0


def evaluate_expression(
    tree: SyntaxTree, focus: Collection, names: Mapping[str, Collection], definitions: Definitions
) -> Collection:
    """The result of an expression.

    Raises:
        Failed: the specification calls it an error on these answers.
        Refused: it is not run here.
    """
    scope = Environment(definitions, names, focus, datetime.now(UTC).astimezone())
    return run_part(tree, focus, scope)


def run_part(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    """The result of one part of an expression on a focus."""
    if scope.depth > _MAX_DEPTH:
        raise Refused("the expression is nested too deeply")
    known = _PARTS.get(str(tree["type"]))
    if known is None:
        raise Refused(f"{tree['type']} is not run here")
    return known(tree, focus, replace(scope, depth=scope.depth + 1))


def _child(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    return run_part(tree["children"][0], focus, scope)


def _literal(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    return run_part(tree["children"][0], focus, scope) if tree.get("children") else [tree["text"]]


def _member(tree: SyntaxTree, focus: Collection, _: Environment) -> Collection:
    name = name_of(tree["children"][0])
    return [found for item in focus for found in navigation.member(item, name)]


def _first(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    """A term: a name at the beginning may be the type of what it starts at."""
    inner = tree["children"][0]
    if inner["type"] == "MemberInvocation":
        name = name_of(inner["children"][0])
        if name[:1].isupper():
            typed = [
                element
                for element in focus
                if isinstance(element, ElementNode) and navigation.is_of(element, (name,))
            ]
            if typed:
                return typed
            if scope.definitions.resource(name) is not None:
                raise Failed(f"the expression starts at a {name}, and there is none")
    return run_part(inner, focus, scope)


def _chain(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    left, right = tree["children"]
    items = run_part(left, focus, scope)
    if not items and right["type"] == "MemberInvocation":
        _may_have(left, name_of(right["children"][0]), scope)
    return run_part(right, items, scope)


def _may_have(left: SyntaxTree, name: str, scope: Environment) -> None:
    """Refuse an element that the type asked for on the left (`as Period`) does not have."""
    while left["type"] in {"TermExpression", "ParenthesizedTerm"} and left.get("children"):
        left = left["children"][0]
    if left["type"] == "TypeExpression":
        type_ = scope.definitions.type(specifier_of(left["children"][1])[-1])
        known = {element.name for element in type_.elements.values()} if type_ else {name}
        if name not in known:
            raise Failed(f"'{name[:40]}' is not an element of that type")


def require_order(items: Collection) -> Collection:
    """Items of which the first is asked for.

    Raises:
        Refused: they have no order, as children() and descendants() give them.
    """
    if len(items) > 1 and any(isinstance(item, ElementNode) and item.unordered for item in items):
        raise Refused("what has no order is asked for its first")
    return items


def _index(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    items = run_part(tree["children"][0], focus, scope)
    at = single_value(run_part(tree["children"][1], scope.this, scope))
    if at is None:
        return []
    if not isinstance(at, int):
        raise Failed("an index is a whole number")
    return [require_order(items)[at]] if 0 <= at < len(items) else []


def _variable(tree: SyntaxTree, _: Collection, scope: Environment) -> Collection:
    part = tree["children"][0]
    inner = part["children"][0] if part.get("children") else None
    name = name_of(inner) if inner is not None else unescaped(part["terminalNodeText"][-1][1:-1])
    for prefix, address in _NAMED:
        if name.startswith(prefix):
            return [address + name.removeprefix(prefix)]
    if name not in scope.names:
        raise Failed(f"variable %{name[:60]} is not defined")
    return list(scope.names[name])


_NAMED = (
    ("vs-", "http://hl7.org/fhir/ValueSet/"),
    ("ext-", "http://hl7.org/fhir/StructureDefinition/"),
)


def _sign(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    value = single_value(run_part(tree["children"][0], focus, scope))
    if value is None:
        return []
    negative = tree["terminalNodeText"][0] == "-"
    if isinstance(value, Quantity):
        return [Quantity(-value.value, value.unit) if negative else value]
    if not is_number(value):
        raise Failed("a sign stands before a number")
    return [-value if negative else value]


def _sides(
    tree: SyntaxTree, focus: Collection, scope: Environment
) -> tuple[str, Collection, Collection]:
    left, right = tree["children"]
    return tree["terminalNodeText"][0], run_part(left, focus, scope), run_part(right, focus, scope)


def _arithmetic(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    return result(arithmetic.apply(*_sides(tree, focus, scope)))


def _equality(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    operator, left, right = _sides(tree, focus, scope)
    if operator in {"~", "!~"}:
        return [comparing.equivalent(left, right) is (operator == "~")]
    same = comparing.equal_collections(left, right)
    return [] if same is None else [same is (operator == "=")]


def _order(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    operator, left, right = _sides(tree, focus, scope)
    order = comparing.order_of_two(left, right)
    if order is None:
        return []
    return [{"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]]


def _union(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    _, left, right = _sides(tree, focus, scope)
    return navigation.loosened(comparing.distinct([*left, *right]))


def _membership(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    operator, left, right = _sides(tree, focus, scope)
    one, among = (left, right) if operator == "in" else (right, left)
    if len(one) > 1:
        raise Failed("one value is looked for, there are several")
    return [comparing.contains(among, one[0])] if one else []


def _type(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    items = run_part(tree["children"][0], focus, scope)
    specifier = specifier_of(tree["children"][1])
    if tree["terminalNodeText"][0] == "is":
        return is_type(items, specifier, scope)
    return as_type(items, specifier, scope)


def is_type(items: Collection, specifier: tuple[str, ...], scope: Environment) -> Collection:
    """Whether the one item is of a type."""
    if len(items) > 1:
        raise Failed("one value is expected, there are several")
    if not navigation.is_known_type(specifier, scope.definitions):
        raise Failed("there is no such type")
    return [navigation.is_of(items[0], specifier)] if items else []


def as_type(items: Collection, specifier: tuple[str, ...], scope: Environment) -> Collection:
    """The one item, if it is of a type."""
    is_type(items, specifier, scope)
    return [item for item in items if navigation.is_exactly(item, specifier)]


def _logic(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    operator, left, right = _sides(tree, focus, scope)
    return result(_LOGIC[operator](truth(left), truth(right)))


def _xor(one: Truth, other: Truth) -> Truth:
    return None if one is None or other is None else one is not other


_LOGIC: Mapping[str, Callable[[Truth, Truth], Truth]] = {
    "and": lambda one, other: all_of([one, other]),
    "or": lambda one, other: any_of([one, other]),
    "xor": _xor,
    "implies": lambda one, other: any_of([None if one is None else not one, other]),
}


def result(value: Any) -> Collection:
    """A value as a collection: None is empty."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _call(tree: SyntaxTree, focus: Collection, scope: Environment) -> Collection:
    # The functions evaluate their arguments: the two files know each other through this call.
    from cds.forms.fhirpath.engine.functions import call  # noqa: PLC0415

    function = tree["children"][0]
    name = name_of(function["children"][0])
    arguments = function["children"][1]["children"] if len(function["children"]) > 1 else []
    return call(name, arguments, focus, scope)


_PARTS: Mapping[str, Callable[[SyntaxTree, Collection, Environment], Collection]] = {
    "TermExpression": _child,
    "ParenthesizedTerm": _child,
    "InvocationTerm": _first,
    "LiteralTerm": _literal,
    "NullLiteral": lambda *_: [],
    "BooleanLiteral": lambda tree, *_: [tree["text"] == "true"],
    "NumberLiteral": literals.number_literal,
    "StringLiteral": literals.string_literal,
    "DateTimeLiteral": literals.moment_literal,
    "DateLiteral": literals.moment_literal,
    "TimeLiteral": literals.moment_literal,
    "QuantityLiteral": literals.quantity_literal,
    "ExternalConstantTerm": _variable,
    "MemberInvocation": _member,
    "FunctionInvocation": _call,
    "ThisInvocation": lambda _, __, scope: list(scope.this),
    "IndexInvocation": lambda _, __, scope: result(scope.index),
    "TotalInvocation": lambda _, __, scope: list(scope.total or ()),
    "InvocationExpression": _chain,
    "IndexerExpression": _index,
    "PolarityExpression": _sign,
    "MultiplicativeExpression": _arithmetic,
    "AdditiveExpression": _arithmetic,
    "EqualityExpression": _equality,
    "InequalityExpression": _order,
    "UnionExpression": _union,
    "MembershipExpression": _membership,
    "TypeExpression": _type,
    "AndExpression": _logic,
    "OrExpression": _logic,
    "ImpliesExpression": _logic,
}
