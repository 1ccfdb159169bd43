"""The JSON Schemas of our documents, by name (`assessment-1`): one file each beside this one."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """The names of all schemas; a document's `schema` is `cramp-cds/` and the name with a slash."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def schema(name: str) -> dict[str, Any]:
    """One schema.

    Raises:
        KeyError: there is none of this name.
    """
    if name not in names():
        raise KeyError(name)
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def schema_name(document: dict[str, Any]) -> str:
    """The name of the schema that a document says it follows.

    >>> name_of({"schema": "cramp-cds/fault/1"})
    'fault-1'
    """
    return "-".join(str(document["schema"]).split("/")[1:])
