"""Reasons told once: renewals of one order, one diagnosis written nineteen times."""

from collections.abc import Iterable

from cds.core.model import Because
from cds.phrases.say import ENGLISH, Say


def once(reasons: Iterable[Because]) -> list[tuple[Because, int]]:
    """Each reason with how often the record says the same; the first of equal ones is told.

    What is measured is the same only at the same time: each of two results is told.
    """
    found: dict[object, list[Because]] = {}
    for one in reasons:
        evidence = one.evidence
        key: object = one
        if evidence is not None and (evidence.value is None or isinstance(evidence.value, str)):
            key = (one.fact, (evidence.value or "").casefold(), evidence.mark)
        found.setdefault(key, []).append(one)
    return [(same[0], len(same)) for same in found.values()]


def more(count: int, say: Say = ENGLISH) -> str:
    """How many others say the same, in words."""
    return say(" and {count} more like it", count=count - 1) if count > 1 else ""
