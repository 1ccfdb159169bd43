"""Which responses of a patient count: all that are recent, and that no later one closes.

Only a later, dated, finished and complete response closes others; no draft, no empty and no
undated one does. So one more response never lowers what is found, unless it closes others. Drafts
are bounded by time and not by their count.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cds.core.fields import of_fields
from cds.errors import ResponseError, Unreadable
from cds.fhir.notes import ENTERED_IN_ERROR
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.record import OneRecord
from cds.forms.given import is_finished
from cds.record.times import Bounds, bounds_of
from cds.wire import JsonObject

# Engineering: how far the clock of a sender may be ahead, and how long an emergency that was
# closed by later answers is still told (as long as a critical value that a normal one follows).
AHEAD = timedelta(minutes=5)
TOLD = timedelta(hours=48)

# What a response says, beside a record or by itself.
Assess = Callable[[OneRecord | None], Assessed]


class Judged(NamedTuple):
    """A response with what it says. `bounds`: the earliest and latest it may be of; None: undated.

    `response` is as it came.
    """

    response: JsonObject
    assessed: Assessed
    bounds: Bounds | None

    @property
    def weight(self) -> tuple[int, int, datetime]:
        """What is shown rather: the more urgent, of equals with more findings, then the newer."""
        # Of an undated one nothing says that it is older.
        when = self.bounds[1] if self.bounds else datetime.max.replace(tzinfo=UTC)
        return self.assessed.level.rank, len(self.assessed.findings), when


class Counting(NamedTuple):
    """What counts. `shown`: the most urgent of the recent; `old`: the most urgent of the older.

    `closed`: an emergency that later answers closed within the last two days. `unreadable`: how
    many could not be assessed at all.
    """

    shown: Judged | None = None
    old: Judged | None = None
    closed: Judged | None = None
    unreadable: int = 0


def usable(response: JsonObject) -> bool:
    """Whether it says anything; what was entered in error says nothing."""
    return _text(response.get("status")) != ENTERED_IN_ERROR


def authored(response: JsonObject, now: datetime) -> Bounds | None:
    """When it was authored, as far as it can be told; a time that is yet to come tells nothing."""
    bounds = bounds_of(response.get("authored"))
    return None if bounds is None or bounds[0] > now + AHEAD else bounds


def assess_counting(
    responses: Iterable[tuple[JsonObject, Assess]],
    record: OneRecord,
    now: datetime,
    valid: timedelta | None,
) -> Counting:
    """Assess what counts of these (each as it came, and how it is assessed) beside the record.

    `valid`: how long answers say something of now; None: always.
    """
    judged: list[tuple[Judged, Assess, bool]] = []
    unreadable = 0
    weighed = False  # whether any of them may close others, or be closed
    listed = list(responses)
    for response, assess in listed:
        bounds = authored(response, now)
        # Whether it closes others is asked of its answers alone; of most, nobody asks.
        asked = len(listed) > 1 and bounds is not None and is_finished(response)
        beside = not asked and _recent(bounds, now, valid)
        try:
            assessed = assess(record if beside else None)
        except (ResponseError, Unreadable):
            unreadable += 1
            continue
        judged.append((of_fields(Judged, (response, assessed, bounds)), assess, beside))
        weighed = weighed or not beside
    if not weighed:
        heaviest = _heaviest([one for one, _, _ in judged])
        return of_fields(Counting, (heaviest, None, None, unreadable))
    window = _Window([one for one, _, beside in judged if not beside], now, valid)
    shown: list[Judged] = []
    old: list[Judged] = []
    gone: list[Judged] = []
    for one, assess, beside in judged:
        closed = window.closed(one)
        recent = closed is None and _recent(one.bounds, now, valid)
        said = (
            one if beside is recent else one._replace(assessed=assess(record if recent else None))
        )
        if recent:
            shown.append(said)
        elif closed is None:
            old.append(said)
        elif said.assessed.level.alert and window.still_told(one, closed):
            gone.append(said)
    return Counting(_heaviest(shown), _heaviest(old), _heaviest(gone), unreadable)


def _recent(bounds: Bounds | None, now: datetime, valid: timedelta | None) -> bool:
    """Whether it may be of the time in which answers say something of now."""
    return bounds is None or valid is None or bounds[1] >= now - valid


class _Window:
    """What is recent, and what closes what."""

    def __init__(self, judged: Sequence[Judged], now: datetime, valid: timedelta | None) -> None:
        self._now = now
        self._valid = valid
        closers = (one.bounds for one in judged if one.bounds is not None and _closes(one))
        self._closers = sorted(closers)
        self._recent_closers = [one for one in self._closers if _recent(one, now, valid)]

    def closed(self, one: Judged) -> Bounds | None:
        """When it was closed: by the first that is later. An old one closes nothing undated."""
        if one.bounds is None:
            return self._recent_closers[0] if self._recent_closers else None
        latest = one.bounds[1]
        index = bisect_right(self._closers, latest, key=lambda bounds: bounds[0])
        return self._closers[index] if index < len(self._closers) else None

    def still_told(self, one: Judged, closed: Bounds) -> bool:
        """Whether it was closed of late, and had not been out of date by then."""
        if closed[1] < self._now - TOLD:
            return False
        return one.bounds is None or self._valid is None or closed[0] - one.bounds[1] <= self._valid


def _closes(one: Judged) -> bool:
    """Whether it settles every safety question, so that earlier answers need not be looked at."""
    assessed = one.assessed
    return is_finished(one.response) and assessed.assessment.complete and not assessed.invalid


def _heaviest(judged: Sequence[Judged]) -> Judged | None:
    if len(judged) < 2:  # noqa: PLR2004 - nothing to weigh
        return judged[0] if judged else None
    return max(judged, key=lambda one: one.weight)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
