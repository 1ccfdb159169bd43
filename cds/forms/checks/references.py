"""References and urls that can be read, to resource types that exist and that the form allows."""

import re
from collections.abc import Iterator

from cds.forms.checks.context import Answer, Context
from cds.forms.elements.resource_types import RESOURCE_TYPES
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.wire import objects

_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+\Z")
_RELATIVE = re.compile(
    r"([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?\Z"
)
_ABSOLUTE = re.compile(r"https?://[^\s/?#]+(?P<path>[^\s?#]*)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\s<>\"{}|\\^`\x00-\x1f]")


def check_references(context: Context) -> Iterator[Issue]:
    """Judge every Reference and every url."""
    for answer in context.of("Reference"):
        yield from _reference(context, answer)
    for answer in context.of("uri"):
        yield from _url(answer)


def _url(answer: Answer) -> Iterator[Issue]:
    text = answer.value
    if text.startswith("urn:uuid:"):
        good = _UUID.match(text) is not None
    elif text.startswith("urn:oid:"):
        good = _OID.match(text) is not None
    else:
        good = (
            _FORBIDDEN.search(text) is None
            and not text.startswith(":")
            and not re.match(r"https?:(?!//.)", text)
        )
    if not good:
        yield answer.wrong("invalidUrlValue", "this is not a url")


def _reference(context: Context, answer: Answer) -> Iterator[Issue]:
    text = answer.value.get("reference")
    type_ = answer.value.get("type")
    if isinstance(text, str):
        readable, found = _read(context, text)
        if not readable:
            yield answer.issue("invalidRefValue", "the reference cannot be read", found=text)
            return
        type_ = found or type_
    if not isinstance(type_, str):
        return
    type_ = type_.removeprefix("http://hl7.org/fhir/StructureDefinition/")
    allowed = _allowed(answer)
    if type_ not in RESOURCE_TYPES and ":" not in type_:
        text = "the reference does not name a FHIR resource type"
        yield answer.issue("invalidRefResourceType", text, found=type_)
    elif allowed and type_ not in allowed:
        text = f"the form allows references to {' or '.join(sorted(allowed))}"
        yield answer.issue("invalidRefResourceTypeRestriction", text, found=type_)


def _allowed(answer: Answer) -> frozenset[str]:
    listed = answer.item.extensions.get(ext.REFERENCE_RESOURCE, ())
    types = {
        typed[1]
        for extension in listed
        if (typed := ext.value_of(extension)) and isinstance(typed[1], str)
    }
    return frozenset() if types & {"Resource", "Any"} else frozenset(types)


def _read(context: Context, text: str) -> tuple[bool, str | None]:
    """Whether a reference can be read, and the type that it names."""
    if text.startswith("#"):
        return _contained(context, text)
    if text.startswith("urn:"):
        return bool(_UUID.match(text) or _OID.match(text)), None
    relative = _RELATIVE.match(text)
    if relative:
        return True, relative.group(1)
    absolute = _ABSOLUTE.match(text)
    if absolute and not _FORBIDDEN.search(text):
        return True, _type_in(absolute.group("path"))
    return False, None


def _contained(context: Context, text: str) -> tuple[bool, str | None]:
    if text == "#":
        return True, "QuestionnaireResponse"
    known: dict[str, str | None] | None = context.scratch.get("contained")
    if known is None:
        known = context.scratch["contained"] = {}
        for entry in objects(context.response.get("contained")):
            type_ = entry.get("resourceType")
            known.setdefault(f"#{entry.get('id')}", type_ if isinstance(type_, str) else None)
    return text in known, known.get(text)


def _type_in(path: str) -> str | None:
    """The type in `…/Type/id`.

    An address that does not look like one of a FHIR server names none.
    """
    parts = path.partition("/_history/")[0].rstrip("/").split("/")
    return parts[-2] if len(parts) > 2 and parts[-2][:1].isupper() and parts[-2].isalpha() else None  # noqa: PLR2004
