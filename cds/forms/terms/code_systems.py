"""A code system at hand as tables: its codes, what stands above and below them, their properties.

Filters of a value set (compose.include.filter) are settled over these, where that can be done.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from cds.forms.values.patterns import MAX_TEXT, compile_pattern
from cds.wire import JsonObject, objects

Filter = Callable[[str], bool]
_OFTEN = 256  # filters asked between two looks at the clock
_CODE_ITSELF = frozenset({"concept", "code"})
_HIERARCHY = frozenset(
    ("is-a", "descendent-of", "descendent-leaf", "is-not-a", "child-of", "generalizes")
)
# What is true of the codes at hand may not be so in the whole of a system that is not complete.
_BY_ABSENCE = frozenset({"is-not-a", "not-in", "exists", "descendent-leaf"})


class NotSettled(Exception):
    """Why a filter cannot be settled."""


class CodeSystem:
    """The concepts of one CodeSystem resource. `complete` says that there are no others."""

    def __init__(self, resource: JsonObject) -> None:
        """Read every concept once, whatever it is nested in."""
        self._resource = resource
        self.complete = resource.get("content") == "complete"
        self.concepts: dict[str, JsonObject] = {}
        self._above: dict[str, set[str]] = {}
        self._folded: Mapping[str, str] | None = None
        self._below: Mapping[str, set[str]] | None = None
        waiting: list[tuple[JsonObject, str | None]] = [
            (one, None) for one in objects(resource.get("concept"))
        ]
        while waiting:
            concept, parent = waiting.pop()
            code = concept.get("code")
            if isinstance(code, str):
                self.concepts.setdefault(code, concept)
                if parent is not None:
                    self._above.setdefault(code, set()).add(parent)
            if "concept" in concept:
                own = code if isinstance(code, str) else parent
                waiting.extend((one, own) for one in objects(concept["concept"]))

    def spelled(self, code: str) -> str:
        """The code as the system spells it, where that does not tell upper from lower case."""
        if code in self.concepts or self._resource.get("caseSensitive") is not False:
            return code
        if self._folded is None:
            self._folded = {known.casefold(): known for known in self.concepts}
        return self._folded.get(code.casefold(), code)

    def inactive(self) -> frozenset[str]:
        """The codes that must not be used any more, by the properties that FHIR has for it."""
        return frozenset(
            code
            for code in self.concepts
            if True in self._property(code, "inactive")
            or "retired" in self._property(code, "status")
        )

    def filtered(self, filters: list[JsonObject], look: Callable[[], None]) -> Iterator[str]:
        """The codes that pass every filter; `look` raises when time is over.

        Raises:
            NotSettled: a filter cannot be settled over what is at hand.
        """
        holds = []
        for one in filters:
            look()
            holds.append(self._filter(one))
        often = max(1, _OFTEN // max(1, len(holds)))
        for count, code in enumerate(self.concepts):
            if not count % often:
                look()
            if all(holds_for(code) for holds_for in holds):
                yield code

    def _filter(self, raw: JsonObject) -> Filter:
        name, op, value = (raw.get(key) for key in ("property", "op", "value"))
        if not (isinstance(name, str) and isinstance(op, str) and isinstance(value, str)):
            raise NotSettled("a filter needs property, op and value")
        if op in _BY_ABSENCE and not self.complete:
            raise NotSettled("the code system is not complete")
        if op in _HIERARCHY:
            return self._by_place(name, op, value)
        values = self._values(name)
        match op:
            case "=" | "in" | "not-in":
                wanted = _wanted([value] if op == "=" else value.split(","))
                return lambda code: (
                    any(_key(one) in wanted for one in values(code)) is (op != "not-in")
                )
            case "exists" if value in {"true", "false"}:
                return lambda code: bool(values(code)) is (value == "true")
            case "regex":
                return _by_pattern(value, values)
        raise NotSettled(f"a filter with '{op[:40]}' is not known")

    def _by_place(self, name: str, op: str, value: str) -> Filter:
        """A filter by what a code stands under."""
        if name not in _CODE_ITSELF:
            raise NotSettled(f"'{op}' is not asked of '{name[:40]}'")
        if self._resource.get("hierarchyMeaning") not in {None, "is-a"}:
            raise NotSettled("the nesting of the code system does not mean is-a")
        if value not in self.concepts:
            raise NotSettled(f"the code system has no '{value[:40]}'")
        below = self._reachable(value, self.children)
        codes: Mapping[str, Callable[[], set[str]]] = {
            "is-a": lambda: below,
            "descendent-of": lambda: below - {value},
            "descendent-leaf": lambda: below - self.children.keys() - {value},
            "is-not-a": lambda: self.concepts.keys() - below,
            "child-of": lambda: self.children.get(value, set()),
            "generalizes": lambda: self._reachable(value, self.parents),
        }
        return codes[op]().__contains__

    @property
    def parents(self) -> Mapping[str, set[str]]:
        """The codes right above each, by nesting and by the properties `parent` and `child`."""
        _ = self.children
        return self._above

    @property
    def children(self) -> Mapping[str, set[str]]:
        """The codes right below each."""
        if self._below is None:
            for code in self.concepts:
                for parent in self._property(code, "parent", "subsumedBy"):
                    self._above.setdefault(code, set()).add(str(parent))
                for child in self._property(code, "child"):
                    self._above.setdefault(str(child), set()).add(code)
            below: dict[str, set[str]] = {}
            for code, above in self._above.items():
                for one in above:
                    below.setdefault(one, set()).add(code)
            self._below = below
        return self._below

    @staticmethod
    def _reachable(start: str, steps: Mapping[str, set[str]]) -> set[str]:
        found, waiting = {start}, [start]
        while waiting:
            new = steps.get(waiting.pop(), set()) - found
            found |= new
            waiting.extend(new)
        return found

    def _values(self, name: str) -> Callable[[str], list[object]]:
        """What a code has of a property; every concept has its code and may have a display."""
        if name in _CODE_ITSELF:
            return lambda code: [code]
        if name in {"display", "definition"}:
            return lambda code: [
                text for text in (self.concepts[code].get(name),) if isinstance(text, str)
            ]
        if name in {"parent", "child"}:
            table = self.parents if name == "parent" else self.children
            return lambda code: list(table.get(code, ()))
        declared = {one.get("code") for one in objects(self._resource.get("property"))}
        if name not in declared:
            raise NotSettled(f"the code system declares no property '{name[:40]}'")
        return lambda code: self._property(code, name)

    def _property(self, code: str, *names: str) -> list[object]:
        return [
            value.get("code") if isinstance(value, dict) else value
            for one in objects(self.concepts[code].get("property"))
            if one.get("code") in names
            for key, value in one.items()
            if key.startswith("value")
        ]


def _by_pattern(source: str, values: Callable[[str], list[object]]) -> Filter:
    pattern = compile_pattern(source)
    matches = pattern.matches
    if matches is None:
        raise NotSettled(f"the pattern is not supported ({pattern.problem})")
    return lambda code: any(
        isinstance(one, str) and len(one) <= MAX_TEXT and matches(one) for one in values(code)
    )


def _wanted(texts: list[str]) -> frozenset[object]:
    """What a filter says, which always is text: as it is, and as the number that it may be."""
    found: set[object] = set()
    for text in texts:
        found.add(text.strip())
        with suppress(InvalidOperation):
            found.add(Decimal(text))
    return frozenset(found)


def _key(value: object) -> object:
    """A property's value as `_wanted` has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, str | int | Decimal) else None


def systems_named(form: Any) -> Iterator[str]:
    """Every code system that a form names."""
    waiting = [form]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
            if isinstance(value.get("system"), str):
                yield value["system"]
        elif isinstance(value, list):
            waiting.extend(value)
