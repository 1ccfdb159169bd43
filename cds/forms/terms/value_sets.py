"""Which codes a ValueSet holds, as far as the resources at hand can tell.

Each set is worked out once, however often it is included.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cds.forms.support import Support, contained
from cds.forms.terms import hl7
from cds.forms.terms.code_systems import CodeSystem, NotSettled
from cds.wire import JsonObject, objects

Code = tuple[str | None, str]
MAX_IMPORTS = 8
_INCOMPLETE = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"
_UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"


class ValueSetCodes(NamedTuple):
    """What is known of a set of codes.

    `known` are surely in, `never` surely out. `open` says why there may be more: of one system, or
    (None) of any.
    """

    known: frozenset[Code] = frozenset()
    open: tuple[tuple[str | None, str], ...] = ()
    never: frozenset[Code] = frozenset()

    def why(self, system: str | None) -> str:
        """Why this set may hold further codes of `system`; "" if it cannot."""
        for of, reason in self.open:
            if of is None or system is None or of == system:
                return reason
        return ""


def _open(reason: str, system: str | None = None) -> ValueSetCodes:
    return ValueSetCodes(open=((system, reason),))


def _reasons(sets: Iterable[ValueSetCodes]) -> tuple[tuple[str | None, str], ...]:
    """Every reason once, however many sets share it."""
    return tuple(dict.fromkeys(why for one in sets for why in one.open))


def _union(sets: Iterable[ValueSetCodes]) -> ValueSetCodes:
    every = list(sets)
    if len(every) == 1:
        return every[0]
    return ValueSetCodes(
        frozenset().union(*(one.known for one in every)),
        _reasons(every),
    )


def _intersection(sets: list[ValueSetCodes]) -> ValueSetCodes:
    return ValueSetCodes(
        sets[0].known.intersection(*(one.known for one in sets[1:])),
        _reasons(sets),
        frozenset().union(*(one.never for one in sets)),
    )


def _difference(codes: ValueSetCodes, out: ValueSetCodes) -> ValueSetCodes:
    """The codes without others; one that may be among the others is in doubt."""
    known = codes.known - out.known
    if out.open:
        known = frozenset(code for code in known if not out.why(code[0]))
    return ValueSetCodes(known, _reasons([codes, out]), codes.never | out.known)


class Expander:
    """Works out ValueSets over the resources at hand.

    `containers` are the resources in which `#id` is looked for; `look` raises when time is over.
    """

    def __init__(
        self, support: Support, containers: tuple[JsonObject, ...], look: Callable[[], None]
    ) -> None:
        """Nothing is worked out yet."""
        self._support = support
        self._containers = containers
        self._look = look
        self._known: dict[int, ValueSetCodes] = {}

    def named(self, canonical: str, *inside: JsonObject) -> ValueSetCodes | None:
        """The codes of the value set with this canonical or contained id; None if not at hand."""
        return self._named(canonical, inside, 0)

    def _named(
        self, canonical: str, inside: tuple[JsonObject, ...], depth: int
    ) -> ValueSetCodes | None:
        resource = None
        if canonical.startswith("#"):
            for container in (*inside, *self._containers):
                resource = resource or contained(container, canonical, "ValueSet")
        else:
            # Another version than the one that is named decides nothing about it.
            resource = self._support.find("ValueSet", canonical) or hl7.value_set(canonical)
            everything = None if resource else self._support.system_of(canonical)
            if everything is not None:
                return self._all_of(everything)
        if resource is None:
            return self._of_others(canonical)
        return self._codes(resource, depth)

    @staticmethod
    def _of_others(canonical: str) -> ValueSetCodes | None:
        """A value set of HL7 whose codes others keep: of all other systems it surely has none."""
        systems = hl7.value_set_systems(canonical)
        why = "which codes of {} it has is not known here"
        opened = tuple((system, why.format(system[:100])) for system in systems)
        return ValueSetCodes(open=opened) if opened else None

    def _of_hl7(self, system: str) -> JsonObject | None:
        """One of HL7's own; made once for all that share the support."""
        kept = self._support.tables.get(("hl7", system))
        if kept is None and hl7.is_of_hl7(system):
            kept = self._support.tables["hl7", system] = hl7.code_system(system)
        return kept

    def system(self, system: str) -> CodeSystem | None:
        """The code system with this url, read once for all that share the support."""
        resource = self._support.find("CodeSystem", system) or self._of_hl7(system)
        if resource is None:
            for container in self._containers:
                for entry in objects(container.get("contained")):
                    if (
                        entry.get("resourceType") == "CodeSystem"
                        and entry.get("content") != "supplement"
                        and _is_named(entry, system)
                    ):
                        return CodeSystem(entry)
            return None
        tables = self._support.tables
        if system not in tables or tables[system][0] is not resource:
            tables[system] = (resource, CodeSystem(resource))
        read: CodeSystem = tables[system][1]
        return read

    def _codes(self, resource: JsonObject, depth: int) -> ValueSetCodes:
        known = self._known.get(id(resource))
        if known is None:
            self._look()
            self._known[id(resource)] = _open("the value set includes itself")
            known = self._known[id(resource)] = self._work_out(resource, depth)
        return known

    def _work_out(self, resource: JsonObject, depth: int) -> ValueSetCodes:
        compose, expansion = resource.get("compose"), resource.get("expansion")
        expanded = None
        if isinstance(expansion, dict) and ("contains" in expansion or expansion.get("total") == 0):
            expanded = _expanded(expansion)
            if not expanded.open or not isinstance(compose, dict):
                return expanded
        if not isinstance(compose, dict) or depth > MAX_IMPORTS:
            return _open("the value set has no content that can be read")
        parts = [
            _union(self._part(part, resource, depth) for part in objects(compose.get(name)))
            for name in ("include", "exclude")
        ]
        composed = _difference(*parts) if objects(compose.get("exclude")) else parts[0]
        if compose.get("inactive") is False:
            composed = self._active(composed)
        if expanded is not None and composed.open:
            return _union([composed, expanded])
        return composed

    def _active(self, codes: ValueSetCodes) -> ValueSetCodes:
        """The codes without those that their systems, as far as at hand, call inactive."""
        known = set(codes.known)
        for system in {system for system, _ in known if system is not None}:
            tables = self.system(system)
            if tables is not None:
                known -= {(system, code) for code in tables.inactive()}
        return codes._replace(known=frozenset(known), never=codes.never | (codes.known - known))

    def _part(self, part: JsonObject, resource: JsonObject, depth: int) -> ValueSetCodes:
        self._look()
        listed = part.get("valueSet")
        sets = [
            self._imported(canonical, resource, depth)
            for canonical in (listed if isinstance(listed, list) else ())
            if isinstance(canonical, str)
        ]
        system = part.get("system")
        if isinstance(system, str):
            sets.append(self._of_system(part, system))
        if not sets:
            return _open("a part of the value set names neither a system nor a value set")
        return _intersection(sets)

    def _imported(self, canonical: str, resource: JsonObject, depth: int) -> ValueSetCodes:
        codes = self._named(canonical, (resource,), depth + 1)
        return codes or _open(f"{canonical[:100]} is not among the given resources")

    def _of_system(self, part: JsonObject, system: str) -> ValueSetCodes:
        listed, filters = objects(part.get("concept")), objects(part.get("filter"))
        if listed:
            return ValueSetCodes(
                frozenset(
                    (system, entry["code"])
                    for entry in listed
                    if isinstance(entry.get("code"), str)
                )
            )
        if filters and hl7.is_of_hl7(system) and self._support.find("CodeSystem", system) is None:
            return _open(f"what stands under what in {system[:100]} is not at hand", system)
        version = part.get("version")
        wanted = f"{system}|{version}" if isinstance(version, str) else system
        tables = self.system(wanted)
        if tables is None:
            return _open(f"the code system {wanted[:100]} is not among the given resources", system)
        try:
            codes = tables.filtered(filters, self._look) if filters else tables.concepts
            known = frozenset((system, code) for code in codes)
        except NotSettled as reason:
            return _open(f"a filter on {system[:100]} cannot be settled: {reason}", system)
        return ValueSetCodes(known, () if tables.complete else _not_complete(system))

    def _all_of(self, resource: JsonObject) -> ValueSetCodes:
        url = resource.get("url")
        return self._of_system({}, url if isinstance(url, str) else "")


