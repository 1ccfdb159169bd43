"""The oracle of what the compiled rules wait for: the tree asked part by part."""

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    NoneOf,
    spread,
)
from cds.core.interpret import truth_of
from cds.core.model import Answers, Facts


def waits_for(condition: Condition, answers: Answers, facts: Facts) -> frozenset[str]:
    """The open questions that an unsettled condition hangs on."""
    if truth_of(condition, answers, facts) is not None:
        return frozenset()
    match condition:
        case Equals(question) | IsOpen(question):
            return frozenset((question,))
        case HasFact():
            return frozenset()
        case AtLeast(_, parts):
            # What is counted is each code by itself: one that is there does not settle the others.
            each = [one for part in parts for one in spread(part)]
        case AnyOf(parts) | AllOf(parts) | NoneOf(parts):
            each = list(parts)
    return frozenset[str]().union(*(waits_for(part, answers, facts) for part in each))
