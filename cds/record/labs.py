"""The readings of one analyte, newest first → facts, notes, open entries and floors.

What is certain and new replaces what is old; what alarms is kept when in doubt; only a final value
with an exact time, a readable unit and something to compare it with reassures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from cds.core.account import RESULT, Unheard
from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.grade import Grade, grade
from cds.record.marks import FAULT_WORDS, evidence_of, named
from cds.record.ranges import Whose
from cds.record.reading import Bare, MeasuredValue, Result, result_reading
from cds.record.rules import Analyte, LabPolicy, RecordRules
from cds.record.times import Bounds, bounds_of, is_adult
from cds.record.words import clean, on_date, quantity


@dataclass(frozen=True, slots=True)
class Setting:
    """The policy, the moment of the assessment, and whose values they are."""

    policy: LabPolicy
    now: datetime
    whose: Whose

    def age_of(self, bounds: Bounds | None) -> timedelta | None:
        """How old a value is; None if that is not certain. A partial date may be surely old."""
        if bounds is None or bounds[1] > self.now:
            return None
        age = self.now - bounds[1]
        return age if bounds[0] == bounds[1] or age > self.policy.recent else None

    def adult(self, reading: MeasuredValue) -> bool:
        """Whether limits for adults apply: there are some, and the patient was one at that time.

        If it is unknown when that was, the age of now counts. A partial date is read as the younger
        age; of two dates that contradict each other the older age counts, since one more entry must
        not silence an alarm.
        """
        when = reading.when
        if reading.limits is None or self.whose.born is None:
            return False
        future = when.latest is None or when.latest > self.now
        day = self.now.date() if future or when.day is None else when.day
        return is_adult(self.whose.born[not self.whose.disputed], day, self.policy.adult_years)


_Aged = tuple[timedelta | None, Bounds | None, Bare]


@dataclass(slots=True)
class _Story:
    """What has been heard of one analyte so far, from the newest value to the oldest."""

    settled: MeasuredValue | None = None
    settled_age: timedelta | None = None
    settled_grade: Grade | None = None
    doubtful: bool = False  # something stands beside the settled value that is not normal
    told: set[str] | None = None  # which kinds of an endless story were told once
    newest: timedelta | None = None  # the age of the newest value that takes the place of others

    def first(self, kind: str) -> bool:
        """Whether this kind of thing is told for the first time."""
        self.told = self.told if self.told is not None else set()
        new = kind not in self.told
        self.told.add(kind)
        return new


def hear(results: list[Bare], rules: RecordRules, setting: Setting, out: Findings) -> None:
    """Tell `out` what these results of one analyte say together."""
    story, teller = _Story(), _Teller(setting, out)
    aged = _aged(results, setting)
    for age, readings in _newest_first(aged, rules, setting):
        replaced = age is not None and story.settled_age is not None and age > story.settled_age
        if replaced and age is not None and age > setting.policy.standing:
            break
        recent = age is None or age <= setting.policy.recent
        for reading in readings:
            graded = grade(reading, setting.policy, adult=setting.adult(reading))
            teller.tell(reading, graded, story, recent=recent, replaced=replaced)
            if story.newest is None and reading.final and graded.fault is None:
                story.newest = age
            if not replaced and graded.settles and age is not None and story.settled is None:
                story.settled, story.settled_age, story.settled_grade = reading, age, graded
            elif not replaced and not _normal(graded) and reading.analyte.listed:
                story.doubtful = True
    teller.reassure(story)
    if story.newest is not None:
        out.replace(one[2] for age, _, one in aged if age is not None and age > story.newest)


def _aged(results: list[Bare], setting: Setting) -> list[_Aged]:
    """Results, newest first; before all others those that have no certain age."""
    bound = [(bounds_of(one[0]), one) for one in results]
    aged = [(setting.age_of(bounds), bounds, one) for bounds, one in bound]
    if len(aged) > 1:
        aged.sort(key=lambda one: (one[0] is not None, one[0] or timedelta()))
    return aged


def _newest_first(
    aged: list[_Aged], rules: RecordRules, setting: Setting
) -> Iterator[tuple[timedelta | None, Iterable[MeasuredValue]]]:
    """The readings of each time."""
    whose = (setting.whose, setting.now.date())
    for age, same in groupby(aged, key=itemgetter(0)):
        readings = [result_reading(Result(*one), bounds, rules, whose) for _, bounds, one in same]
        # Equal readings are told once; of two that write one number differently, always the same.
        yield age, dict.fromkeys(sorted(readings, key=_order)) if len(readings) > 1 else readings


def _order(reading: MeasuredValue) -> tuple[str, ...]:
    """An order of readings of one time, whatever order the record has them in."""
    value = (str(reading.value), reading.comparator or "", reading.unit or "", reading.fault or "")
    around = (reading.analyte.display, reading.status, str(reading.ranges), *sorted(reading.flags))
    return (reading.record, reading.when.text or "", *value, *around)


def _normal(graded: Grade) -> bool:
    plain = graded.assessed and not graded.fault and not graded.minor and not graded.straddles
    return plain and not graded.alarms and graded.off is False


class _Teller:
    def __init__(self, setting: Setting, out: Findings) -> None:
        self.setting = setting
        self.out = out

    def tell(
        self, reading: MeasuredValue, graded: Grade, story: _Story, *, recent: bool, replaced: bool
    ) -> None:
        if recent:
            self._alarm(reading, graded, story, replaced=replaced)
        if replaced:
            return
        if reading.final:
            self._final(reading, graded, story, recent=recent)
        elif (
            (graded.off or graded.alarms)
            and not (recent and graded.alarms)
            and story.first("unsettled")
        ):
            text = f"{named(reading)} is not final ({reading.status}): shown only."
            self.out.note("preliminary", reading.record, text)
        if graded.fault:
            self._unusable(reading, graded, told=recent or (reading.final and story.first("fault")))
        else:
            self._not_assessed(reading, graded, story)
        if reading.comparator and (graded.off or graded.straddles):
            text = f"{named(reading)} is a bound, counted at the worst value that it allows."
            self.out.note("comparator", reading.record, text)
        self._minor(reading, graded, story)

    def _not_assessed(self, reading: MeasuredValue, graded: Grade, story: _Story) -> None:
        """Say what nothing was compared with, on both sides or on one."""
        text = ""
        if not graded.assessed and not graded.minor and story.first("silent"):
            text = f"{named(reading)} was not assessed: there is nothing to compare it with."
        elif graded.one_sided and not graded.alarms and story.first("one-sided"):
            text = f"{named(reading)} was compared on one side only: the other has no limit."
        if text:
            self.out.note("not-assessed", reading.record, text)

    def _alarm(
        self, reading: MeasuredValue, graded: Grade, story: _Story, *, replaced: bool
    ) -> None:
        """A critical value that still counts; also what only the adult limits call critical."""
        out, policy = self.out, self.setting.policy
        if graded.minor:
            text = (
                f"{named(reading)} is critical by the limits for adults, which do not apply: the "
                f"age is below {policy.adult_years} years or unknown, and there is no flag."
            )
            out.floor(policy.minor_floor, out.note("minor-lab", reading.record, text))
        if not graded.alarms:
            return
        evidence = self._evidence(reading, graded)
        if graded.critical and "critical" in reading.analyte.signs:
            out.present(reading.analyte.fact("critical"), evidence)
        if graded.other:
            out.present(policy.other_critical, evidence)
        self._sides(reading, graded)
        if not reading.final:
            text = f"{named(reading)} is critical and not final ({reading.status}): it counts."
            out.note("preliminary", reading.record, text)
        if replaced and story.settled is not None:
            hours = policy.standing // timedelta(hours=1)
            text = (
                f"{named(reading)} was critical; the newer {named(story.settled)} is not. "
                f"Both are shown; a critical value counts for {hours} hours."
            )
            out.note("record-conflict", reading.record, text)
            out.use(story.settled.record)

    def _sides(self, reading: MeasuredValue, graded: Grade) -> None:
        sides = (("low", graded.low), ("high", graded.high))
        critical = (("critical-low", graded.below), ("critical-high", graded.above))
        for sign, true in (*sides, *critical):
            if true and sign in reading.analyte.signs:
                self.out.present(reading.analyte.fact(sign), self._evidence(reading, graded))

    def _final(self, reading: MeasuredValue, graded: Grade, story: _Story, *, recent: bool) -> None:
        analyte, out, policy = reading.analyte, self.out, self.setting.policy
        if recent:
            if graded.abnormal and "abnormal" in analyte.signs:
                out.present(analyte.fact("abnormal"), self._evidence(reading, graded))
                self._sides(reading, graded)
            return
        if not (graded.off or graded.alarms) or not story.first("old"):
            return
        if graded.off and "repeat" in analyte.signs:
            out.present(analyte.fact("repeat"), self._evidence(reading, graded))
        if graded.other:
            out.present(policy.other_repeat, self._evidence(reading, graded))
        kind = "critical" if graded.alarms else "outside the reference"
        text = (
            f"{named(reading)} was {kind} and is older than {policy.recent.days} days; the record "
            "has nothing newer that can replace it: repeat."
        )
        out.note("old-lab", reading.record, text)

    def _unusable(self, reading: MeasuredValue, graded: Grade, *, told: bool) -> None:
        """A value that could matter and cannot be read; of an endless story it is told once."""
        out, policy, fault = self.out, self.setting.policy, graded.fault or ""
        unheard = Unheard(
            record=reading.record,
            kind=RESULT,
            what=clean(reading.analyte.display),
            why=fault,
            value=reading.written or quantity(reading.value, reading.unit, reading.comparator),
            date=on_date(reading.when.text),
            critical=bool(reading.flags & policy.critical_flags),
            facts=reading.analyte.facts,
        )
        out.not_heard(unheard, policy.unusable_floor if told else None)
        if told:
            text = f"{named(reading)} {FAULT_WORDS[fault]}"
            evidence = self._evidence(reading, graded)
            out.unusable(reading.analyte.facts, evidence, text)
            out.present(policy.unusable, evidence)

    def _minor(self, reading: MeasuredValue, graded: Grade, story: _Story) -> None:
        """Say once per analyte that the limits for adults were not used."""
        if reading.limits is None or graded.adult or not story.first("minor"):
            return
        years = self.setting.policy.adult_years
        text = (
            f"{named(reading)}: the age is below {years} years or unknown, so only the flags and "
            "range of the laboratory were used."
        )
        self.out.note("minor-lab", reading.record, text)

    def reassure(self, story: _Story) -> None:
        """Say what the newest value rules out, if nothing beside it is in doubt."""
        reading, age, graded = story.settled, story.settled_age, story.settled_grade
        if reading is None or age is None or graded is None or story.doubtful:
            return
        if age > self.setting.policy.recent:
            return
        analyte: Analyte = reading.analyte
        says_no = {
            "critical": graded.critical is False,
            "critical-low": graded.critical is False,
            "critical-high": graded.critical is False,
            "abnormal": graded.critical is not True and graded.off is False,
            "low": graded.low is False,
            "high": graded.high is False,
            "repeat": True,
        }
        evidence, reason = self._evidence(reading, graded), f"{named(reading)} says otherwise"
        for sign, fact in zip(analyte.signs, analyte.facts, strict=True):
            if says_no[sign] and not self.out.is_present(fact):
                self.out.absent(fact, evidence, reason)

    def _evidence(self, reading: MeasuredValue, graded: Grade) -> Evidence:
        return evidence_of(reading, self.setting.policy, adult=graded.adult)
