"""Dates, dateTimes and times of FHIRPath, of any precision, with or without an offset."""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

_DATE = r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
_CLOCK = r"(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?"
_PATTERNS = {
    "Date": re.compile(rf"{_DATE}\Z", re.ASCII),
    "DateTime": re.compile(rf"{_DATE}(?:T(?:{_CLOCK})?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII),
    "Time": re.compile(rf"{_CLOCK}\Z", re.ASCII),
}
_MOST_HOURS, _MOST_MINUTES, _MOST_SECONDS = 23, 59, 60


@dataclass(frozen=True, slots=True)
class Moment:
    """As many parts as are given, from the year to the second; those of a time from the hour on."""

    kind: str
    parts: tuple[Decimal, ...]
    offset: int | None = None  # minutes
    text: str = ""

    @property
    def whole(self) -> int:
        """How many parts there can be."""
        return {"Date": 3, "DateTime": 6, "Time": 3}[self.kind]


def parse_moment(kind: str, text: object) -> Moment | None:
    """A text as a moment of this kind; None if it is none, or there is no such day or time.

    >>> parse_moment("Date", "2024-13-45") is None
    True
    """
    found = _PATTERNS[kind].match(text) if isinstance(text, str) else None
    if found is None or not isinstance(text, str):
        return None
    groups = list(found.groups())
    zone = groups.pop() if kind == "DateTime" else None
    parts = tuple(Decimal(group) for group in groups if group is not None)
    if len([group for group in groups if group]) != len(parts) or not _exists(kind, parts):
        return None
    offset = _offset(zone)
    if zone is not None and (offset is None or len(parts) < 4):  # noqa: PLR2004 - an offset needs an hour
        return None
    return Moment(kind, parts, offset, text)


def _exists(kind: str, parts: tuple[Decimal, ...]) -> bool:
    clock = parts if kind == "Time" else parts[3:]
    for part, most in zip(clock, (_MOST_HOURS, _MOST_MINUTES, _MOST_SECONDS), strict=False):
        if part > most:
            return False
    if kind == "Time":
        return True
    year, month, day = (*(int(part) for part in parts[:3]), 1, 1)[:3]
    if year < 1 or not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return False
    return 1 <= day <= calendar.monthrange(year, month)[1]


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    if int(zone[4:6]) > _MOST_MINUTES or minutes > 14 * 60:
        return None
    return -minutes if zone[0] == "-" else minutes


def in_utc(moment: Moment) -> tuple[Decimal, ...]:
    """The parts in UTC, for a moment that has an offset and an hour."""
    if not moment.offset:
        return moment.parts
    year, month, day, hour, *rest = moment.parts
    minute = int(rest[0]) if rest else 0
    when = datetime(int(year), int(month), int(day), int(hour), minute)  # noqa: DTZ001 - the offset is taken off by hand
    when -= timedelta(minutes=moment.offset)
    parts = (when.year, when.month, when.day, when.hour, when.minute)
    return (*(Decimal(part) for part in parts), *rest[1:])


def compared(one: Moment, other: Moment) -> int | None:
    """-1, 0 or 1; None where their precision differs and what both have is the same.

    Raises:
        LookupError: one has an offset and the other none, and that could matter.
    """
    left, right = one.parts, other.parts
    if (one.offset is None) != (other.offset is None):
        if not _far(left, right):
            raise LookupError
    elif one.offset != other.offset:
        left, right = in_utc(one), in_utc(other)
    for mine, theirs in zip(left, right, strict=False):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return None if len(left) != len(right) else 0


def _far(left: tuple[Decimal, ...], right: tuple[Decimal, ...]) -> bool:
    """Whether two moments differ by more than any offset can."""
    days = []
    for parts in (left, right):
        year, month, day = (*(int(part) for part in parts[:3]), 1, 1)[:3]
        days.append(datetime(year, month, day).toordinal())  # noqa: DTZ001 - only the day counts
    coarse = min(len(left), len(right))
    return abs(days[0] - days[1]) > {1: 367, 2: 33}.get(coarse, 2)


# The durations of the calendar, with the UCUM code of what is as long.
CALENDAR = {"year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "minute": "min"} | {
    "second": "s",
    "millisecond": "ms",
}
# UCUM's units up to the week are those of the calendar; its month and year are not.
DEFINITE = {name: code for name, code in CALENDAR.items() if name not in {"year", "month"}}
_SECONDS = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}


