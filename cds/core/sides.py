"""What the facts of a record say for certain: which are there, and which are not."""

from cds.core.model import Facts, Presence

Sides = tuple[frozenset[str], frozenset[str]]
NONE: frozenset[str] = frozenset()


def sides_of(facts: Facts) -> Sides:
    """The ids of the facts that are present, and of those that are absent."""
    if not facts.facts:
        return NONE, NONE
    # Most facts of a record are unknown, and attribute access on an Enum class is slow.
    present, absent, unknown = Presence.PRESENT, Presence.ABSENT, Presence.UNKNOWN
    known = [fact for fact in facts.facts.values() if fact.presence is not unknown]
    return (
        frozenset([fact.id for fact in known if fact.presence is present]),
        frozenset([fact.id for fact in known if fact.presence is absent]),
    )
