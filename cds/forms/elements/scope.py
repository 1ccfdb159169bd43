"""Where a value stands, and what can be wrong with it: shared by the judges of the datatypes."""

from collections.abc import Mapping
from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with a value: the rule, the place below it, the words, what was found."""

    rule: str
    below: str
    text: str
    found: object = None
    severity: str | None = None


class ElementScope(NamedTuple):
    """Where a value stands.

    `owner` is the type that it is an element of; `targets` are the types that a reference may have
    there; `contained` the types of the contained resources by id, None where that is not known;
    `inside` says that a contained resource holds it.
    """

    version: str = "4.0"
    owner: str = ""
    targets: frozenset[str] = frozenset()
    contained: Mapping[str, str] | None = None
    inside: bool = False


def invariant(key: str, text: str) -> Problem:
    """An invariant of FHIR that does not hold."""
    return Problem("fhirInvariant", "", f"{text} ({key})")
