"""When something was measured, as the record says: an instant, a stretch of time, or nothing."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

# FHIR's instant and dateTime, seconds made optional; the standard library takes more than that.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_STRETCH = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND, _LEAP = slice(16, 19), ":60"
# Local clocks run from 12 hours behind to 14 hours ahead of UTC.
_BEHIND = timedelta(hours=12)
_AHEAD = timedelta(hours=14)


Bounds = tuple[datetime, datetime]
Born = tuple[date, date]  # the first and the last possible day of birth


class When(NamedTuple):
    """The time as written, and the earliest and latest instant that it can mean."""

    text: str | None
    earliest: datetime | None
    latest: datetime | None

    @property
    def exact(self) -> bool:
        """Whether it is an instant with its offset."""
        return self.earliest is not None and self.earliest == self.latest

    @property
    def day(self) -> date | None:
        """The earliest calendar day, where it was measured."""
        if self.earliest is None:
            return None
        return (self.earliest if self.exact else self.earliest + _AHEAD).date()


NEVER = When(None, None, None)


def when_of(text: object) -> When:
    """Read a FHIR dateTime or instant; what is not one says nothing about the time."""
    return within(text, bounds_of(text))


def within(text: object, bounds: Bounds | None) -> When:
    """The time of which these are the bounds."""
    return When(text, *bounds) if isinstance(text, str) and bounds is not None else NEVER


def bounds_of(text: object) -> Bounds | None:
    """The earliest and the latest instant that a time can mean: of most, that is the same one."""
    if not isinstance(text, str):
        return None
    try:
        if _INSTANT.fullmatch(text):
            instant = _moment(text)
            return instant, instant
        found = _STRETCH.fullmatch(text)
        return _stretch(text, found) if found else None
    except (ValueError, OverflowError):  # a month 13, a 30th of February, the year 0
        return None


def _moment(text: str) -> datetime:
    """The moment as the standard library has it: it knows no leap second, and takes the one before.

    Raises:
        ValueError: there is no such moment.
    """
    leaps = text[_SECOND] == _LEAP
    return datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leaps else text)


def _stretch(text: str, found: re.Match[str]) -> Bounds:
    if found[4]:  # a clock time without an offset
        first = last = _moment(text).replace(tzinfo=UTC)
    else:
        year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
        first = datetime(year, month, day, tzinfo=UTC)
        last = datetime.combine(last_day(text), datetime.max.time(), tzinfo=UTC)
    return first - _AHEAD, last + _BEHIND


def last_day(text: str) -> date:
    """The last day that a FHIR date (year, month or day) can mean.

    Raises:
        ValueError: it is not a date.

    >>> last_day("2008-02")
    datetime.date(2008, 2, 29)
    """
    year, month, day, *_ = [*map(int, text[:10].split("-")), 0, 0]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def born_of(birth_date: str | None) -> Born | None:
    """The first and the last day of birth that a date can mean; None if it is unknown."""
    if birth_date is None:
        return None
    try:
        if _DAY.fullmatch(birth_date):
            sure = date.fromisoformat(birth_date)
            return sure, sure
        year, month, day, *_ = [*map(int, birth_date[:10].split("-")), 1, 1]
        return date(year, month, day), last_day(birth_date)
    except ValueError:
        return None


def is_adult(born: date, on: date, years: int) -> bool:
    """Whether someone born then is at least `years` old on that day."""
    return (on.year - born.year) - ((on.month, on.day) < (born.month, born.day)) >= years