def _is_named(resource: JsonObject, canonical: str) -> bool:
    url, _, version = canonical.partition("|")
    return resource.get("url") == url and version in {"", resource.get("version")}


def _not_complete(system: str) -> tuple[tuple[str | None, str], ...]:
    return ((system, f"the code system {system[:100]} is not complete"),)


def _is_page(expansion: JsonObject, given: int) -> bool:
    """Whether the server was asked for no more codes than it gave, or not from the first on."""
    asked = {
        one.get("name"): one.get("valueInteger") for one in objects(expansion.get("parameter"))
    }
    count, offset = asked.get("count"), asked.get("offset")
    return (isinstance(count, int) and given >= count) or (isinstance(offset, int) and offset > 0)


def _expanded(expansion: JsonObject) -> ValueSetCodes:
    known: set[Code] = set()
    waiting = objects(expansion.get("contains"))
    count = 0
    while waiting:
        entry = waiting.pop()
        waiting.extend(objects(entry.get("contains")))
        count += 1
        if isinstance(entry.get("code"), str) and entry.get("abstract") is not True:
            system = entry.get("system")
            known.add((system if isinstance(system, str) else None, entry["code"]))
    total = expansion.get("total")
    urls = {extension.get("url") for extension in objects(expansion.get("extension"))}
    limited = any(
        one.get("name") == "limitedExpansion" and one.get("valueBoolean") is True
        for one in objects(expansion.get("parameter"))
    )
    partial = (
        limited
        or (not isinstance(total, int) and _is_page(expansion, count))
        or (isinstance(total, int) and total > count)
        or urls
        & {
            _INCOMPLETE,
            _UNCLOSED,
        }
    )
    return ValueSetCodes(
        frozenset(known), ((None, "the expansion is not complete"),) if partial else ()
    )
