"""Where in a JSON text a FHIRPath expression points: line and column, both from 1.

Only the way to the places asked for is walked; everything beside it is skipped by the parser in C.
"""

import json
import json.decoder
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

_Step = str | int
_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?(?:\.ofType\((\w+)\))?")
_SPACE = re.compile(r"[ \t\r\n]*")
# Both are in C and do the skipping; the standard library uses them so, and types neither.
_decoder: Any = json.JSONDecoder(parse_float=str, parse_int=str)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
_string: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]


def steps_of(expression: str) -> tuple[_Step, ...]:
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


class _Way(dict[_Step, "_Way"]):
    """The places asked for, as a tree; `ends` are those that end here."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[tuple[_Step, ...]] = []


def places(
    data: bytes, ways: Iterable[tuple[_Step, ...]]
) -> dict[tuple[_Step, ...], tuple[int, int]]:
    """Line and column of each way; of one that the text does not have, the nearest above it.

    `data` is JSON that has been read before; what cannot be followed is left out.
    """
    root = _Way()
    for way in ways:
        here = root
        for step in way:
            here = here.setdefault(step, _Way())
        here.ends.append(way)
    text = data.decode("utf-8", "replace")
    found: dict[tuple[_Step, ...], int] = {}
    # not the JSON that was read: what has been found so far stands
    with suppress(ValueError, IndexError, StopIteration, RecursionError):
        _walk(text, _skip(text, 0), root, _skip(text, 0), found)
    return dict(_lines_and_columns(text, found))


def _lines_and_columns(
    text: str, found: dict[tuple[_Step, ...], int]
) -> Iterator[tuple[tuple[_Step, ...], tuple[int, int]]]:
    line, counted = 1, 0
    for way, offset in sorted(found.items(), key=lambda entry: entry[1]):
        line += text.count("\n", counted, offset)
        counted = offset
        yield way, (line, offset - text.rfind("\n", 0, offset))


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _walk(text: str, at: int, way: _Way, here: int, found: dict[tuple[_Step, ...], int]) -> int:
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


def _mark(way: _Way, here: int, found: dict[tuple[_Step, ...], int]) -> None:
    """The way and all below it are here, until a place further down is found."""
    waiting: list[Any] = [way]
    while waiting:
        one = waiting.pop()
        for end in one.ends:
            found[end] = here
        waiting.extend(one.values())
