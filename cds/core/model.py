"""The values that the engine takes and gives. All are frozen; none knows a file, a clock or FHIR.

They are named tuples: a data class costs four times as much when it is imported, and a cold
`assess` is mostly imports.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from cds.core.account import Account
from cds.core.conditions import Condition

if TYPE_CHECKING:
    from decimal import Decimal

NOTHING: Mapping[str, Any] = MappingProxyType({})


class State(Enum):
    """What is known of a rule."""

    FLAGGED = "flagged"  # what was answered is enough
    OPEN = "open"  # not settled: something that it needs is not known
    RULED_OUT = "ruled-out"  # settled: nothing still open could flag it


class Presence(Enum):
    """What the record says of one fact."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # the record does not say
    UNUSABLE = "unusable"  # the record says something that cannot be read safely


class VerifiedCode(NamedTuple):
    """A code of a terminology, verified where it was taken from."""

    system: str
    code: str
    display: str


class Level(NamedTuple):
    """One triage level; `rank` grows with urgency.

    `indicator` is the card's (critical, warning, info); `priority` the message's FHIR priority, or
    None when no message is ever sent; `alert` says that a message is owed; `reassures` that the
    level needs a complete safety check.
    """

    code: str
    display: str
    rank: int
    word: str
    symbol: str
    colour: str
    indicator: str
    priority: str | None
    category: str | None
    alert: bool
    reassures: bool
    action: str


class Remark(NamedTuple):
    """A note that a rule adds to the decision when it fires."""

    code: str
    text: str


class Switch(NamedTuple):
    """How a site option changes a rule: at `value`, another level, or off with a floor instead."""

    name: str
    value: bool
    level: str | None = None
    off: bool = False
    floor: str | None = None


class Option(NamedTuple):
    """A choice that a site may make; any other value than `default` is printed as a deviation."""

    name: str
    default: bool
    text: str


class Rule(NamedTuple):
    """What it concludes, when, and on whose word: `basis` is seed, external or engineering."""

    id: str
    finding: str
    title: str
    level: str
    basis: str
    sources: tuple[str, ...]
    when: Condition
    reading: str = ""
    action: str = ""
    derived: bool = False
    group: str | None = None
    advice: tuple[str, ...] = ()
    outcome: tuple[VerifiedCode, ...] = ()
    remark: Remark | None = None
    switch: Switch | None = None


class Cause(NamedTuple):
    """A cause that findings may support; never a diagnosis."""

    id: str
    display: str
    basis: str
    sources: tuple[str, ...]
    supported_by: tuple[Condition, ...]
    reading: str = ""
    codings: tuple[VerifiedCode, ...] = ()


class Reassurance(NamedTuple):
    """What must be known before a level that reassures may be given.

    `safety` are the linkIds always asked; `history` those besides that the lowest level needs.
    """

    safety: tuple[str, ...]
    history: tuple[str, ...]
    floor: str  # when a safety item is open, or the response is not to be relied on
    lowest: str  # when everything is known and no rule fired
    otherwise: str  # when safety is settled but a history item is not


class Rules(NamedTuple):
    """What the scoring of one pack needs, for one setting of the site options."""

    levels: tuple[Level, ...]  # most urgent first
    rules: tuple[Rule, ...]  # natural order of the ids
    causes: tuple[Cause, ...]
    options: tuple[Option, ...]
    reassurance: Reassurance

    def level(self, code: str) -> Level:
        """The level with this code; KeyError if the pack has none."""
        for level in self.levels:
            if level.code == code:
                return level
        raise KeyError(code)


class Evidence(NamedTuple):
    """One value of the record that a fact rests on; `value` as the resource prints it."""

    record: str  # reference, such as Observation/na-1
    value: "Decimal | str | None" = None
    unit: str | None = None
    date: str | None = None
    matched_by: str | None = None
    mark: str | None = None


class Fact(NamedTuple):
    """What the record says of one fact, with the evidence, or the reason why it cannot be used."""

    id: str
    presence: Presence
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None


class Note(NamedTuple):
    """Something that the reader must be told; `about` is a linkId or a reference."""

    code: str
    about: str
    text: str


class RecordOpen(NamedTuple):
    """Something of the record that could not be used; `facts` are the facts that it leaves open."""

    record: str
    why: str  # unit-unusable | no-value | ...
    facts: tuple[str, ...]


class Floor(NamedTuple):
    """A level that a part of the record or of the form forces, with the reason in words."""

    level: str
    note: Note | None = None


class Facts(NamedTuple):
    """All that was found in the record; empty where none was given. `used`: what it rests on.

    `account`: what became of everything that was handed in; None where nothing was. `found`: those
    of `facts` of which the record says anything, mostly few; None where they were not told apart.
    """

    facts: Mapping[str, Fact] = NOTHING
    notes: tuple[Note, ...] = ()
    open: tuple[RecordOpen, ...] = ()
    floors: tuple[Floor, ...] = ()
    used: tuple[str, ...] = ()
    account: Account | None = None
    found: Mapping[str, Fact] | None = None


class Answers(NamedTuple):
    """The answers that count, and why the others do not.

    `asked`: the linkIds of the form's questions, in its order. `codes`: linkId → codes, without
    those that mean "unknown" and without an exclusive "none" beside a positive one. `open`:
    linkId → unknown, unreadable, duplicate or free-text, also where codes count beside it; a
    linkId of `asked` in neither map is unanswered. `excused`: not asked, because a known answer
    made it needless. `hidden`: not asked, because the question that leads to it is itself open.
    `blocked`: a fault could hide an alarm, or the response is not finished, so nothing here may
    reassure. `short`: the form asks too little to reassure.
    """

    asked: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    open: Mapping[str, str] = NOTHING
    excused: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    blocked: bool = False
    short: bool = False
    notes: tuple[Note, ...] = ()


class Because(NamedTuple):
    """One reason: an answer (None: the question is open) or a value of the record."""

    link_id: str | None = None
    answer: str | None = None
    fact: str | None = None
    evidence: Evidence | None = None


class Finding(NamedTuple):
    """A rule that fired, at the level that the site options give it, with its reasons."""

    rule: Rule
    level: Level
    because: tuple[Because, ...]


class OpenQuestion(NamedTuple):
    """A question (or a part of the record) that is not settled, and the rules that wait for it."""

    why: str
    rules: tuple[str, ...]
    link_id: str | None = None
    record: str | None = None


class SupportedCause(NamedTuple):
    """A cause with the findings that support it."""

    cause: Cause
    supported_by: tuple[Because, ...]


class Deviation(NamedTuple):
    """A choice of the site that is not the pack's, with the rules and answers that it touched here.

    `value`: of an option; of a laboratory limit its number.
    """

    option: str
    value: "bool | int | Decimal"
    rules: tuple[str, ...]
    link_ids: tuple[str, ...]
    text: str


class Assessment(NamedTuple):
    """The decision: the level, what led there, what is still open."""

    level: Level
    complete: bool
    findings: tuple[Finding, ...]  # most urgent first, then by rule id
    open: tuple[OpenQuestion, ...]
    causes: tuple[SupportedCause, ...]
    notes: tuple[Note, ...]
    deviations: tuple[Deviation, ...]
