"""What stands beside a primitive in JSON (`_authored`): its id and its extensions."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.elements.definitions import Element
from cds.forms.elements.scope import Problem


def sibling_problems(
    key: str, part: Any, element: Element, owner: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is wrong with a sibling; its extensions are not looked into."""
    name, value = key[:60], owner.get(key[1:])
    if not element.primitive:
        yield _wrong("", f"only a primitive has such a sibling: '{name}'")
    elif not element.many:
        if isinstance(part, dict):
            yield from _one(name, part, "", alone=key[1:] not in owner)
        else:
            yield _wrong("", f"'{name}' must be an object")
    elif not isinstance(part, list) or (isinstance(value, list) and len(part) != len(value)):
        yield _wrong("", f"'{name}' must be an array as long as its values")
    else:
        values = value if isinstance(value, list) else [None] * len(part)
        for index, (one, beside) in enumerate(zip(part, values, strict=True)):
            yield from _entry(name, one, f"[{index}]", alone=beside is None)


def _entry(name: str, one: Any, below: str, *, alone: bool) -> Iterator[Problem]:
    if isinstance(one, dict):
        yield from _one(name, one, below, alone=alone)
    elif one is not None:
        yield _wrong(below, f"'{name}' must hold objects")
    elif alone:
        yield _wrong(below, "neither a value nor an extension is there")


def _one(name: str, part: Mapping[str, Any], below: str, *, alone: bool) -> Iterator[Problem]:
    if not part or (alone and part.keys() == {"id"}):
        yield _wrong(below, f"'{name}' has no content")
    for key, value in part.items():
        if key not in {"id", "extension"}:
            yield _wrong(below, f"'{name}' has no element '{key[:60]}'")
        elif key == "id" and (not isinstance(value, str) or not value):
            yield Problem("value", below, "'id' is not a valid string")


def _wrong(below: str, text: str) -> Problem:
    return Problem("structure", below, text)


def extensions_beside(part: Any, element: Element) -> Iterator[tuple[str, Any]]:
    """The place and the list of the extensions of each sibling that stands as it should."""
    if element.many and isinstance(part, list):
        for index, one in enumerate(part):
            if isinstance(one, dict) and "extension" in one:
                yield f"[{index}]", one["extension"]
    elif not element.many and isinstance(part, dict) and "extension" in part:
        yield "", part["extension"]
