"""When something was measured, as the record says: an instant, a stretch of time, or nothing."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

# The pattern of FHIR's dateTime, seconds made optional; the standard library takes more than that.
_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
# Local clocks run from 12 hours behind to 14 hours ahead of UTC.
_BEHIND = timedelta(hours=12)
_AHEAD = timedelta(hours=14)


class When(NamedTuple):
    """The time as written, and the earliest and latest instant that it can mean.

    `exact` is true only for an instant with its offset. `day` is the earliest calendar day.
    """

    text: str | None
    earliest: datetime | None
    latest: datetime | None
    exact: bool
    day: date | None


NEVER = When(None, None, None, exact=False, day=None)


def when_of(text: object) -> When:
    """Read a FHIR dateTime or instant; what is not one says nothing about the time."""
    if not isinstance(text, str):
        return NEVER
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return NEVER
    try:
        if found[5]:
            instant = datetime.fromisoformat(text)
            return When(text, instant, instant, exact=True, day=instant.date())
        return _stretch(text, found)
    except (ValueError, OverflowError):  # a month 13, a 30th of February, the year 0
        return NEVER


def _stretch(text: str, found: re.Match[str]) -> When:
    if found[4]:  # a clock time without an offset
        first = last = datetime.fromisoformat(text).replace(tzinfo=UTC)
    else:
        year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
        first = datetime(year, month, day, tzinfo=UTC)
        last = datetime.combine(last_day(text), datetime.max.time(), tzinfo=UTC)
    return When(text, first - _AHEAD, last + _BEHIND, exact=False, day=first.date())


def last_day(text: str) -> date:
    """The last day that a FHIR date (year, month or day) can mean.

    Raises:
        ValueError: it is not a date.

    >>> last_day("2008-02")
    datetime.date(2008, 2, 29)
    """
    year, month, day, *_ = [*(int(part) for part in text[:10].split("-")), 0, 0]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def born_of(birth_date: str | None) -> date | None:
    """The day of birth; None if it is unknown. A partial date is read as the younger age."""
    if birth_date is None:
        return None
    try:
        return last_day(birth_date)
    except ValueError:
        return None


def is_adult(born: date, on: date, years: int) -> bool:
    """Whether someone born then is at least `years` old on that day."""
    return (on.year - born.year) - ((on.month, on.day) < (born.month, born.day)) >= years
