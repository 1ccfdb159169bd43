"""Three-valued logic: true, false, and unknown (None). Unknown is never taken for false.

Strong Kleene tables; an unanswered question stays unknown through every step.
"""

from collections.abc import Iterable

Truth = bool | None


def any_of(values: Iterable[Truth]) -> Truth:
    """True as soon as one is true; unknown if none is true and one is unknown; else false."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def all_of(values: Iterable[Truth]) -> Truth:
    """False as soon as one is false; unknown if none is false and one is unknown; else true."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def at_least(count: int, values: Iterable[Truth]) -> Truth:
    """True when `count` or more are true, whatever the unknown ones turn out to be."""
    seen = list(values)
    certain = sum(value is True for value in seen)
    if certain >= count:
        return True
    possible = certain + sum(value is None for value in seen)
    return None if possible >= count else False


def negate(value: Truth) -> Truth:
    """The contrary; unknown stays unknown."""
    return None if value is None else not value
