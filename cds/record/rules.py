"""What the record room needs to know, as frozen values: kinds of facts, never names of diseases."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from cds.core.model import Fact, Presence
from cds.core.remember import remember
from cds.record.interest import Interest
from cds.record.patient import TooYoung
from cds.record.shapes import Codings
from cds.record.systems import MOST_SYSTEMS, Addresses, may_be_kept


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one analyte in one unit; `spellings` are ways to write that very unit."""

    unit: str
    spellings: frozenset[str]
    reference_low: Decimal | None
    reference_high: Decimal | None
    critical_low: Decimal | None
    critical_high: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class Analyte:
    """One thing that laboratories measure, and the facts (`signs`) that it may support.

    `critical_flags` are the laboratory's flags that make it critical here. `listed` is false for a
    test that record.toml does not name: then only the laboratory's critical flags are heard.
    """

    id: str
    display: str
    signs: tuple[str, ...]
    critical_flags: frozenset[str]
    limits: tuple[Limits, ...]
    listed: bool = True

    def fact(self, sign: str) -> str:
        """The id of the fact for one of its signs."""
        return f"{self.id}.{sign}"

    @property
    def facts(self) -> tuple[str, ...]:
        """The ids of all its facts."""
        return tuple(self.fact(sign) for sign in self.signs)


@dataclass(frozen=True, slots=True)
class LabPolicy:
    """Which results count, for how long, and what an unreadable one forces."""

    final: frozenset[str]
    never: frozenset[str]
    settled: frozenset[str]  # final, and none that never counts
    critical_flags: frozenset[str]
    low_flags: frozenset[str]
    high_flags: frozenset[str]
    abnormal_flags: frozenset[str]
    normal_flags: frozenset[str]
    alarms: frozenset[str]  # every flag that says that something is off
    flags: frozenset[str]  # every flag that means something here
    recent: timedelta
    standing: timedelta
    adult_years: int
    categories: frozenset[str]  # words, in any code system
    category_codes: tuple[tuple[Addresses, frozenset[str]], ...]
    flagged_categories: frozenset[str]  # that count where the laboratory calls a result critical
    other_tests: frozenset[str]  # words that make a test another one than its name begins with
    other_critical: str
    other_repeat: str
    unusable: str
    unusable_floor: str
    minor_floor: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """One class of medicines: whole ingredient codes, ATC prefixes, ingredient names.

    `codes` are RxNorm's, `substances` SNOMED CT's.
    `words` are the names in lower case, without signs that mean something in a pattern; `names`
    finds one of them as a whole word.
    """

    fact: str
    display: str
    codes: frozenset[str]
    substances: frozenset[str]
    prefixes: tuple[str, ...]
    words: tuple[str, ...]
    names: re.Pattern[str]


DOTTED = 3  # characters of a code before its dot, where its code system has categories


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """The facts behind the codes of one code system: exact ones, and whole categories."""

    systems: Addresses
    exact: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, tuple[str, ...]]
    lengths: tuple[int, ...]

    def facts(self, code: str) -> tuple[str, ...]:
        """The facts that this code supports; billing data leave out the dot of N18.5."""
        if not self.lengths:
            return self.exact.get(code, ())
        if len(code) > DOTTED and "." not in code:
            code = f"{code[:DOTTED]}.{code[DOTTED:]}"
        found = self.exact.get(code, ())
        for length in self.lengths:
            found += self.categories.get(code[:length], ())
        return found


class CodesOfSystems:
    """The known codes of conditions, or of procedures, each system's by any spelling of it."""

    def __init__(self, every: Iterable[KnownCodes] = ()) -> None:
        """`every` may hold several of one code system."""
        self.every = tuple(every)
        self._found: dict[str | None, tuple[KnownCodes, ...]] = {}  # a record has a dozen of them

    def of(self, system: str | None) -> tuple[KnownCodes, ...]:
        """Those of a code system; none if it is not listed."""
        found = self._found.get(system)
        if found is None:
            found = tuple(one for one in self.every if system in one.systems)
            if may_be_kept(system):
                remember(self._found, system, found, MOST_SYSTEMS)
        return found


