"""Contained resources: an id of its own, none within another, each referred to (dom-2 … 5)."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.elements.scope import Problem, invariant
from cds.wire import objects


def contained_types(resource: Mapping[str, Any]) -> dict[str, str]:
    """The types of what a resource contains, by id."""
    return {
        one["id"]: str(one.get("resourceType"))
        for one in objects(resource.get("contained"))
        if isinstance(one.get("id"), str)
    }


def contained_problems(resource: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with what a resource contains; empty where it contains nothing."""
    listed = resource.get("contained")
    if not isinstance(listed, list) or not listed:
        return
    texts = frozenset(_fragments(resource))
    ids: set[str] = set()
    for index, one in enumerate(listed):
        if isinstance(one, dict):
            for problem in _one(one, texts, ids):
                yield problem._replace(below=f".contained[{index}]{problem.below}")


def _one(one: Mapping[str, Any], texts: frozenset[str], ids: set[str]) -> Iterator[Problem]:
    id_ = one.get("id")
    if not isinstance(id_, str):
        yield Problem("contained", "", "a contained resource needs an id")
    elif id_ in ids:
        yield Problem("contained", "", "another contained resource has this id")
    elif f"#{id_}" not in texts and "#" not in frozenset(_fragments(one)):
        yield invariant("dom-3", "nothing refers to this contained resource")
    if isinstance(id_, str):
        ids.add(id_)
    if "contained" in one:
        yield invariant("dom-2", "a contained resource contains no other")
    yield from _meta(one.get("meta"))


def _meta(meta: object) -> Iterator[Problem]:
    if isinstance(meta, dict):
        if not {"versionId", "_versionId", "lastUpdated", "_lastUpdated"}.isdisjoint(meta):
            yield invariant("dom-4", "a contained resource has no version and no time of update")
        if "security" in meta:
            yield invariant("dom-5", "a contained resource has no security label")


def _fragments(resource: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a resource that may refer to what it contains."""
    waiting: list[Any] = [resource]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if value.startswith("#"):
                yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