def added(moment: Moment, amount: Decimal, unit: str) -> Moment | None:
    """A moment and a calendar duration later; None where that leaves the years 1 to 9999.

    Raises:
        ValueError: the unit does not fit the moment.
    """
    unit = unit.removesuffix("s")
    if unit not in CALENDAR:
        raise ValueError(unit)
    if moment.kind == "Time":
        return _later_time(moment, amount, unit)
    whole = amount if unit in {"second", "millisecond"} else Decimal(int(amount))
    try:
        if unit in {"year", "month"}:
            return _months_later(moment, int(whole) * (12 if unit == "year" else 1))
        return _time_later(moment, whole, unit)
    except (OverflowError, calendar.IllegalMonthError):
        return None


def _later_time(moment: Moment, amount: Decimal, unit: str) -> Moment:
    if unit not in {"hour", "minute", "second", "millisecond"}:
        raise ValueError(unit)
    scale = Decimal("0.001") if unit == "millisecond" else Decimal(_SECONDS[unit])
    whole = amount if unit in {"second", "millisecond"} else Decimal(int(amount))
    hour, minute, second = (*moment.parts, Decimal(0), Decimal(0))[:3]
    total = (hour * 3600 + minute * 60 + second + whole * scale) % 86400
    parts = (total // 3600, total % 3600 // 60, total % 60)
    return _made(moment, tuple(Decimal(part) for part in parts)[: len(moment.parts)])


def _months_later(moment: Moment, months: int) -> Moment | None:
    parts = list(moment.parts)
    if len(parts) == 1:
        months = int(months / 12) * 12
    month = int(parts[1]) if len(parts) > 1 else 1
    total = int(parts[0]) * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:  # noqa: PLR2004 - the years that have a spelling
        return None
    parts[0] = Decimal(year)
    if len(parts) > 1:
        parts[1] = Decimal(month)
    if len(parts) > 2:  # noqa: PLR2004 - a day is given
        parts[2] = min(parts[2], Decimal(calendar.monthrange(year, month)[1]))
    return _made(moment, tuple(parts))


def _time_later(moment: Moment, amount: Decimal, unit: str) -> Moment | None:
    scale = Decimal("0.001") if unit == "millisecond" else Decimal(_SECONDS[unit])
    seconds = amount * scale
    given = len(moment.parts)
    if given < 3:  # noqa: PLR2004 - no day: the duration is turned into what is given
        days = int(seconds / 86400)
        return _months_later(moment, int(days / 365) * 12 if given == 1 else int(days / 30))
    year, month, day, hour, minute, second = (*moment.parts, *([Decimal(0)] * 3))[:6]
    if given < 6:  # noqa: PLR2004 - no seconds: only whole days, hours or minutes count
        finest = {3: 86400, 4: 3600, 5: 60}[given]
        seconds = Decimal(int(seconds / finest) * finest)
    total = hour * 3600 + minute * 60 + second + seconds
    days = int(total // 86400)
    rest = total - days * 86400
    when = datetime(int(year), int(month), int(day)) + timedelta(days=days)  # noqa: DTZ001 - the offset stays
    clock = (rest // 3600, rest % 3600 // 60, rest % 60)
    parts = (Decimal(when.year), Decimal(when.month), Decimal(when.day), *map(Decimal, clock))
    return _made(moment, parts[:given])


def _made(moment: Moment, parts: tuple[Decimal, ...]) -> Moment:
    made = Moment(moment.kind, parts, moment.offset)
    return Moment(made.kind, made.parts, made.offset, spelled(made, moment.text))


def spelled(moment: Moment, like: str = "") -> str:
    """The text of a moment, with the fraction of a second as it comes."""
    clock = [f"{int(part):02d}" for part in moment.parts]
    if moment.kind != "Time" and clock:
        clock[0] = f"{int(moment.parts[0]):04d}"
    last = 3 if moment.kind == "Time" else 6
    exponent = moment.parts[-1].as_tuple().exponent if moment.parts else 0
    if len(clock) == last and isinstance(exponent, int) and exponent < 0:
        clock[-1] = f"{moment.parts[-1]:0{3 - exponent}.{-exponent}f}"
    if moment.kind == "Time":
        return ":".join(clock)
    text = "-".join(clock[:3])
    if len(clock) > 3:  # noqa: PLR2004 - an hour is given
        text += "T" + ":".join(clock[3:])
    if moment.offset is not None:
        text += _zone(moment.offset, like)
    return text


def _zone(offset: int, like: str) -> str:
    if offset == 0 and not like.endswith(("+00:00", "-00:00")):
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
