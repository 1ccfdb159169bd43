"""The processor time of one validation, here and in the FHIRPath process: one kind of clock.

Waiting costs nothing: neither a busy machine nor a validation beside this one makes an expression
"not evaluated" or a response "too large".
"""

import time

# Seconds of one validation: more than any form needs that a person filled in.
TIME_S = 0.8
EXPRESSION_S = 0.5
EXPRESSIONS_S = 1.2  # all of one response


class OutOfTime(Exception):
    """The response or its form is too large to be judged in time."""


class Clock:
    """The time of one validation in one thread; it starts at the first look."""

    def __init__(self) -> None:
        # To ask for the time costs more than many validations take.
        self._end: float | None = None
        self._glances = 0
        self._left = EXPRESSIONS_S

    def look(self) -> None:
        """Go on, if there is time.

        Raises:
            OutOfTime: the time of this validation is used up.
        """
        now = time.thread_time()
        if self._end is None:
            self._end = now + TIME_S
        if now > self._end:
            raise OutOfTime

    def glance(self) -> None:
        """Look every sixteenth time: for those who do little between two glances.

        Raises:
            OutOfTime: the time of this validation is used up.
        """
        self._glances += 1
        if not self._glances % 16:
            self.look()

    @property
    def has_time(self) -> bool:
        """Whether there is time left, of which something is to be said where there is none."""
        try:
            self.look()
        except OutOfTime:
            return False
        return True

    @property
    def expression_s(self) -> float:
        """How long the next expression may take; 0 where there is no time for one."""
        return max(min(self._left, EXPRESSION_S), 0.0)

    def spend(self, seconds: float) -> None:
        """An expression has taken so long."""
        self._left -= seconds
