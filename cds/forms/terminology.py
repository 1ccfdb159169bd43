"""Whether a code is in a value set, as far as the resources at hand can tell.

Yes, no, or not known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.forms.context import Answer, Context, issue
from cds.forms.issues import Issue
from cds.forms.support import contained
from cds.forms.types import CHOICES

JsonObject = dict[str, Any]
MAX_IMPORTS = 8
_INCOMPLETE = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"
_UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"


@dataclass(frozen=True, slots=True)
class Membership:
    """`holds` is None where the resources at hand cannot settle it; then `reason` says why."""

    holds: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that are known to be in a set; `open` says why there may be more."""

    known: frozenset[tuple[str | None, str]]
    open: str = ""


def check_terminology(context: Context) -> Iterator[Issue]:
    """Judge every Coding against the answerValueSet of its item."""
    for answer in context.timed(context.answers):
        canonical = answer.item.raw.get("answerValueSet")
        if (
            isinstance(canonical, str)
            and answer.kind in {"Coding", "string"}
            and answer.item.type in CHOICES | {"string"}
        ):
            yield from _bound(context, answer, canonical)


def _bound(context: Context, answer: Answer, canonical: str) -> Iterator[Issue]:
    item = answer.item
    constraint = item.raw.get("answerConstraint")
    if answer.kind == "string" or constraint == "optionsOrType":
        return
    free = item.type == "open-choice" or constraint == "optionsOrString"
    if free and "code" not in answer.value:
        return
    if item.options and (answer.value.get("system"), answer.value.get("code")) in item.codings:
        return
    membership = member(context, canonical, answer.value)
    if membership.holds is None:
        if context.first("valueSetNotChecked", item):
            text = f"the value set cannot be checked ({membership.reason})"
            yield issue(
                "valueSetNotChecked", answer.expression, text, item=item, diagnostics=canonical
            )
    elif not membership.holds:
        # Without a system the code may well be the one that was meant.
        text = "the code is not in the value set of the form"
        yield issue(
            "invalidCoding",
            answer.expression,
            f"{text} ({membership.reason})" if membership.reason else text,
            item=item,
            found=answer.value,
            severity="warning" if membership.reason else None,
            diagnostics=canonical,
        )


def member(context: Context, canonical: str, coding: Mapping[str, Any]) -> Membership:
    """Whether a Coding is in the value set with this canonical (or contained id)."""
    code, system = coding.get("code"), coding.get("system")
    if not isinstance(code, str):
        return Membership(None, "the answer has no code")
    codes = _codes_of(context, canonical)
    if codes is None:
        return Membership(None, "the value set is not among the given resources")
    if (system if isinstance(system, str) else None, code) in codes.known:
        return Membership(holds=True)
    if codes.open:
        return Membership(None, codes.open)
    bare = system is None and any(known == code for _, known in codes.known)
    return Membership(holds=False, reason="the answer has no system" if bare else "")


def _codes_of(context: Context, canonical: str) -> Codes | None:
    """The codes of a value set, worked out once for the form, or for this response."""
    key = ("value-set", canonical)
    kept: Codes | None
    if key in context.scratch:
        kept = context.scratch[key]
        return kept
    owner, kept = context.questionnaire.compiled.get(key, (None, None))
    if kept is None or owner is not context.support:
        kept = _worked_out(context, canonical, context.questionnaire.raw)
        context.questionnaire.compiled[key] = (context.support, kept)
    if kept is None and canonical.startswith("#"):
        # What a response contains is its own and is not kept for the next one.
        kept = _worked_out(context, canonical, context.response)
    context.scratch[key] = kept
    return kept


def _worked_out(context: Context, canonical: str, container: JsonObject) -> Codes | None:
    if canonical.startswith("#"):
        resource = contained(container, canonical, "ValueSet")
    else:
        find = context.support.find
        url = canonical.partition("|")[0]
        resource = find("ValueSet", canonical) or find("ValueSet", url)
    return None if resource is None else _Expander(context).codes(resource, 0)


