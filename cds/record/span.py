"""Every value that a number with its comparator allows."""

from decimal import Decimal
from typing import NamedTuple


class Span(NamedTuple):
    """From `low` to `high`, each end included if it is closed; None is without end."""

    low: Decimal | None
    low_closed: bool
    high: Decimal | None
    high_closed: bool

    def reaches_down(self, limit: Decimal, *, at: bool) -> bool:
        """Whether some value is under `limit` (or, with `at`, equal to it)."""
        if self.low is None or self.low < limit:
            return True
        return at and self.low_closed and self.low == limit

    def reaches_up(self, limit: Decimal, *, at: bool) -> bool:
        """Whether some value is over `limit` (or, with `at`, equal to it)."""
        if self.high is None or self.high > limit:
            return True
        return at and self.high_closed and self.high == limit

    def crosses(self, low: Decimal | None, high: Decimal | None, *, at: bool) -> bool:
        """Whether some values are beyond a limit and others are not."""
        if low is not None and self.reaches_down(low, at=at) and self.reaches_up(low, at=not at):
            return True
        return (
            high is not None and self.reaches_up(high, at=at) and self.reaches_down(high, at=not at)
        )


def span_of(value: Decimal, comparator: str | None) -> Span:
    """The values that a comparator leaves possible; without one, the value itself.

    >>> span_of(Decimal("2.8"), "<").reaches_down(Decimal("2.8"), at=True)
    True
    """
    match comparator:
        case "<" | "<=":
            return Span(None, low_closed=False, high=value, high_closed=comparator == "<=")
        case ">" | ">=":
            return Span(value, low_closed=comparator == ">=", high=None, high_closed=False)
        case _:
            return Span(value, low_closed=True, high=value, high_closed=True)
