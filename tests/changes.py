"""Single changes of any JSON: a value replaced or gone, a key added, a list doubled or turned."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Json = dict[str, Any]
Path = tuple[Any, ...]
Choose = Callable[[Sequence[Any]], Any]

EXTRA = [{"url": "https://x.example", "valueString": "x"}]
# What is put in the place of any value, and what is added to any object.
VALUES: list[Any] = [
    None,
    "",
    " ",
    "x",
    "a b",
    "\n",
    "x\n",
    "\u0000",
    "２０２６-11-20T15:00:00Z",
    "none-new",
    "unknown",
    0,
    5,
    True,
    1.5,
    [],
    {},
    [[]],
    [{}],
    [None],
    ["x"],
    {"a": 1},
    {"url": "x"},
]
ADDED: dict[str, list[Any]] = {
    "id": ["a", "a b", "", 5],
    "extension": [[], EXTRA],
    "modifierExtension": [[], EXTRA],
    "meta": [
        None,
        {},
        5,
        {"lastUpdated": "x"},
        {"versionId": ""},
        {"versionId": "1"},
        {"foo": "x"},
    ],
    "encounter": [
        {},
        5,
        {"reference": "Encounter/1"},
        {"reference": "Patient/1"},
        {"reference": ""},
    ],
    "author": [{}, 5, {"reference": "Patient/1"}, {"reference": "Patient/a b"}, {"display": "x"}],
    "source": [{"reference": "Patient/1"}],
    "text": ["x", "", {}],
    "language": ["en"],
    "implicitRules": ["https://x.example"],
    "contained": [[], [{"resourceType": "Patient"}]],
    "_status": [{}, {"extension": EXTRA}],
    "_authored": [{"extension": EXTRA}],
    "definition": ["https://x.example"],
    "display": ["x", "", " ", 5],
    "version": ["1", ""],
    "userSelected": [True, "x"],
    "system": ["https://x.example"],
    "item": [[], [{}], None, [{"linkId": "x"}]],
    "answer": [[], [{}], None],
    "valueString": ["x", ""],
    "valueBoolean": [True],
    "linkId": ["x"],
    "type": ["Patient"],
    "foo": [1],
}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list):
        for place in range(len(value)):
            yield from paths(value[place], (*path, place))


def at(value: Any, path: Path) -> Any:
    """What stands there."""
    for key in path:
        value = value[key]
    return value


def put(response: Json, path: Path, value: Any) -> Json:
    """A copy with this value there, deep only along the path."""
    changed = copy.copy(response)
    here: Any = changed
    for key in path[:-1]:
        here[key] = copy.copy(here[key])
        here = here[key]
    here[path[-1]] = value
    return changed


def changes(response: Json, path: Path) -> Iterator[tuple[str, Json]]:
    """Every single change at one place."""
    here = at(response, path)
    if path:
        for value in VALUES:
            yield f"{path} = {value!r}", put(response, path, value)
        removed = copy.deepcopy(response)
        del at(removed, path[:-1])[path[-1]]
        yield f"without {path}", removed
    if isinstance(here, dict):
        for key, values in ADDED.items():
            for value in values:
                yield f"{path}.{key} = {value!r}", put(response, (*path, key), value)
    if isinstance(here, list):
        yield f"{path} doubled", put(response, path, [*here, *here])
        yield f"{path} reversed", put(response, path, here[::-1])


def every_change(response: Json) -> Iterator[tuple[str, Json]]:
    """Every single change at every place."""
    for path in list(paths(response)):
        yield from changes(response, path)


def changed(response: Json, choose: Choose) -> Json:
    """One change, at one place."""
    place = choose(list(paths(response)))
    found: Json = choose([change for _, change in changes(response, place)] or [response])
    return found
