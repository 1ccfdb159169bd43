"""The laboratory's reference ranges, as far as they are for this patient.

A range of another age, sex or kind judges nobody else, in neither direction. Where it is not known
whether a range is for this patient, a value beyond it counts and one within it reassures nobody.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from cds.core.logic import Truth, all_of
from cds.record.rules import RecordRules
from cds.record.shapes import as_list, as_many, as_object, codings_of, number_of, text_at
from cds.record.units import counting_unit, is_spelled, without_remarks

# What a range is of; FHIR's code, and the words that laboratories write instead.
_NORMAL = frozenset({"normal", "normal range", "reference", "reference range", "ref range"})
# The words and codes of a sex (administrative gender; SNOMED CT as in FHIR's own examples).
_SEXES = {
    "male": frozenset({"male", "m", "men", "man", "males", "248153007"}),
    "female": frozenset({"female", "f", "women", "woman", "females", "248152002"}),
}
# Words that stand between and around the bounds of a range.
_PLAIN_WORDS = frozenset(
    {
        *("normal", "range", "reference", "ref", "interval", "to", "and", "between", "from"),
        *("low", "high", "lower", "upper", "limit", "limits", "less", "greater", "more", "than"),
        *("or", "equal", "below", "above", "up", "under", "over"),
    }
)
_BOUNDS = ("low", "high")
_BARE = frozenset(_BOUNDS)
_LETTERS = re.compile(r"[^\W\d_]")
_NUMBERS = re.compile(r"\d[\d.,]*")
_MONTHS = {"a": 12, "mo": 1}
_DAYS = {"wk": 7, "d": 1}
_UNITS = {
    **dict.fromkeys(("a", "year", "years", "yr", "yrs", "y"), "a"),
    **dict.fromkeys(("mo", "month", "months", "mos"), "mo"),
    **dict.fromkeys(("wk", "week", "weeks"), "wk"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
}


class Range(NamedTuple):
    """Two bounds, each of which may be missing."""

    low: Decimal | None
    high: Decimal | None


class Ranges(NamedTuple):
    """The ranges for this patient, and those of which that is not known."""

    own: tuple[Range, ...] = ()
    perhaps: tuple[Range, ...] = ()


class Whose(NamedTuple):
    """Of the patient: the first and last possible day of birth, and the sex; None if unknown.

    `disputed`: the record has several dates of birth.
    """

    born: tuple[date, date] | None
    sex: str | None
    disputed: bool = False


NO_RANGES = Ranges()
OF_NOBODY = Whose(None, None)


def ranges_of(
    ranges: object,
    quantity: Mapping[str, Any],
    spellings: frozenset[str] | None,
    rules: RecordRules,
    whose: tuple[Whose, date],
) -> Ranges:
    """The ranges in the unit of the value; a bound may leave the unit out.

    `whose`: the patient, and the day on which the value was measured.
    """
    counted = counting_unit(quantity, rules.ucum)
    same = spellings or frozenset({counted or ""})
    own: list[Range] = []
    perhaps: list[Range] = []
    for raw in as_list(ranges):
        one = as_object(raw)
        bounds = [as_object(one.get(key)) for key in _BOUNDS]
        units = {counting_unit(bound, rules.ucum) for bound in bounds} - {None}
        fits: Truth = True
        if not one.keys() <= _BARE:  # it may say for whom it is, or of what
            plain_words = _is_plain(one, {*same, *(unit for unit in units if unit)}, rules)
            fits = _fits(one, whose, rules, plain=plain_words) if is_normal(one) else False
        low, high = (number_of(bound.get("value")) for bound in bounds)
        inverted = low is not None and high is not None and low > high
        if fits is False or inverted or not all(is_spelled(unit, same) for unit in units):
            continue
        if low is not None or high is not None:
            (own if fits else perhaps).append(Range(low, high))
    return Ranges(tuple(own), tuple(perhaps))


def is_normal(one: Mapping[str, Any]) -> bool:
    """Whether it is the range of what is usual, and nothing modifies that."""
    if one.get("modifierExtension"):
        return False
    return all(_is_usual(kind) for key in ("type", "meaning") for kind in as_many(one.get(key)))


def _is_usual(kind: object) -> bool:
    """Whether the kind of a range is the usual one; `meaning` is what DSTU2 calls it."""
    codes = [code for _, code, _ in codings_of(kind)]
    if codes:
        return "normal" in codes
    text = kind if isinstance(kind, str) else text_at(as_object(kind), "text")
    return text is None or text.strip().casefold() in _NORMAL


def _is_plain(one: Mapping[str, Any], units: Iterable[str], rules: RecordRules) -> bool:
    """Whether the words of a range name no group, age or kind: bounds and units alone."""
    text = text_at(one, "text")
    if text is None:
        return "text" not in one
    folded = text.casefold()
    if " ".join(folded.split()).strip(" .:") in _NORMAL:
        return True
    spelled = {unit.casefold() for unit in units} | _PLAIN_WORDS
    parts = (part.strip("()[],;:.<>=≤≥-\u2013+") for part in folded.split())
    return all(
        part in spelled or part in rules.units or not _LETTERS.search(_NUMBERS.sub("", part))
        for part in parts
    )


def _fits(
    one: Mapping[str, Any], whose: tuple[Whose, date], rules: RecordRules, *, plain: bool
) -> Truth:
    """Whether a range is for this patient on that day; None if that cannot be told."""
    patient, day = whose
    truths: list[Truth] = [
        _for_sex(concept, patient.sex) for concept in as_many(one.get("appliesTo"))
    ]
    if "age" in one:
        truths.append(_for_age(as_object(one["age"]), patient, day, rules))
    if not plain:
        truths.append(None)
    return all_of(truths)


def _for_sex(concept: object, sex: str | None) -> Truth:
    found = as_object(concept)
    said = [word for _, code, display in codings_of(found) for word in (code, display) if word]
    said.append(text_at(found, "text") or "")
    words = {word.strip().casefold() for word in said}
    for named, spelled in _SEXES.items():
        if words & spelled:
            return named == sex if sex in _SEXES else None
    return None  # another group of people: whether the patient is of it is not known


def _for_age(age: Mapping[str, Any], patient: Whose, day: date, rules: RecordRules) -> Truth:
    if patient.born is None:
        return None
    bounds = [as_object(age.get(key)) for key in ("low", "high")]
    if not any(bounds):
        return None
    first, last = patient.born
    truths = {_is_between(born, day, bounds, rules) for born in (first, last)}
    return truths.pop() if len(truths) == 1 else None


def _is_between(
    born: date, day: date, bounds: Iterable[Mapping[str, Any]], rules: RecordRules
) -> Truth:
    """Whether the age on that day, in whole units, is between the bounds, both included."""
    truths: list[Truth] = []
    for bound, is_low in zip(bounds, (True, False), strict=True):
        if not bound:
            continue
        value = number_of(bound.get("value"))
        unit = _UNITS.get(
            (without_remarks(counting_unit(bound, rules.ucum)) or "").strip().casefold()
        )
        if value is None or unit is None:
            truths.append(None)
            continue
        age = _age(born, day, unit)
        truths.append(age >= value if is_low else age <= value)
    return all_of(truths)


def _age(born: date, day: date, unit: str) -> int:
    """The age in whole units; hours as of the end of the day of birth."""
    if unit in _MONTHS:
        months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
        return months // _MONTHS[unit]
    days = (day - born) // timedelta(days=1)
    return days * 24 if unit == "h" else days // _DAYS[unit]