class _Expander:
    """Works out which codes a ValueSet holds; each set once, however often it is included."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[int, Codes] = {}

    def codes(self, resource: JsonObject, depth: int) -> Codes:
        known = self._known.get(id(resource))
        if known is None:
            self._context.clock.look()
            self._known[id(resource)] = Codes(frozenset(), "the value set includes itself")
            known = self._known[id(resource)] = self._work_out(resource, depth)
        return known

    def _work_out(self, resource: JsonObject, depth: int) -> Codes:
        expansion = resource.get("expansion")
        if isinstance(expansion, dict) and ("contains" in expansion or expansion.get("total") == 0):
            return _expanded(expansion)
        compose = resource.get("compose")
        if not isinstance(compose, dict) or depth > MAX_IMPORTS:
            return Codes(frozenset(), "the value set has no content that can be read")
        included = [self._part(part, depth) for part in _objects(compose.get("include"))]
        excluded = [self._part(part, depth) for part in _objects(compose.get("exclude"))]
        known = frozenset().union(*(codes.known for codes in included)) if included else frozenset()
        why = next((codes.open for codes in (*included, *excluded) if codes.open), "")
        if excluded and any(codes.open for codes in excluded):
            # What is excluded is not fully known, so no code is surely in.
            return Codes(frozenset(), why)
        return Codes(known.difference(*(codes.known for codes in excluded)), why)

    def _part(self, part: JsonObject, depth: int) -> Codes:
        self._context.clock.look()
        sets = [
            self._imported(canonical, depth)
            for canonical in part.get("valueSet") or ()
            if isinstance(canonical, str)
        ]
        system = part.get("system")
        if isinstance(system, str):
            sets.append(self._system(part, system))
        if not sets:
            return Codes(
                frozenset(), "a part of the value set names neither a system nor a value set"
            )
        known = sets[0].known.intersection(*(codes.known for codes in sets[1:]))
        return Codes(known, next((codes.open for codes in sets if codes.open), ""))

    def _imported(self, canonical: str, depth: int) -> Codes:
        if canonical.startswith("#"):
            resource = contained(self._context.questionnaire.raw, canonical, "ValueSet")
        else:
            find = self._context.support.find
            resource = find("ValueSet", canonical) or find("ValueSet", canonical.partition("|")[0])
        if resource is None:
            return Codes(frozenset(), f"{canonical[:100]} is not among the given resources")
        return self.codes(resource, depth + 1)

    def _system(self, part: JsonObject, system: str) -> Codes:
        listed = _objects(part.get("concept"))
        if listed:
            return Codes(
                frozenset(
                    (system, entry["code"])
                    for entry in listed
                    if isinstance(entry.get("code"), str)
                )
            )
        if part.get("filter"):
            return Codes(frozenset(), f"a filter on {system[:100]} cannot be evaluated")
        return self._code_system(system)

    def _code_system(self, system: str) -> Codes:
        resource = self._context.support.find("CodeSystem", system) or self._contained_system(
            system
        )
        if resource is None:
            return Codes(
                frozenset(), f"the code system {system[:100]} is not among the given resources"
            )
        known = frozenset((system, code) for code in _concepts(resource.get("concept")))
        return Codes(
            known,
            ""
            if resource.get("content") == "complete"
            else f"the code system {system[:100]} is not complete",
        )

    def _contained_system(self, system: str) -> JsonObject | None:
        for entry in _objects(self._context.questionnaire.raw.get("contained")):
            if entry.get("resourceType") == "CodeSystem" and entry.get("url") == system:
                return entry
        return None


def _expanded(expansion: JsonObject) -> Codes:
    known: set[tuple[str | None, str]] = set()
    waiting = _objects(expansion.get("contains"))
    count = 0
    while waiting:
        entry = waiting.pop()
        waiting.extend(_objects(entry.get("contains")))
        count += 1
        if isinstance(entry.get("code"), str) and entry.get("abstract") is not True:
            system = entry.get("system")
            known.add((system if isinstance(system, str) else None, entry["code"]))
    total = expansion.get("total")
    urls = {extension.get("url") for extension in _objects(expansion.get("extension"))}
    partial = (isinstance(total, int) and total > count) or urls & {_INCOMPLETE, _UNCLOSED}
    return Codes(frozenset(known), "the expansion is not complete" if partial else "")


def _concepts(raw: object) -> Iterator[str]:
    waiting = _objects(raw)
    while waiting:
        entry = waiting.pop()
        waiting.extend(_objects(entry.get("concept")))
        if isinstance(entry.get("code"), str):
            yield entry["code"]


def _objects(value: object) -> list[JsonObject]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
