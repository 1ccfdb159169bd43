"""The short words of cards: titles of rules, signs instead of questions, values with their day."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from cds.core.model import Because, Finding, Rule
from cds.core.pack import Pack
from cds.fhir.labels import Labels
from cds.forms.form.every_item import every_item
from cds.phrases.say import ENGLISH, Say

# What the last part of a fact about a measured value says of it (record.toml: `signs`).
_SIGNS: Mapping[str, str] = {
    "critical": "critical",
    "abnormal": "abnormal",
    "low": "low",
    "high": "high",
    "repeat": "to be repeated:",
}
_SOURCE = re.compile(r" \([^()]*\)$")  # of a limit: it stands on the page behind the link
_DAY, _MONTH = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HALF_A_YEAR = timedelta(days=183)


class Measured(NamedTuple):
    """A value of the record in words; `sign` is what is wrong with it, `day` when it was."""

    sign: str
    name: str
    value: str
    day: str
    marks: tuple[str, ...]
    say: Say = ENGLISH

    @property
    def headline(self) -> str:
        """`Critical potassium 6.6 mmol/L (30 Nov, 00:38)`."""
        said = f"{self.say.lower(self.name)} {self.value}"
        if self.sign:
            said = self.say("{sign} {value}", sign=self.sign, value=said)
        return f"{raised(said)} ({self.day})" if self.day else raised(said)


class CardWords:
    """The short words of one pack."""

    def __init__(self, pack: Pack, labels: Labels) -> None:
        """Read what a question with several answers says by its answers alone."""
        self._pack = pack
        self.say = pack.say
        self._labels = labels
        self._alone = {
            (item.get("linkId"), coding["code"]): coding.get("display") or coding["code"]
            for item in every_item(pack.full.raw)
            if item.get("repeats")
            for option in item.get("answerOption", ())
            if "code" in (coding := option.get("valueCoding", {}))
        }
        facts = pack.record.get("facts", {})
        self._facts: Mapping[str, str] = facts if isinstance(facts, dict) else {}
        self._analytes = {
            one["id"]: one.get("display", one["id"]) for one in pack.record.get("analyte", ())
        }

    def title(self, rule: Rule) -> str:
        """The title of a rule as far as it names the finding."""
        return self._pack.cards.titles.get(rule.id) or rule.title.partition(":")[0]

    def question(self, link_id: str | None) -> str:
        """The short name of a question."""
        return self._labels.short(link_id or "")

    def sign(self, because: Because) -> str:
        """One reason in a few words: the answer if it says enough, else with its question."""
        if because.link_id is None:
            return self._of_record(because)
        if because.answer is None:
            question = self.say.lower(self.question(because.link_id))
            return self.say("{question}: not settled", question=question)
        key = (because.link_id, because.answer)
        given = self._pack.cards.signs.get(key)
        if given is not None:
            return given
        if key in self._alone:
            return self.say.lower(self._alone[key])
        phrase = self._labels.phrases.get(key)
        return self.say.lower(phrase.short if phrase else f"{self.question(key[0])}: {key[1]}")

    def _of_record(self, because: Because) -> str:
        fact = because.fact or self.say("the record")
        said = self.say.lower(self._facts.get(fact, fact))
        value = because.evidence.value if because.evidence else None
        return f"{said} ({value})" if isinstance(value, str) and value else said

    def measured(
        self, finding: Finding, named: Mapping[str, str], now: datetime
    ) -> tuple[Measured, ...]:
        """The measured values that a finding rests on; `named`: tests of the record, by entry."""
        return tuple(
            found
            for because in finding.because
            if (found := self._measured(because, named, now)) is not None
        )

    def _measured(
        self, because: Because, named: Mapping[str, str], now: datetime
    ) -> Measured | None:
        evidence = because.evidence
        if evidence is None or not isinstance(evidence.value, Decimal):
            return None
        analyte, _, sign = (because.fact or "").rpartition(".")
        name = self._analytes.get(analyte) or named.get(evidence.record)
        unit = f" {evidence.unit}" if evidence.unit else ""
        marks = [
            self.say.again(_SOURCE.sub("", one)) for one in (evidence.mark or "").split("; ") if one
        ]
        return Measured(
            sign=self.say(_SIGNS.get(sign, "")),
            name=name or self.say("laboratory value"),
            value=f"{evidence.value}{unit}",
            day=day_of(evidence.date, now, say=self.say),
            marks=tuple(marks),
            say=self.say,
        )


def raised(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def day_of(text: str | None, now: datetime, *, whole: bool = False, say: Say = ENGLISH) -> str:
    """`30 Nov, 00:38` as the clock there showed it; the year where it is not plain.

    `whole`: with the year in any case, and UTC named where it is the clock's. Empty if there is
    no date in the text.

    >>> from datetime import UTC
    >>> day_of("2026-11-30T00:38:00Z", datetime(2026, 12, 2, tzinfo=UTC))
    '30 Nov, 00:38'
    """
    if text is None:
        return ""
    found = _DAY.match(text)
    if found is None:
        return _month(text, say) if _MONTH.fullmatch(text) else text if text.isdigit() else ""
    known = _calendar_day(found[0], say)
    if known is None:
        return ""
    begin, said, with_year = known
    if whole or abs(begin.replace(tzinfo=now.tzinfo) - now) > _HALF_A_YEAR:
        said = with_year
    clock = text[11:16]
    if not clock:
        return said
    utc = " UTC" if whole and text.endswith(("Z", "+00:00")) else ""
    return f"{said}, {clock}{utc}"


@lru_cache(maxsize=1024)  # a day is said for many patients, and tells of none
def _calendar_day(written: str, say: Say) -> tuple[datetime, str, str] | None:
    """When it begins, and how it is said without and with its year; None if there is none such."""
    try:
        year, month, day = map(int, written.split("-"))
        begin = datetime(year, month, day)  # noqa: DTZ001 - whoever reads it gives the zone
    except ValueError:
        return None
    said = say("{day} {month}", day=begin.day, month=say(_MONTHS[begin.month - 1]))
    return begin, said, f"{said} {begin.year}"


def _month(text: str, say: Say) -> str:
    year, _, month = text.partition("-")
    return f"{say(_MONTHS[int(month) - 1])} {year}" if 1 <= int(month) <= len(_MONTHS) else ""
