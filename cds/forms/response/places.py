"""Where in a JSON text a FHIRPath expression points: line and column, both from 1.

Only the way to the places asked for is walked; everything beside it is skipped by the parser in C.
"""

import json
import json.decoder
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple

_Step = str | int
Steps = tuple[_Step, ...]
LineAndColumn = tuple[int, int]  # line and column, both from 1
_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?(?:\.ofType\((\w+)\))?")
_SPACE = re.compile(r"[ \t\r\n]*")
# Both are in C and do the skipping; the standard library uses them so, and types neither.
_decoder: Any = json.JSONDecoder(parse_float=str, parse_int=str)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
_string: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]


def steps_of(expression: str) -> Steps:
    """The way from the resource: `("item", 0, "answer", 1, "valueCoding")`.

    >>> steps_of("QuestionnaireResponse.item[0].answer[1].value.ofType(Coding)")
    ('item', 0, 'answer', 1, 'valueCoding')
    """
    steps: list[_Step] = []
    for name, index, kind in _STEP.findall(expression.partition(".")[2]):
        if name == "value" and kind:
            steps.append(f"value{kind[0].upper()}{kind[1:]}")
            continue
        steps.append(name)
        if index:
            steps.append(int(index))
    return tuple(steps)


class _Branch(dict[_Step, "_Branch"]):
    """The places asked for, as a tree; `ends` are those that end here."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[Steps] = []


class _Begin(NamedTuple):
    """Where something begins in a text, and the line that it is in."""

    offset: int
    line: int
    line_offset: int


def places(data: bytes, ways: Iterable[Steps]) -> dict[Steps, LineAndColumn]:
    """Line and column of each way; of one that the text does not have, the nearest above it.

    `data` is JSON that has been read before; what cannot be followed is left out.
    """
    text = data.decode("utf-8", "replace")
    return dict(_places(text, ways, _Begin(_skip(text, 0), 1, 0)))


class EntryPlaces:
    """Places within the entries of a Bundle or an array, whose text is looked through once."""

    def __init__(self, data: bytes, entries: Iterable[Steps]) -> None:
        """`entries` are the ways to them. Nothing is looked for yet: most have no fault."""
        self._data = data
        self._entries = tuple(entries)

    def of(self, entry: Steps, ways: Iterable[Steps]) -> dict[Steps, LineAndColumn]:
        """As `places`, of ways that all lead into this entry."""
        text, begins = self._begins
        if entry not in begins:
            return {}
        inside = [way[len(entry) :] for way in ways]
        return {(*entry, *way): place for way, place in _places(text, inside, begins[entry])}

    @cached_property
    def _begins(self) -> tuple[str, dict[Steps, _Begin]]:
        text = self._data.decode("utf-8", "replace")
        begin = _Begin(_skip(text, 0), 1, 0)
        return text, dict(_found(text, self._entries, begin))


def _places(
    text: str, ways: Iterable[Steps], begin: _Begin
) -> Iterator[tuple[Steps, LineAndColumn]]:
    for way, (offset, line, line_offset) in _found(text, ways, begin):
        yield way, (line, offset - line_offset + 1)


def _found(text: str, ways: Iterable[Steps], begin: _Begin) -> Iterator[tuple[Steps, _Begin]]:
    """Where each of the ways from the value at `begin` ends, in the order of the text."""
    root = _Branch()
    for way in ways:
        here = root
        for step in way:
            here = here.setdefault(step, _Branch())
        here.ends.append(way)
    found: dict[Steps, int] = {}
    counted, line, line_offset = begin
    # not the JSON that was read: what has been found so far stands
    with suppress(ValueError, IndexError, StopIteration, RecursionError):
        _walk(text, counted, root, counted, found)
    for way, offset in sorted(found.items(), key=lambda entry: entry[1]):
        line += text.count("\n", counted, offset)
        line_offset = max(line_offset, text.rfind("\n", counted, offset) + 1)
        counted = offset
        yield way, _Begin(offset, line, line_offset)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _walk(text: str, at: int, way: _Branch, here: int, found: dict[Steps, int]) -> int:
    """Follow the ways below the value at `at`, which is shown as `here`; the offset behind it."""
    _mark(way, here, found)
    opening = text[at]
    if not way or opening not in "{[":
        return int(_scan(text, at)[1])
    at = _skip(text, at + 1)
    index = 0
    while text[at] not in "}]":
        place = at
        step: _Step = index
        if opening == "{":
            step, at = _string(text, at + 1, True)  # noqa: FBT003 - a function in C
            at = _skip(text, _skip(text, at) + 1)
        below = way.get(step)
        at = int(_scan(text, at)[1]) if below is None else _walk(text, at, below, place, found)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return at + 1


def _mark(way: _Branch, here: int, found: dict[Steps, int]) -> None:
    """The way and all below it are here, until a place further down is found."""
    waiting: list[Any] = [way]
    while waiting:
        one = waiting.pop()
        for end in one.ends:
            found[end] = here
        waiting.extend(one.values())
