"""What one reading says: critical, low, high, normal, or nothing that can be relied on."""

from typing import NamedTuple

from cds.core.logic import Truth, any_of
from cds.record.ranges import Range
from cds.record.reading import MeasuredValue
from cds.record.rules import LabPolicy
from cds.record.span import Span, span_of


class Grade(NamedTuple):
    """The verdict on one reading; None is "cannot be told".

    `off`: outside the reference, critical or not. `other`: a critical flag that is not this
    analyte's own. `minor`: only the adult limits, which do not apply to this age, call it critical.
    `fault`: why it cannot be used. `straddles`: a comparator leaves both sides of a limit possible.
    `settles`: it may take the place of an older value, and reassure. `below`, `above`: critical,
    and it is known on which side. `one_sided`: only the one side could be compared. `adult`: the
    limits for adults apply.
    """

    critical: Truth
    off: Truth
    low: Truth
    high: Truth
    other: bool = False
    minor: bool = False
    fault: str | None = None
    assessed: bool = True
    straddles: bool = False
    settles: bool = False
    below: bool = False
    above: bool = False
    one_sided: bool = False
    adult: bool = False

    @property
    def abnormal(self) -> Truth:
        """Outside the reference and not critical."""
        return False if self.critical else self.off

    @property
    def alarms(self) -> bool:
        """Critical, by this analyte's own measure or by the laboratory's flag for any test."""
        return self.critical is True or self.other


class Outside(NamedTuple):
    """Outside a reference or not, and on which side."""

    off: Truth
    low: Truth
    high: Truth


UNTOLD = Outside(None, None, None)


def grade(reading: MeasuredValue, policy: LabPolicy, *, adult: bool) -> Grade:
    """The laboratory's flag first, its range (never critical), then the table (adults only)."""
    flags = reading.flags
    alarm = bool(flags and flags & policy.alarms)
    other = bool(flags and (flags & policy.critical_flags) - reading.analyte.critical_flags)
    usable = reading.fault is None
    sure = reading.final and reading.when.exact and usable
    if not reading.analyte.listed:
        return Grade(None, None, None, None, other=other, settles=sure and not other, adult=adult)
    if not (reading.flags or any(reading.ranges) or reading.limits):  # nothing to compare it with
        return Grade(None, None, None, None, fault=reading.fault, assessed=False, adult=adult)
    span = None if reading.value is None else span_of(reading.value, reading.comparator)
    down, up = _beyond(reading, span)
    minor = (down or up) and not adult and not alarm
    said = _verdict(reading, policy, span, adult=adult)
    critical = _critical(reading, said, policy, beyond=down or up, adult=adult)
    if critical:
        said = Outside(off=True, low=said.low or (down and adult), high=said.high or (up and adult))
    own = reading.flags & reading.analyte.critical_flags
    straddles = span is not None and reading.comparator is not None and _straddles(reading, span)
    assessed = said != UNTOLD
    return Grade(
        critical,
        *said,
        other=other,
        minor=minor,
        fault=None if alarm else reading.fault,
        assessed=assessed,
        straddles=straddles,
        settles=sure and assessed and not minor and not straddles,
        below=bool(critical and ((down and adult) or own & policy.low_flags)),
        above=bool(critical and ((up and adult) or own & policy.high_flags)),
        one_sided=usable and not said.off and (said.low is None) is not (said.high is None),
        adult=adult,
    )


def _beyond(reading: MeasuredValue, span: Span | None) -> tuple[bool, bool]:
    """Whether the adult table calls it critically low, or critically high."""
    table = reading.limits
    if table is None or span is None or reading.fault is not None:
        return False, False
    low, high = table.critical_low, table.critical_high
    down = low is not None and span.reaches_down(low, at=True)
    return down, high is not None and span.reaches_up(high, at=True)


def _critical(
    reading: MeasuredValue, said: Outside, policy: LabPolicy, *, beyond: bool, adult: bool
) -> Truth:
    """Critical by its own flag or the adult table; not critical only where one says so."""
    if reading.flags & reading.analyte.critical_flags or (beyond and adult):
        return True
    if beyond or reading.fault is not None:
        return None
    by_table = adult and reading.limits is not None
    by_laboratory = bool(reading.flags & policy.flags) or said.off is False
    return False if by_table or by_laboratory else None


def _verdict(
    reading: MeasuredValue, policy: LabPolicy, span: Span | None, *, adult: bool
) -> Outside:
    flags = reading.flags
    measured = _measured(reading, span, adult=adult)
    if not flags:
        return measured
    low, high = bool(flags & policy.low_flags), bool(flags & policy.high_flags)
    if low != high:
        return Outside(off=True, low=low, high=high)
    if flags & policy.alarms:
        return Outside(off=True, low=measured.low, high=measured.high)
    if flags & policy.normal_flags and reading.fault is None:
        return Outside(off=False, low=False, high=False)
    return measured


def _measured(reading: MeasuredValue, span: Span | None, *, adult: bool) -> Outside:
    """By the laboratory's own range, else by the table; a value with neither tells nothing.

    A range of which it is not known whether it is for this patient may only raise.
    """
    if span is None:
        return UNTOLD
    ranges = reading.ranges
    if ranges.own:
        low, high = _compare(span, ranges.own)
        said = Outside(bool(low or high), low, high)
    elif reading.limits is None or reading.fault is not None or not adult:
        said = UNTOLD
    else:
        table = Range(reading.limits.reference_low, reading.limits.reference_high)
        low, high = _compare(span, (table,))
        said = Outside(any_of((low, high)), low, high)
    low, high = _compare(span, ranges.perhaps)
    if low or high:  # beyond a range that may be for this patient: it counts, and never reassures
        return Outside(off=True, low=low or said.low, high=high or said.high)
    return said


def _compare(span: Span, ranges: tuple[Range, ...]) -> tuple[Truth, Truth]:
    if not ranges:
        return None, None
    lows = [low for low, _ in ranges if low is not None]
    highs = [high for _, high in ranges if high is not None]
    low = any(span.reaches_down(one, at=False) for one in lows) if lows else None
    high = any(span.reaches_up(one, at=False) for one in highs) if highs else None
    return low, high


def _straddles(reading: MeasuredValue, span: Span) -> bool:
    table = reading.limits
    critical = table is not None and span.crosses(table.critical_low, table.critical_high, at=True)
    ranges = reading.ranges.own
    if not ranges and table is not None:
        ranges = (Range(table.reference_low, table.reference_high),)
    return critical or any(span.crosses(low, high, at=False) for low, high in ranges)
