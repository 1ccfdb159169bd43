"""A QuestionnaireResponse as FHIR's own definition has it: known elements, their types and counts."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.context import Context, clip, issue
from cds.forms.issues import Issue
from cds.forms.primitives import COMPLEX, PRIMITIVES, Elements
from cds.forms.questionnaire import MAX_DEPTH
from cds.forms.tree import ROOT, kind_of

STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
_ANY: Mapping[str, tuple[str, bool]] = {"id": ("string", False), "extension": ("Extension", True)}
_BACKBONE: Elements = {**_ANY, "modifierExtension": ("Extension", True)}
_ROOT: Elements = {
    **_BACKBONE, "resourceType": ("code", False), "id": ("id", False), "meta": ("Meta", False), "implicitRules": ("uri", False),
    "language": ("code", False), "text": ("Narrative", False), "contained": ("any", True),
    "identifier": ("Identifier", False), "basedOn": ("Reference", True), "partOf": ("Reference", True),
    "questionnaire": ("uri", False), "status": ("code", False), "subject": ("Reference", False),
    "encounter": ("Reference", False), "authored": ("dateTime", False), "author": ("Reference", False),
    "source": ("Reference", False), "item": ("item", True),
}  # fmt: skip
_ROOT_R5: Elements = {**_ROOT, "identifier": ("Identifier", True)}
_ITEM: Elements = {
    **_BACKBONE, "linkId": ("string", False), "definition": ("uri", False), "text": ("string", False),
    "answer": ("answer", True), "item": ("item", True),
}  # fmt: skip
_VALUES = ("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "uri", "Attachment", "Coding", "Quantity", "Reference")  # fmt: skip
_ANSWER: Elements = {
    **_BACKBONE, **{f"value{kind[:1].upper()}{kind[1:]}": (kind, False) for kind in _VALUES}, "item": ("item", True),
}  # fmt: skip
_SPECIAL: Mapping[str, Elements] = {
    "item": _ITEM,
    "answer": _ANSWER,
    **{name: {**_ANY, **parts} for name, parts in COMPLEX.items()},
}
_MARKS = frozenset({"fhir_comments", "resourceType"})


def check_shape(context: Context) -> Iterator[Issue]:
    """Judge the resource without its form."""
    response = context.response
    elements = _ROOT_R5 if context.fhir_version.startswith("5") else _ROOT
    status = response.get("status")
    if status is None:
        yield issue("structure", ROOT, "status is missing")
    elif isinstance(status, str) and status not in STATUSES:
        yield issue(
            "structure",
            f"{ROOT}.status",
            "status is not one of " + ", ".join(sorted(STATUSES)),
            found=status,
        )
    yield from _object(response, elements, ROOT, "QuestionnaireResponse", 0, context)


def _object(
    value: Mapping[str, Any], elements: Elements, here: str, name: str, depth: int, context: Context
) -> Iterator[Issue]:
    if depth > MAX_DEPTH * 2:  # deeper items are refused by the structure check, once
        return
    if name == "answer":
        yield from _answer(value, here)
    elif not value:
        yield issue(
            "emptyAnswer" if name == "item" else "structure", here, f"{name} has no content"
        )
    for key, part in value.items():
        if key in _MARKS:
            continue
        if key.startswith("_") and key[1:] in elements:
            if not isinstance(part, (dict, list)):
                yield issue("structure", here, f"{clip(key)} must be an object")
            continue
        element = elements.get(key)
        if element is None:
            yield issue("structure", here, f"{name} has no element '{clip(str(key), 60)}'")
        else:
            yield from _element(part, element, here, key, depth, context)


def _answer(value: Mapping[str, Any], here: str) -> Iterator[Issue]:
    values = [key for key in value if key in _ANSWER and key.startswith("value")]
    if len(values) > 1:
        yield issue("structure", here, "an answer has one value, this one has " + ", ".join(values))
    if not any(key in value for key in ("item", "extension", "modifierExtension")) and not any(
        "value" in key for key in value
    ):
        yield issue("emptyAnswer", here, "the answer has neither a value nor items")


def _element(
    part: object, element: tuple[str, bool], here: str, key: str, depth: int, context: Context
) -> Iterator[Issue]:
    type_, repeats = element
    place = (
        f"{here}.value.ofType({kind_of(key)})"
        if key.startswith("value") and key in _ANSWER
        else f"{here}.{key}"
    )
    if not repeats:
        yield from _value(part, type_, place, key, depth, context)
    elif not isinstance(part, list):
        yield issue("structure", place, f"'{key}' must be an array")
    elif not part:
        yield issue(
            "emptyAnswer" if key in {"item", "answer"} else "structure",
            here,
            f"'{key}' is an empty array; leave it out",
        )
    else:
        for index, entry in enumerate(context.timed(part)):
            yield from _value(entry, type_, f"{place}[{index}]", key, depth, context)


def _value(
    part: object, type_: str, here: str, key: str, depth: int, context: Context
) -> Iterator[Issue]:
    primitive = PRIMITIVES.get(type_)
    if primitive is not None:
        if not primitive(part):
            yield issue("value", here, f"'{key}' is not a valid {type_}", found=part)
        return
    if not isinstance(part, dict):
        # Strays among items are named by the structure check.
        if type_ != "item":
            yield issue("structure", here, f"'{key}' must be an object")
    elif type_ == "any":
        if not isinstance(part.get("resourceType"), str):
            yield issue("structure", here, "a contained resource has no resourceType")
    elif type_ == "Extension":
        if not isinstance(part.get("url"), str):
            yield issue("structure", here, "an extension has no url")
    else:
        yield from _object(part, _SPECIAL[type_], here, type_, depth + 1, context)
