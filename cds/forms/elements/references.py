"""References: readable, to a type that may stand there, and to what is contained (ref-1)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.elements.resource_types import RESOURCE_TYPES
from cds.forms.elements.scope import ElementScope, Problem, invariant

_DEFINED = "http://hl7.org/fhir/StructureDefinition/"
ANSWER = "QuestionnaireResponse.item.answer"
_RELATIVE = re.compile(
    r"([A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?\Z"
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+\Z")
_URN = "urn:uuid:"
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SERVED = re.compile(
    r"https?://\S+/([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?\Z",
    re.IGNORECASE,
)


def reference(value: Mapping[str, Any], scope: ElementScope) -> Iterator[Problem]:
    """What is wrong with a Reference where it stands."""
    text, said = value.get("reference"), value.get("type")
    named = None
    if isinstance(text, str) and text:
        if text.startswith("#"):
            yield from _fragment(text, scope)
            named = (scope.contained or {}).get(text[1:])
        else:
            named = _type_of(text)
            # An answer's syntax and type are the matter of `check_references`.
            if scope.owner != ANSWER:
                yield from _readable(text, named)
    type_ = said.removeprefix(_DEFINED) if isinstance(said, str) else None
    if named and type_ in RESOURCE_TYPES and named != type_:
        words = f"the type says {type_}, the reference is to a {named}"
        yield Problem("referenceType", "", words)
    if type_ and type_ not in RESOURCE_TYPES and said == type_ and ":" not in type_:
        words = "the type is not a resource type of FHIR"
        yield Problem("invalidRefResourceType", ".type", words, said, "warning")
    target = named or type_
    if scope.targets and target in RESOURCE_TYPES and target not in scope.targets:
        allowed = ", ".join(sorted(scope.targets))
        words = f"a reference to a {target} cannot stand here; allowed: {allowed}"
        yield Problem("referenceTarget", "", words)
    if scope.version.startswith("5") and not _SAYS_WHAT.intersection(value):
        yield invariant("ref-2", "a reference needs a reference, an identifier or a display")


_SAYS_WHAT = frozenset(
    {"reference", "_reference", "identifier", "display", "_display", "extension"}
)


def _type_of(text: str) -> str | None:
    """The resource type that a literal reference names, if it names one."""
    found = _RELATIVE.match(text) or _SERVED.match(text)
    type_ = found.group(1) if found else None
    return type_ if type_ in RESOURCE_TYPES or (found and found.re is _RELATIVE) else None


def _readable(text: str, named: str | None) -> Iterator[Problem]:
    if named is not None and named not in RESOURCE_TYPES:
        yield Problem(
            "invalidRefResourceType",
            ".reference",
            "the reference does not name a FHIR resource type",
            named,
        )
    elif named is None and not (_UUID if text.startswith(_URN) else _ABSOLUTE).match(text):
        yield Problem("invalidRefValue", ".reference", "the reference cannot be read", text)


def _fragment(text: str, scope: ElementScope) -> Iterator[Problem]:
    if text == "#":
        if not scope.inside:
            yield invariant("ref-1", "only a contained resource refers to the one that contains it")
    elif scope.contained is None or (
        # Of an answer's Reference this is told by `check_references`.
        text[1:] not in scope.contained and scope.owner != ANSWER
    ):
        yield invariant("ref-1", "nothing that is contained has this id")
