"""The codes of HL7's own value sets, for the generator of the tables."""

from collections.abc import Iterable

from cds.wire import JsonObject

_Codes = dict[str, list[str]]


class Terms:
    """The value sets and code systems of a set of definitions."""

    def __init__(self, resources: Iterable[JsonObject]) -> None:
        """Index them by url; the first of a url counts."""
        self.systems: dict[str, JsonObject] = {}
        self._sets: dict[str, JsonObject] = {}
        for resource in resources:
            table = {"CodeSystem": self.systems, "ValueSet": self._sets}.get(
                resource["resourceType"]
            )
            if table is not None and "url" in resource:
                table.setdefault(resource["url"], resource)

    def expand(self, url: str) -> _Codes | None:
        """The codes of a value set by system, or None where they cannot be listed."""
        found = self._sets.get(url.partition("|")[0])
        try:
            return None if found is None else self._composed(found.get("compose") or {})
        except LookupError:
            return None

    def _composed(self, compose: JsonObject) -> _Codes:
        found: _Codes = {}
        for part in compose.get("include", ()):
            for system, codes in self._part(part).items():
                known = found.setdefault(system, [])
                known.extend(code for code in codes if code not in known)
        for part in compose.get("exclude", ()):
            for system, codes in self._part(part).items():
                found[system] = [one for one in found.get(system, ()) if one not in set(codes)]
        if not any(found.values()):
            raise LookupError
        return found

    def _part(self, part: JsonObject) -> _Codes:
        sets = [self._named(url) for url in part.get("valueSet", ())]
        system = part.get("system")
        if system:
            sets.insert(0, {system: self._of_system(part, system)})
        first, *others = sets
        for other in others:
            first = {k: [c for c in v if c in other.get(k, ())] for k, v in first.items()}
        return first

    def _named(self, url: str) -> _Codes:
        found = self.expand(url)
        if found is None:
            raise LookupError(url)
        return found

    def _of_system(self, part: JsonObject, system: str) -> list[str]:
        if part.get("concept"):
            return [one["code"] for one in part["concept"]]
        known = self.systems.get(system)
        if known is None or known.get("content") != "complete":
            raise LookupError(system)
        every = list(_every(known.get("concept", ()), ()))
        for one in part.get("filter", ()):
            if one.get("op") not in {"is-a", "descendent-of"} or one.get("property") != "concept":
                raise LookupError(system)
            root, itself = one["value"], one["op"] == "is-a"
            every = [
                (code, above) for code, above in every if root in above or (itself and code == root)
            ]
        return [code for code, _ in every]


def _every(
    concepts: Iterable[JsonObject], above: tuple[str, ...]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Every code with those above it, by nesting and by the property that says so."""
    for concept in concepts:
        code = concept["code"]
        said = tuple(
            str(prop.get("valueCode"))
            for prop in concept.get("property", ())
            if prop.get("code") in {"subsumedBy", "parent"}
        )
        yield code, (*above, *said)
        yield from _every(concept.get("concept", ()), (*above, *said, code))
