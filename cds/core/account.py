"""What became of all that was handed in beside a response: every part of it has one state.

Used, replaced by something newer, not about this problem or person, or unheard: it could matter and
was not understood. What was asked for and did not come is missing. Neither is ever taken for a no.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from cds.phrases.say import ENGLISH, Say

# The classes of what may be unheard or missing, in the order in which they are told.
RESULT, MEDICINE, CONDITION, PROCEDURE, OTHER = (
    "result",
    "medicine",
    "condition",
    "procedure",
    "other",
)
KINDS = (RESULT, MEDICINE, CONDITION, PROCEDURE, OTHER)
PLURALS: Mapping[str, str] = {
    RESULT: "results",
    MEDICINE: "medicines",
    CONDITION: "conditions",
    PROCEDURE: "procedures",
    OTHER: "other entries",
}
SINGULARS: Mapping[str, str] = {OTHER: "other entry"}
MOST_NAMED = 10  # in texts, notes and cards; documents have all

# Why something was not read: what is wrong, and what to do about it.
REASONS: Mapping[str, tuple[str, str]] = {
    "unknown-code": ("its code is not known here", "look at it yourself"),
    "unit-unusable": (
        "its unit is not in the list, or contradicts itself",
        "look at the result, or have it sent with a UCUM unit",
    ),
    "no-value": ("it has no value that can be read", "look at the result"),
    "unreadable": ("it cannot be read", "look at it yourself"),
    "flag-unknown": ("its flag is not one that is known here", "look at the result"),
    "not-asked": ("it is flagged critical, and no rule asks for it", "look at the result"),
    "not-found": ("what it refers to was not handed in", "look it up"),
    "supply-only": (
        "it says what was handed out or given, not what is taken",
        "ask whether it is taken",
    ),
    "modifier": ("an extension changes its meaning in a way not known here", "look at it yourself"),
    "about-whom": ("it is not clear whom it is about", "look at it yourself"),
    "other-kind": ("it stands in an entry of a kind that is not read here", "look at it yourself"),
    "no-result": (
        "a diagnosis names it, and no recent result is here that would settle it",
        "look at the newest result",
    ),
    "remark": ("words beside it may say that it is critical", "look at the result"),
    "cancelled": (
        "the laboratory cancelled it, and it has a value all the same",
        "ask whether it was measured again",
    ),
    "on-hold": ("it is on hold", "ask whether it is taken"),
    "in-part": ("it was only done in part", "ask whether it goes on"),
}


class Unheard(NamedTuple):
    """Something that could matter and was not understood, named so that a person can look.

    `record`: its reference, or its place. `what`: its name in words, with its code where that is
    all there is; never its value. `why`: a key of REASONS. `value` and `date` are in words, as the
    record writes them. `facts`: those that it could have supported; none of them is absent now.
    """

    record: str
    kind: str
    what: str
    why: str
    value: str | None = None
    date: str | None = None
    critical: bool = False
    facts: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """What it is, with its value and date."""
        return " ".join(one for one in (self.what, self.value, self.date) if one)

    def shown(self, *, values: bool) -> str:
        """What it is, with its value and date where values may be shown."""
        return self.whole if values else self.what

    @property
    def advice(self) -> tuple[str, str]:
        """What is wrong, and what to do."""
        return REASONS.get(self.why, REASONS["unreadable"])


class Missing(NamedTuple):
    """What was asked for and did not come: a query, a key of prefetch, a page; and why, in words.

    `kinds`: what could have been in it; none named means anything.
    """

    what: str
    why: str
    kinds: tuple[str, ...] = ()


class EqualEntries(NamedTuple):
    """Equal entries, told once: the first of them, and how many there are."""

    first: Unheard
    times: int


class NamedAndCounted(NamedTuple):
    """What is told by name, and of what else how many there are, by kind."""

    named: tuple[EqualEntries, ...]
    rest: Mapping[str, int]


class Account(NamedTuple):
    """The states of all resources that were handed in; `unheard` comes in the order of weight.

    `looked_at` is the sum of `used`, `replaced`, `not_about` and the unheard. `others`: how many
    of `not_about` are about another person than the subject.
    """

    looked_at: int = 0
    used: int = 0
    replaced: int = 0
    not_about: int = 0
    unheard: tuple[Unheard, ...] = ()
    missing: tuple[Missing, ...] = ()
    others: int = 0

    @property
    def whole(self) -> bool:
        """Whether everything came and was understood."""
        return not self.unheard and not self.missing

    @property
    def line(self) -> str:
        """The sums in words: `Record: 41 resources looked at, 6 used`."""
        return self.line_in(ENGLISH)

    def line_in(self, say: Say) -> str:
        """The sums in the words of a language."""
        counted = [_sums(say, self.looked_at, self.used)]
        if self.others:
            counted.append(say("{count} about another person", count=self.others))
        if self.unheard:
            counted.append(say("{count} not read", count=len(self.unheard)))
        if self.missing:
            counted.append(say("not complete"))
        return f"{', '.join(counted)}."

    @property
    def by_record(self) -> Mapping[str, Unheard]:
        """What is unheard, by its reference."""
        return {one.record: one for one in self.unheard}

    def told(self, most: int = MOST_NAMED) -> NamedAndCounted:
        """At most so many unheard entries by name, critical ones first, equal ones once."""
        return told(self.unheard, most)


@lru_cache(maxsize=1024)  # every decision beside a record says it, and most records are small
def _sums(say: Say, looked_at: int, used: int) -> str:
    one = looked_at == 1
    head = "Record: {count} resource looked at" if one else "Record: {count} resources looked at"
    return f"{say(head, count=looked_at)}, {say('{count} used', count=used)}"


def told(unheard: Iterable[Unheard], most: int = MOST_NAMED) -> NamedAndCounted:
    """Equal entries once, at most so many by name; how many others there are, by kind."""
    groups: dict[tuple[str, str, str, bool], EqualEntries] = {}
    for one in unheard:
        key = (one.kind, one.what, one.why, one.critical)
        known = groups.get(key)
        groups[key] = (
            EqualEntries(one, 1) if known is None else EqualEntries(known.first, known.times + 1)
        )
    every = list(groups.values())
    if len(every) <= most:
        return NamedAndCounted(tuple(every), {})
    rest: Counter[str] = Counter()
    for group in every[most:]:
        rest[group.first.kind] += group.times
    return NamedAndCounted(tuple(every[:most]), {kind: rest[kind] for kind in KINDS if rest[kind]})


def sentence(group: EqualEntries, *, values: bool = True, say: Say = ENGLISH) -> str:
    """What was not read, why, and what to do about it, in one sentence."""
    one = group.first
    problem, advice = map(say, one.advice)
    more = say(" and {count} more like it", count=group.times - 1) if group.times > 1 else ""
    mark = say("Flagged critical: ") if one.critical else ""
    shown = one.shown(values=values)
    return f"{mark}{shown} ({one.record}){more}: {problem}; {advice}."


def rest_sentence(rest: Mapping[str, int], say: Say = ENGLISH) -> str | None:
    """What is not told by name, such as `Not read besides: 3 results, 1 medicine`."""
    if not rest:
        return None
    counted = (
        f"{count} {say(SINGULARS.get(kind, kind) if count == 1 else PLURALS[kind])}"
        for kind, count in rest.items()
    )
    return say("Not read besides: {counted}.", counted=", ".join(counted))


def missing_sentence(one: Missing, say: Say = ENGLISH) -> str:
    """What did not come, and that nothing follows from it."""
    text = "Not available: {what} ({why}). Nothing follows from its silence."
    return say(text, what=say(one.what), why=say(one.why))


def sentences(
    account: Account, most: int = MOST_NAMED, *, values: bool = True, say: Say = ENGLISH
) -> list[str]:
    """The whole account in sentences, the gravest first, for texts and notes."""
    if not account.unheard and not account.missing:
        return [account.line_in(say)]
    found = account.told(most)
    said = [sentence(group, values=values, say=say) for group in found.named]
    more = rest_sentence(found.rest, say)
    if more is not None:
        said.append(more)
    said += [missing_sentence(one, say) for one in account.missing]
    said.append(account.line_in(say))
    return said