@dataclass(frozen=True, slots=True)
class Disorders:
    """Diagnoses of a value that only a result can show, such as a low potassium."""

    names: Interest
    codes: tuple[KnownCodes, ...]

    def named_by(self, texts: Iterable[str], codings: Codings) -> dict[str, tuple[str, ...]]:
        """The disorders that texts or codes name, each with the facts of its test."""
        found = self.names.names_in(texts)
        for system, code, display in codings:
            for kind in self.codes:
                facts = kind.facts(code) if system in kind.systems else ()
                if facts and facts not in found.values():
                    found[display.casefold() if display else code] = facts
        return found


@dataclass(frozen=True, slots=True)
class Status:
    """An observation whose value is a state: the newest one counts, for `window`."""

    fact: str
    display: str
    codes: frozenset[str]
    present: frozenset[str]
    absent: frozenset[str]
    window: timedelta


@dataclass(frozen=True, slots=True)
class Nothing:
    """How an entry says that there is none of its kind, or that nothing is known of them."""

    none: frozenset[str]  # codes, of any code system
    no_information: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Prefill:
    """A present fact that fills in one option of a question, to be confirmed by a person."""

    fact: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Facts that are shown beside a question and never fill it in."""

    question: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that contradict facts in this state, present or absent."""

    question: str
    answers: frozenset[str]
    facts: tuple[str, ...]
    state: Presence


class OwnLimit(NamedTuple):
    """One limit of the site, with the pack's in whose place it stands; None: there is none."""

    option: str
    analyte: str
    own: Decimal
    packs: Decimal | None
    unit: str
    display: str
    source: str

    @property
    def text(self) -> str:
        """What it changes, in words."""
        packs = "none" if self.packs is None else f"{self.packs} {self.unit}"
        off = "; 0 means that no value is critical on that side" if self.own == 0 else ""
        return (
            f"The critical limit of {self.display} is the site's own, in {self.unit}; the pack has "
            f"{packs}{off}. Source: {self.source}."
        )


@dataclass(frozen=True, slots=True)
class RecordRules:
    """record.toml, compiled: every code is one look-up away."""

    words: Mapping[str, str]  # every fact, in words
    unknown: Mapping[str, Fact]  # every fact, as an empty record has it
    kinds: Mapping[str, tuple[str, ...]]  # the facts that results, medicines and so on may support
    labs: LabPolicy
    too_young: TooYoung | None
    analytes: Mapping[str, Analyte]  # by code
    analyte_systems: Mapping[str, Addresses]  # the code system of each of those codes
    tests: Interest  # what tests are called, for those under an unknown code
    disorders: Disorders
    site_limits: tuple[OwnLimit, ...]
    loinc: Addresses
    ucum: Addresses
    flag_systems: Addresses
    units: Mapping[str, tuple[str, ...]]  # spelling, in lower case → the facts measured in it
    medicines: tuple[Medicine, ...]
    rxnorm: Addresses
    atc: Addresses
    medicine_active: frozenset[str]
    medicine_not_intents: frozenset[str]
    no_medicines: Nothing
    conditions: CodesOfSystems
    condition_names: Interest
    condition_active: frozenset[str]
    condition_not_verification: frozenset[str]
    no_conditions: Nothing
    procedures: CodesOfSystems
    procedure_names: Interest
    procedure_done: frozenset[str]
    not_elsewhere: frozenset[str]  # facts that nothing but an entry of their own kind may name
    displays: Mapping[str, str]  # the words for one condition or procedure fact
    snomed: Addresses
    statuses: Mapping[str, Status]  # by code
    prefill: tuple[Prefill, ...]
    hints: tuple[Hint, ...]
    conflicts: tuple[Contradiction, ...]
    contradicting: frozenset[str]  # the facts of prefill and conflicts: no others contradict
    forms: frozenset[str] = frozenset()  # the last part of each address of the forms judged here
