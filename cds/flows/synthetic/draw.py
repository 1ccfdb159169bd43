"""Chance from a text: the same draws on every machine and with every version of Python.

Only `random()` of a seeded generator is used: Python promises that its sequence never changes, and
promises it of no other method. What is drawn is whole numbers; no logarithm or sine, whose last
digit depends on the machine.
"""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
THOUSAND = 1000


class Weighted(Generic[T]):
    """Values with their weights, made ready to be drawn from."""

    def __init__(self, weights: Sequence[tuple[T, int]]) -> None:
        """Take values with whole weights, at least one of them above zero."""
        self.values = tuple(value for value, _ in weights)
        self.sums = tuple(accumulate(weight for _, weight in weights))


class Draw:
    """A row of draws that a text decides."""

    def __init__(self, text: str) -> None:
        """Begin the row of this text."""
        self._next = Random(text).random  # noqa: S311 - not for secrets

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[int(self._next() * len(values))]

    def chance(self, of_thousand: int) -> bool:
        """True as often, of 1,000 times."""
        return self._next() * THOUSAND < of_thousand

    def weighted(self, among: Weighted[T]) -> T:
        """One of the values, by their weights."""
        return among.values[bisect(among.sums, int(self._next() * among.sums[-1]))]

    def number(self, low: str, high: str) -> str:
        """A decimal from low to high, with their digits; the middle comes more often."""
        digits = len(low.partition(".")[2])
        least, most = int(low.replace(".", "")), int(high.replace(".", ""))
        middling = (self._next() + self._next()) / 2
        text = str(least + int(middling * (most - least + 1))).rjust(digits + 1, "0")
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text
