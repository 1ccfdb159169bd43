"""A knowledge pack as one frozen value: what `knowledge/` reads and every other room works with.

Named tuples: see `cds.core.model`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from cds.core.conditions import Condition
from cds.core.model import NOTHING, Rules, VerifiedCode
from cds.phrases.say import ENGLISH, Say


class Form(NamedTuple):
    """A Questionnaire of the pack. `short`: made from the full one; asks too little to reassure.

    `raw` is the FHIR R4 JSON; treat it as read-only.
    """

    id: str
    url: str
    version: str
    title: str
    short: bool
    raw: Mapping[str, Any]


class SourceText(NamedTuple):
    """A source text. Only its hash is kept: the text is its owner's."""

    id: str
    title: str
    publisher: str
    reviewed: str
    file: str
    sha256: str


class Line(NamedTuple):
    """One line of a document: what it claims, in our words, and the hash that proves which line."""

    id: str  # document:line, such as 000:11
    document: str
    claim: str
    sha256: str


class Citation(NamedTuple):
    """A source that is not one of the documents."""

    id: str
    text: str
    url: str | None = None


class SourceFact(NamedTuple):
    """One atomic fact of a line, and what it is used by, or why it is not used."""

    id: str
    line: str
    claim: str
    used_by: tuple[str, ...]
    unused: str | None = None


class Sources(NamedTuple):
    """Everything that the rules rest on."""

    documents: tuple[SourceText, ...]
    lines: Mapping[str, Line]
    citations: Mapping[str, Citation]
    facts: tuple[SourceFact, ...]

    def claim(self, source: str) -> str:
        """What the source says, in our words; KeyError if the pack does not have it."""
        if source in self.lines:
            return self.lines[source].claim
        return self.citations[source].text


class Advice(NamedTuple):
    """A piece of advice, given at `levels` when its condition certainly holds (None: always).

    Two that contradict each other are never given together: one of them `yields_to` the other.
    """

    id: str
    text: str
    basis: str
    sources: tuple[str, ...]
    levels: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    when: Condition | None = None
    reading: str = ""


class Complication(NamedTuple):
    """What may follow if nothing is done, as the source names it."""

    id: str
    display: str
    sources: tuple[str, ...]
    codings: tuple[VerifiedCode, ...] = ()


class Lowering(NamedTuple):
    """An answer that may lower a level; the pack's list of them is closed."""

    question: str
    code: str
    rule: str
    text: str


class Settling(NamedTuple):
    """A question that alarms while it is open: its answer may end that alarm, which was `rule`."""

    question: str
    rule: str
    text: str


class Earlier(NamedTuple):
    """An earlier version of the form.

    `not_asked`: the safety questions that have options which it did not offer. `moved`: by linkId,
    the group in which it had an item that stands elsewhere now; "" is outside of all groups.
    """

    version: str
    not_asked: tuple[str, ...]
    moved: Mapping[str, str] = NOTHING


class ReasonCode(NamedTuple):
    """The RiskAssessment.reasonCode, when its condition holds (None: always)."""

    coding: VerifiedCode
    text: str
    when: Condition | None = None


class Wording(NamedTuple):
    """The sentences that every output shares."""

    intended_use: str
    negative: str  # said when no rule of an alerting level fired; never an all-clear
    cause_remark: str
    short_form: str
    unfinished: str
    entered_in_error: str
    free_text: str
    qualitative_risk: str


class Identity(NamedTuple):
    """Names and codes of the pack in FHIR's terms."""

    base: str  # canonical base, without a slash at the end
    assessment_code: str
    assessment_text: str
    method_code: str
    method_text: str
    finding_system: str
    cause_system: str
    answer_system: str
    level_system: str


class Override(NamedTuple):
    """A reason that a clinician may give for not following a card."""

    code: str
    display: str


NO_SIGNS: Mapping[tuple[str, str], str] = MappingProxyType({})


class Cards(NamedTuple):
    """What the cards of the hooks say and offer beside the findings. None: it is said in our words.

    `facts`: any of them present means that the patient has the problem that the pack is about.
    `orders`: facts that a draft order may make present. `labs`: the tests that a card proposes.
    `titles` (by rule), `signs` (by question and code) and `actions` (by level) are short words for
    what is said at length elsewhere.
    """

    facts: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    due: str | None = None
    due_text: str | None = None
    order: str | None = None
    order_text: str | None = None
    task: str | None = None
    form_label: str | None = None
    labs_label: str | None = None
    overrides: tuple[Override, ...] = ()
    labs: tuple[VerifiedCode, ...] = ()
    source: str | None = None
    titles: Mapping[str, str] = NOTHING
    signs: Mapping[tuple[str, str], str] = NO_SIGNS
    actions: Mapping[str, str] = NOTHING


class Pack(NamedTuple):
    """One body of knowledge: forms, rules, sources, words. `hash` is `sha256:` over its files.

    `unknown` are option codes that mean "not known"; `record` is record.toml as read (facts and how
    to find them); `about` is [about] of pack.toml as read. `say`: the program's sentences in the
    language of this pack's words. `displays`: of a pack in another language, what the level codes
    are called where they are published.
    """

    id: str
    version: str
    hash: str
    title: str
    identity: Identity
    forms: tuple[Form, ...]  # the full form first
    rules: Rules
    sources: Sources
    wording: Wording
    unknown: frozenset[str]
    fail_safe: frozenset[str]  # linkIds whose answers count even where the form did not ask
    context: tuple[Lowering, ...]
    advice: tuple[Advice, ...]
    complications: tuple[Complication, ...]
    reasons: tuple[ReasonCode, ...]
    facts: frozenset[str]  # ids that record.toml declares
    record: Mapping[str, Any]
    about: Mapping[str, Any]
    settles: tuple[Settling, ...] = ()  # a closed list, as `context` is
    cards: Cards = Cards()
    earlier: tuple[Earlier, ...] = ()
    answers_valid_hours: int | None = None  # how long answers say something of now; None: always
    say: Say = ENGLISH
    displays: Mapping[str, str] = NOTHING

    @property
    def full(self) -> Form:
        """The full form."""
        return self.forms[0]
