"""Which version of FHIR a form and its response are written in, by what only one of them has."""

from collections.abc import Mapping
from typing import Any

from cds.wire import objects

AUTO = "auto"
_VERSIONS = ("4.0", "4.3", "5.0")
_R5_TYPES, _R4_TYPES = ("coding",), ("choice", "open-choice")  # a type may be any JSON
_R5_ELEMENTS = frozenset(("answerConstraint", "disabledDisplay"))


def version_of(form: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    """`5.0` where something is written as only R5 has it, else `4.0`, which R4B reads alike.

    >>> version_of({"item": [{"linkId": "a", "type": "coding"}]}, {})
    '5.0'
    """
    waiting = objects(form.get("item"))
    while waiting:
        item = waiting.pop()
        if item.get("type") in _R4_TYPES:
            return "4.0"
        if item.get("type") in _R5_TYPES or not _R5_ELEMENTS.isdisjoint(item):
            return "5.0"
        waiting.extend(objects(item.get("item")))
    named = "versionAlgorithmString" in form or "versionAlgorithmCoding" in form
    return "5.0" if named or isinstance(response.get("identifier"), list) else "4.0"
