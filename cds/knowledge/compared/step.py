"""How far a version number must move, and one part that differs."""

from dataclasses import dataclass
from enum import IntEnum


class Step(IntEnum):
    """How far the version number must move."""

    NONE = 0
    PATCH = 1  # words, sources, readings: no decision changes
    MINOR = 2  # something new, or a decision that becomes more urgent
    MAJOR = 3  # something is gone, means something else, or a decision becomes less urgent

    @property
    def word(self) -> str:
        """As it is said."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One part that was added, removed or changed; `fields` are what changed in it."""

    kind: str
    id: str
    what: str  # added | removed | changed
    fields: tuple[str, ...]
    step: Step

    def __str__(self) -> str:
        """One line."""
        told = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.kind} {self.id}: {self.what}{told}"
