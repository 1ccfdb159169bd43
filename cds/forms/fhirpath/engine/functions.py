"""The functions of FHIRPath that are run: what is not named here is refused."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine import arithmetic, comparing, navigation
from cds.forms.fhirpath.engine.answers import answers
from cds.forms.fhirpath.engine.converting import CONVERSIONS
from cds.forms.fhirpath.engine.evaluate import (
    Environment,
    as_type,
    is_type,
    require_order,
    result,
    run_part,
)
from cds.forms.fhirpath.engine.items import (
    Arguments,
    Function,
    aggregate,
    argument,
    booleans,
    every,
    exists,
    iif,
    of_type,
    repeat,
    select,
    type_named,
    where,
    whole_argument,
)
from cds.forms.fhirpath.engine.moments import Moment, parse_moment
from cds.forms.fhirpath.engine.numeric import absolute, numeric, round_, total_of
from cds.forms.fhirpath.engine.scores import weight
from cds.forms.fhirpath.engine.texts import TEXT_FUNCTIONS
from cds.forms.fhirpath.engine.values import (
    Collection,
    ElementNode,
    Failed,
    Refused,
    single,
    single_value,
    system_value,
    truth,
)

_NOT_RUN = """
allConcepts checkModifiers coalesce comparable conformsTo convertsToLong dateOf dayOf decode
defineVariable difference duration elementDefinition encode escape getReferenceKey getResourceKey
highBoundary hourOf htmlChecks lowBoundary memberOf millisecondOf minuteOf monthOf precision
repeatAll resolve secondOf slice sort subsumedBy subsumes timeOf timezoneOffsetOf
toLong type unescape yearOf
"""
# Functions of FHIRPath, FHIR and SDC whose result would not surely be right here.
NOT_RUN = frozenset(_NOT_RUN.split())


def call(name: str, arguments: Arguments, focus: Collection, scope: Environment) -> Collection:
    """The result of a function on a focus.

    Raises:
        Refused: the function is not run here.
        Failed: it is called with other arguments than it takes.
    """
    known = _FUNCTIONS.get(name)
    if known is not None:
        function, counts = known
        _counted(name, arguments, counts)
        return result(function(focus, arguments, scope))
    if name in TEXT_FUNCTIONS:
        return _on_text(name, focus, arguments, scope)
    if name.startswith(("to", "convertsTo")):
        target = name.removeprefix("convertsTo").removeprefix("to")
        if target in CONVERSIONS:
            return _converted(name, target, focus, arguments, scope)
    if name in NOT_RUN:
        raise Refused(f"{name}() is not run here")
    raise Failed(f"{name[:60]}() is not a FHIRPath function")


def _counted(name: str, arguments: Arguments, counts: tuple[int, ...]) -> None:
    if len(arguments) not in counts:
        raise Failed(f"{name}() is given the wrong number of arguments")


def _other(function: Callable[[Collection, Collection], Any]) -> Function:
    """A function over two collections; the other one is worked out from where the first was."""

    def called(items: Collection, arguments: Arguments, scope: Environment) -> Any:
        return function(items, run_part(arguments[0], scope.this, scope))

    return called


def _on_text(name: str, items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    function, counts = TEXT_FUNCTIONS[name]
    _counted(name, arguments, counts)
    value = single_value(items)
    others = [argument(one, scope) for one in arguments]
    if value is None or None in others:
        return []
    texts = others if name != "substring" else []
    if not all(isinstance(one, str) for one in (value, *texts)):
        raise Failed("a text is expected")
    return result(function(value, *others))


def _join(items: Collection, arguments: Arguments, scope: Environment) -> Any:
    between = argument(arguments[0], scope) if arguments else ""
    texts = [system_value(item) for item in items]
    if not isinstance(between, str) or not all(isinstance(text, str) for text in texts):
        raise Failed("texts are expected")
    return between.join(texts) if texts else None


def _converted(
    name: str, target: str, items: Collection, arguments: Arguments, scope: Environment
) -> Collection:
    wanted = argument(arguments[0], scope) if arguments and target == "Quantity" else None
    _counted(name, arguments, (0, 1) if target == "Quantity" else (0,))
    value = single_value(items)
    if value is None:
        return []
    found = None if isinstance(value, ElementNode) else CONVERSIONS[target](value)
    if arguments and found is not None and found.unit != wanted:
        raise Refused("a quantity is not converted into another unit")
    return [found is not None] if name.startswith("convertsTo") else result(found)


def _children(items: Collection) -> Collection:
    return [child for item in items for child in navigation.children(item)]


def _extension(items: Collection, arguments: Arguments, scope: Environment) -> Collection:
    url = argument(arguments[0], scope)
    found = [one for item in items for one in navigation.member(item, "extension")]
    return [one for one in found if isinstance(one.value, dict) and one.value.get("url") == url]


def _has_value(items: Collection) -> bool:
    one = items[0] if len(items) == 1 else None
    return isinstance(one, ElementNode) and one.primitive and one.value is not None


def _not(items: Collection) -> bool | None:
    value = truth(items)
    return None if value is None else not value


def _today(scope: Environment) -> Moment | None:
    return parse_moment("Date", scope.now.date().isoformat())


def _now(scope: Environment) -> Moment | None:
    return parse_moment("DateTime", scope.now.isoformat(timespec="milliseconds"))


def _time_of_day(scope: Environment) -> Moment | None:
    return parse_moment("Time", scope.now.time().isoformat(timespec="milliseconds"))


def _simple(function: Callable[[Collection], Any]) -> tuple[Function, tuple[int, ...]]:
    return (lambda items, _, __: function(items)), (0,)


def _timed(function: Callable[[Environment], Any]) -> tuple[Function, tuple[int, ...]]:
    return (lambda _, __, scope: function(scope)), (0,)


def _united(items: Collection, others: Collection) -> Collection:
    return navigation.loosened(comparing.distinct([*items, *others]))


def _subset(items: Collection, others: Collection) -> bool:
    return all(comparing.contains(others, item) for item in items)


_FUNCTIONS: Mapping[str, tuple[Function, tuple[int, ...]]] = {
    "empty": _simple(lambda items: not items),
    "exists": (exists, (0, 1)),
    "all": (every, (1,)),
    "allTrue": (booleans(every=True, wanted=True), (0,)),
    "anyTrue": (booleans(every=False, wanted=True), (0,)),
    "allFalse": (booleans(every=True, wanted=False), (0,)),
    "anyFalse": (booleans(every=False, wanted=False), (0,)),
    "subsetOf": (_other(_subset), (1,)),
    "supersetOf": (_other(lambda items, others: _subset(others, items)), (1,)),
    "count": _simple(len),
    "distinct": _simple(comparing.distinct),
    "isDistinct": _simple(lambda items: len(comparing.distinct(items)) == len(items)),
    "where": (where, (1,)),
    "select": (select, (1,)),
    "repeat": (repeat, (1,)),
    "ofType": (of_type, (1,)),
    "is": (lambda items, given, scope: is_type(items, type_named(given[0]), scope), (1,)),
    "as": (lambda items, given, scope: as_type(items, type_named(given[0]), scope), (1,)),
    "single": _simple(single),
    "first": _simple(lambda items: require_order(items)[:1]),
    "last": _simple(lambda items: require_order(items)[-1:]),
    "tail": _simple(lambda items: require_order(items)[1:]),
    "skip": (
        lambda items, arguments, scope: require_order(items)[whole_argument(arguments[0], scope) :],
        (1,),
    ),
    "take": (
        lambda items, arguments, scope: require_order(items)[: whole_argument(arguments[0], scope)],
        (1,),
    ),
    "intersect": (_other(comparing.common), (1,)),
    "exclude": (_other(comparing.without), (1,)),
    "union": (_other(_united), (1,)),
    "combine": (_other(lambda items, others: navigation.loosened([*items, *others])), (1,)),
    "iif": (iif, (2, 3)),
    "aggregate": (aggregate, (1, 2)),
    "not": _simple(_not),
    "abs": (numeric(absolute), (0,)),
    "ceiling": (numeric(lambda value: arithmetic.whole(value, "ROUND_CEILING")), (0,)),
    "floor": (numeric(lambda value: arithmetic.whole(value, "ROUND_FLOOR")), (0,)),
    "truncate": (numeric(lambda value: arithmetic.whole(value, "ROUND_DOWN")), (0,)),
    "round": (numeric(round_), (0, 1)),
    "sqrt": (numeric(arithmetic.root_of), (0,)),
    "exp": (numeric(lambda value: Decimal(value).exp()), (0,)),
    "ln": (numeric(arithmetic.logarithm), (0,)),
    "log": (numeric(arithmetic.logarithm), (1,)),
    "power": (numeric(arithmetic.power), (1,)),
    "sum": (total_of(sum), (0,)),
    "min": (total_of(min), (0,)),
    "max": (total_of(max), (0,)),
    "avg": (total_of(lambda values: Decimal(sum(values)) / len(values)), (0,)),
    "join": (_join, (0, 1)),
    "children": _simple(_children),
    "descendants": _simple(lambda items: list(navigation.descendants(items))),
    "extension": (_extension, (1,)),
    "hasValue": _simple(_has_value),
    "getValue": _simple(lambda items: system_value(items[0]) if _has_value(items) else None),
    "trace": (lambda items, _, __: items, (1, 2)),
    "today": _timed(_today),
    "now": _timed(_now),
    "timeOfDay": _timed(_time_of_day),
    "answers": (answers, (0,)),
    "weight": (weight, (0,)),
    "ordinal": (weight, (0,)),
}
