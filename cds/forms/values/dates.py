"""FHIR dates, times and instants compared at the precision that both sides have."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z", re.ASCII)
TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?\Z", re.ASCII)
DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d))?)?)?\Z",
    re.ASCII,
)
# An instant as nearly all systems write it, on a day that exists: what may be passed at a glance.
# Every day of the year is in it, so that no reading is slower on the 29th than on the 28th.
INSTANT_AT_A_GLANCE = re.compile(
    r"(?:(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)|(?:(?:19|20)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29)"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)",
    re.ASCII,
)
_NANO = 9
LEAP_SECOND = 60  # the last one that FHIR allows
FARTHEST = (14, 0)  # no zone of the world is farther from UTC, and FHIR's pattern allows none
Point = tuple[int, ...]  # year, month, day, hour, minute, second, nanosecond: as many as are given


def parse_date(text: object) -> Point | None:
    """`2024`, `2024-06`, `2024-06-30` as numbers; None if it is not a FHIR date that exists."""
    found = DATE.match(text) if isinstance(text, str) else None
    return _calendar(tuple(int(group) for group in found.groups() if group)) if found else None


def parse_time(text: object) -> Point | None:
    """`13:05:00` as (0, 0, 0, hour, minute, second, nanosecond); None if there is no such time."""
    found = TIME.match(text) if isinstance(text, str) else None
    if not found:
        return None
    hour, minute, second, fraction = found.groups()
    try:
        time(int(hour), int(minute), min(int(second), 59))
    except ValueError:
        return None
    if int(second) > LEAP_SECOND:
        return None
    return (0, 0, 0, int(hour), int(minute), int(second), int((fraction or "0").ljust(_NANO, "0")))


def parse_date_time(text: object) -> Point | None:
    """A FHIR dateTime as numbers, in UTC as soon as it has a time.

    None if there is no such moment.
    """
    found = DATE_TIME.match(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if hour is None:
        return _calendar(tuple(int(group) for group in (year, month, day) if group))
    if int(second) > LEAP_SECOND:
        return None
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            min(int(second), 59),
            tzinfo=_zone(zone),
        )
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    nano = int((fraction or "0").ljust(_NANO, "0"))
    return (
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        int(second) if second == "60" else moment.second,
        nano,
    )


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or (hours, minutes) > FARTHEST:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _calendar(point: Point) -> Point | None:
    try:
        date(*(*point, 1, 1)[:3])
    except ValueError:
        return None
    return point


def parse(kind: str, text: object) -> Point | None:
    """Read a value of FHIR type date, dateTime or time."""
    match kind:
        case "date":
            return parse_date(text)
        case "dateTime":
            return parse_date_time(text)
        case "time":
            return parse_time(text)
        case _:
            return None


def as_written(text: object, point: Point) -> Point:
    """The moment by its own clock and not in UTC; anything else as it is.

    >>> as_written("2024-06-30T23:30:00-05:00", (2024, 7, 1, 4, 30, 0, 0))[:4]
    (2024, 6, 30, 23)
    """
    found = DATE_TIME.match(text) if isinstance(text, str) else None
    if not found or found.group(4) is None:
        return point
    return (*(int(group) for group in found.groups()[:6]), point[-1])


def compare(left: Point, right: Point) -> int:
    """-1, 0 or 1 at the coarser of the two precisions: 2022-06-30 and 2022-06 are equal."""
    width = min(len(left), len(right))
    one, other = left[:width], right[:width]
    return (one > other) - (one < other)
