"""What the facts of a record say for certain: which are there, and which are not."""

from cds.core.model import Facts, Presence

NONE: frozenset[str] = frozenset()


def sides_of(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the facts that are present, and of those that are absent."""
    if not facts.facts:
        return NONE, NONE
    return (
        frozenset(fact.id for fact in facts.facts.values() if fact.presence is Presence.PRESENT),
        frozenset(fact.id for fact in facts.facts.values() if fact.presence is Presence.ABSENT),
    )
