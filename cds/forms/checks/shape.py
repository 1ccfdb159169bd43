"""A QuestionnaireResponse as FHIR's own definition has it.

Known elements, their types and counts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.checks.context import Context, clip, issue
from cds.forms.issues import Issue
from cds.forms.questionnaire import MAX_DEPTH
from cds.forms.response.tree import ROOT, kind_of
from cds.forms.values.primitives import COMPLEX, PRIMITIVES, Elements

STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
_ANY: Mapping[str, tuple[str, bool]] = {"id": ("string", False), "extension": ("Extension", True)}
_BACKBONE: Elements = {**_ANY, "modifierExtension": ("Extension", True)}
_ROOT: Elements = {
    **_BACKBONE,
    "resourceType": ("code", False),
    "id": ("id", False),
    "meta": ("Meta", False),
    "implicitRules": ("uri", False),
    "language": ("code", False),
    "text": ("Narrative", False),
    "contained": ("any", True),
    "identifier": ("Identifier", False),
    "basedOn": ("Reference", True),
    "partOf": ("Reference", True),
    "questionnaire": ("uri", False),
    "status": ("code", False),
    "subject": ("Reference", False),
    "encounter": ("Reference", False),
    "authored": ("dateTime", False),
    "author": ("Reference", False),
    "source": ("Reference", False),
    "item": ("item", True),
}
_ROOT_R5: Elements = {**_ROOT, "identifier": ("Identifier", True)}
_ITEM: Elements = {
    **_BACKBONE,
    "linkId": ("string", False),
    "definition": ("uri", False),
    "text": ("string", False),
    "answer": ("answer", True),
    "item": ("item", True),
}
_VALUES = (
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "uri",
    "Attachment",
    "Coding",
    "Quantity",
    "Reference",
)
_ANSWER: Elements = {
    **_BACKBONE,
    **{f"value{kind[:1].upper()}{kind[1:]}": (kind, False) for kind in _VALUES},
    "item": ("item", True),
}
_SPECIAL: Mapping[str, Elements] = {
    "item": _ITEM,
    "answer": _ANSWER,
    **{name: {**_ANY, **parts} for name, parts in COMPLEX.items()},
}
# What the two kinds of parts that are not looked into must have.
_NEEDED: Mapping[str, str] = {"any": "resourceType", "Extension": "url"}
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
    if not _sound(response, elements, "QuestionnaireResponse", 0):
        yield from _Walk(context).object(response, elements, ROOT, "QuestionnaireResponse")


def is_sound(elements: Mapping[str, Any]) -> bool:
    """Whether these elements of a response surely have the shape that R4 and R5 give them."""
    return _sound(elements, _ROOT, "QuestionnaireResponse", 0)


def _sound(value: Mapping[str, Any], elements: Elements, name: str, depth: int) -> bool:
    """Whether the walk below has surely nothing to say; it takes a third of the walk's time."""
    if not value or depth > MAX_DEPTH or (name == "answer" and not _is_plain_answer(value)):
        return False
    for key, part in value.items():
        element = elements.get(key)
        if element is None:
            return False
        if key not in _MARKS and not _fits(part, element, depth):
            return False
    return True


def _is_plain_answer(value: Mapping[str, Any]) -> bool:
    if len(value) == 1 and next(iter(value)).startswith("value"):
        return True
    return next(_answer(value, ""), None) is None


def _fits(part: Any, element: tuple[str, bool], depth: int) -> bool:
    type_, repeats = element
    if not repeats:
        return _is(part, type_, depth)
    if type(part) is not list or not part:
        return False
    for entry in part:  # noqa: SIM110 - all() over a generator takes twice the time
        if not _is(entry, type_, depth):
            return False
    return True


def _is(part: Any, type_: str, depth: int) -> bool:
    primitive = PRIMITIVES.get(type_)
    if primitive is not None:
        return primitive(part)
    if type(part) is not dict:
        return False
    needed = _NEEDED.get(type_)
    if needed is not None:
        return isinstance(part.get(needed), str)
    return _sound(part, _SPECIAL[type_], type_, depth + 1)


class _Walk:
    """One walk through a response; `depth` counts the objects above."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._depth = 0

    def object(
        self, value: Mapping[str, Any], elements: Elements, here: str, name: str
    ) -> Iterator[Issue]:
        # Deeper items are refused by the structure check, once.
        if self._depth > MAX_DEPTH * 2:
            return
        if name == "answer":
            yield from _answer(value, here)
        elif not value:
            rule = "emptyAnswer" if name == "item" else "structure"
            yield issue(rule, here, f"{name} has no content")
        self._depth += 1
        for key, part in value.items():
            element = elements.get(key)
            if element is not None:
                if key not in _MARKS:
                    yield from self.element(part, element, here, key)
            elif key not in _MARKS:
                yield from _unknown(key, part, elements, here, name)
        self._depth -= 1

    def element(self, part: Any, element: tuple[str, bool], here: str, key: str) -> Iterator[Issue]:
        type_, repeats = element
        if key.startswith("value") and key in _ANSWER:
            place = f"{here}.value.ofType({kind_of(key)})"
        else:
            place = f"{here}.{key}"
        if not repeats:
            yield from self.value(part, type_, place, key)
        elif not isinstance(part, list):
            yield issue("structure", place, f"'{key}' must be an array")
        elif not part:
            rule = "emptyAnswer" if key in {"item", "answer"} else "structure"
            yield issue(rule, here, f"'{key}' is an empty array; leave it out")
        else:
            for index, entry in enumerate(self._context.timed(part)):
                yield from self.value(entry, type_, f"{place}[{index}]", key)

    def value(self, part: Any, type_: str, here: str, key: str) -> Iterator[Issue]:
        primitive = PRIMITIVES.get(type_)
        if primitive is not None:
            if not primitive(part):
                yield issue("value", here, f"'{key}' is not a valid {type_}", found=part)
        elif not isinstance(part, dict):
            # Strays among items are named by the structure check.
            if type_ != "item":
                yield issue("structure", here, f"'{key}' must be an object")
        elif _is(part, type_, self._depth):
            return
        elif type_ in _NEEDED:
            needed = _NEEDED[type_]
            if not isinstance(part.get(needed), str):
                yield issue("structure", here, f"'{key}' has no {needed}")
        else:
            yield from self.object(part, _SPECIAL[type_], here, type_)


def _unknown(key: str, part: Any, elements: Elements, here: str, name: str) -> Iterator[Issue]:
    """An element that does not exist, unless it is the `_sibling` of one that does."""
    if not key.startswith("_") or key[1:] not in elements:
        yield issue("structure", here, f"{name} has no element '{clip(key, 60)}'")
    elif not isinstance(part, (dict, list)):
        yield issue("structure", here, f"{clip(key)} must be an object")


def _answer(value: Mapping[str, Any], here: str) -> Iterator[Issue]:
    values = [key for key in value if key in _ANSWER and key.startswith("value")]
    if len(values) > 1:
        yield issue("structure", here, "an answer has one value, this one has " + ", ".join(values))
    if not any(key in value for key in ("item", "extension", "modifierExtension")) and not any(
        "value" in key for key in value
    ):
        yield issue("emptyAnswer", here, "the answer has neither a value nor items")
