"""What the facts of a record say for certain: which are there, and which are not."""

from typing import Final

from cds.core.model import Facts, Presence

Sides = tuple[frozenset[str], frozenset[str]]
NONE: Final[frozenset[str]] = frozenset()


def sides_of(facts: Facts) -> Sides:
    """The ids of the facts that are present, and of those that are absent."""
    found = facts.facts if facts.found is None else facts.found
    if not found:
        return NONE, NONE
    present, absent = Presence.PRESENT, Presence.ABSENT  # as locals: an Enum is slow to ask
    said = found.values()
    return (
        frozenset([fact.id for fact in said if fact.presence is present]),
        frozenset([fact.id for fact in said if fact.presence is absent]),
    )
