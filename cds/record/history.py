"""Conditions, procedures and states such as pregnancy."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cds.core.account import CONDITION, PROCEDURE, Missing, Unheard
from cds.core.model import Evidence
from cds.record.flags import reads_critical
from cds.record.hearing import Hearing
from cds.record.interest import Interest
from cds.record.nothing import NothingSaid, said_nothing
from cds.record.over import condition_over, is_abated, procedure_over
from cds.record.rules import CodesOfSystems, Nothing, RecordRules
from cds.record.shapes import Codings, as_object, codings_of, text_at, texts_of
from cds.record.words import clean, on_date
from cds.wire import JsonObject

# FHIR's statuses of a procedure that was not done, or not as it was meant.
_NOT_DONE = frozenset({"preparation", "not-done", "on-hold", "stopped", "entered-in-error"})
# Of these FHIR says that it was done in part.
_IN_PART = frozenset({"on-hold", "stopped"})


_DOUBT = "verification"  # begins the mark of a condition that is not confirmed


def is_doubtful(evidence: Evidence) -> bool:
    """Whether the record itself says that this is not settled: provisional, differential."""
    return evidence.mark is not None and evidence.mark.startswith(_DOUBT)


def _words_of(concept: object) -> list[str]:
    """The codes of a status concept; its words, or itself, where that is all there is."""
    if concept is None:
        return []
    if isinstance(concept, str):
        return [concept]
    codes = [code for _, code, _ in codings_of(concept)]
    return codes or [text.casefold() for text in texts_of(concept)]


def _first(words: list[str], keeps: Callable[[str], bool]) -> str | None:
    """Of words that contradict one another the one that lets the entry count."""
    return next(filter(keeps, words), words[0]) if words else None


class Meanings:
    """The facts behind the codes of conditions, or of procedures."""

    def __init__(
        self, codes: CodesOfSystems, names: Interest, nothing: Nothing | None, *, tell: bool
    ) -> None:
        """`names`: what they are called; `nothing`: how an entry says that there are none.

        `tell`: whether what has a name, but no code of a listed system, is told all the same.
        """
        self._tell = tell
        self._codes = codes
        self.names = names
        self.nothing = nothing
        # Most codes of a long record mean nothing here, and stand in it many times.
        self._dull: set[tuple[object, object]] = set()

    def is_dull(self, resource: JsonObject) -> bool:
        """Whether it has one code, and that is known to mean nothing here."""
        try:
            (coding,) = resource["code"]["coding"]
            return (coding["system"], coding["code"]) in self._dull
        except (KeyError, TypeError, ValueError):  # it has not one code, or is of another shape
            return False

    def facts(self, codings: Codings, text: str | None = None) -> dict[str, str]:
        """The facts that codes support, with what the record calls each; `text`: all of them."""
        found: dict[str, str] = {}
        for system, code, display in codings:
            for kind in self._codes.of(system):
                for fact in kind.facts(code):
                    shown = display or text
                    found.setdefault(fact, clean(shown) if shown else code)
        return found

    def may_mean(self, codings: Codings, texts: list[str]) -> tuple[str, ...] | None:
        """The facts that something without a known code could support; None if it is another thing.

        A code of a system that is listed is another thing, unless it is called like what is asked
        for. What has no such code is told, and without a name it could be anything.
        """
        named = self.names.named_in(texts)
        if named:
            return named
        if any(self._codes.of(system) for system, _, _ in codings):
            if len(codings) == 1:
                self._dull.add(codings[0][:2])
            return None
        return None if texts and not self._tell else ()


class _States(NamedTuple):
    """What a condition says of itself: whether it is there, whether it is believed, in words."""

    clinical: str | None
    verification: str | None
    beliefs: list[str]


_SILENT = _States(None, None, [])


def _states_of(resource: JsonObject, rules: RecordRules) -> _States:
    if "clinicalStatus" not in resource and "verificationStatus" not in resource:
        return _SILENT
    states = _words_of(resource.get("clinicalStatus"))
    beliefs = _words_of(resource.get("verificationStatus"))
    return _States(
        _first(states, lambda word: word in rules.condition_active),
        _first(beliefs, lambda word: word not in rules.condition_not_verification),
        beliefs,
    )


def condition_counts(resource: JsonObject, rules: RecordRules, now: datetime) -> bool:
    """Whether a condition is neither over, nor refuted, nor entered in error."""
    return _counts(resource, _states_of(resource, rules), rules, now)


def _counts(resource: JsonObject, said: _States, rules: RecordRules, now: datetime) -> bool:
    refuted = said.verification in rules.condition_not_verification
    return not refuted and not condition_over(resource, said.clinical, rules, now)


def procedure_counts(resource: JsonObject, rules: RecordRules, now: datetime) -> bool:
    """Whether a procedure was done or is being done, and its course is not over."""
    status = text_at(resource, "status")
    undone = status in _NOT_DONE and status not in rules.procedure_done
    return not undone and not procedure_over(resource, now)


def hear_condition(resource: JsonObject, record: str, meanings: Meanings, hearing: Hearing) -> None:
    """A condition makes its facts if it counts."""
    rules = hearing.rules
    if meanings.is_dull(resource):
        return
    said = _states_of(resource, rules)
    if not _counts(resource, said, rules, hearing.now):
        return
    marks = None if said is _SILENT else _marks(resource, said, hearing)
    _hear(resource, (CONDITION, record, _date(resource), marks), meanings, hearing)


def _marks(resource: JsonObject, said: _States, hearing: Hearing) -> str | None:
    """What a condition says of itself that is not as usual."""
    clinical, verification, beliefs = said
    rules, marks = hearing.rules, []
    if verification not in {None, "confirmed"}:
        marks.append(f"{_DOUBT} {clean(str(verification))}")
    if clinical in rules.condition_active and is_abated(resource, hearing.now):
        marks.append(f"clinical status {clean(str(clinical))}, but abated")
    if clinical is not None and clinical not in rules.condition_active:
        marks.append(f"clinical status {clean(clinical)}")
    if not rules.condition_not_verification.isdisjoint(beliefs):
        marks.append(f"{_DOUBT} {clean(', '.join(beliefs))}")
    return "; ".join(marks) or None


def hear_procedure(resource: JsonObject, record: str, meanings: Meanings, hearing: Hearing) -> None:
    """A procedure makes its facts if it counts; one that was done in part is told."""
    rules = hearing.rules
    if meanings.is_dull(resource):
        return
    status, shown = text_at(resource, "status"), _done_on(resource)
    if not procedure_counts(resource, rules, hearing.now):
        concept = as_object(resource.get("code"))
        found = meanings.facts(codings_of(concept), text_at(concept, "text"))
        called = next(iter(found.values()), None)
        if called and status in _IN_PART and not procedure_over(resource, hearing.now):
            told = Unheard(record, PROCEDURE, called, "in-part", date=on_date(shown))
            hearing.out.not_heard(told)
        return
    mark = None if status in rules.procedure_done else f"status {clean(status or 'missing')}"
    _hear(resource, (PROCEDURE, record, shown, mark), meanings, hearing)


def _done_on(resource: JsonObject) -> str | None:
    """When a procedure was done."""
    period = as_object(resource.get("performedPeriod") or resource.get("occurrencePeriod"))
    day = resource.get("performedDateTime") or resource.get("occurrenceDateTime")  # R5
    date = day or period.get("end") or period.get("start")
    return clean(date) if isinstance(date, str) else None


# An entry of the history: its kind, its name, when it was, and what marks it. Of a mere tuple, as
# a named one takes as long to make as the look-up of its code.
_Heard = tuple[str, str, str | None, str | None]


def _hear(resource: JsonObject, heard: _Heard, meanings: Meanings, hearing: Hearing) -> None:
    kind, record, when, mark = heard
    rules, out = hearing.rules, hearing.out
    concept = as_object(resource.get("code"))
    codings = codings_of(concept)
    found = meanings.facts(codings, text_at(concept, "text"))
    modified = bool(resource.get("modifierExtension") or resource.get("implicitRules"))
    if found and not modified:
        for fact, shown in found.items():
            out.present(fact, Evidence(record, shown, None, when, "code", mark))
        return
    texts = texts_of(concept)
    if meanings.nothing is not None:
        said = said_nothing(codings, texts, meanings.nothing)
        if said is NothingSaid.NO_INFORMATION:
            gap = Missing("conditions", "the record says that it has no information", (kind,))
            out.missing(gap, rules.kinds[kind], rules.labs.unusable_floor)
        if said is not None:
            return
    disorders = () if found else _disorders_in(texts, codings, kind, rules)
    if disorders and not modified:
        date, floor = on_date(when), rules.labs.unusable_floor
        what = clean(texts[0]) if texts else f"code {clean(codings[0][1])}"
        told = Unheard(record, kind, what, "no-result", date=date, facts=disorders)
        out.wait(told, floor)
        return
    may = tuple(found) or meanings.may_mean(codings, texts)
    if may is None:
        return
    may = may or rules.tests.named_in(texts)  # such as "Potassium 7.2" on a list of problems
    code = f"code {clean(codings[0][1])}" if codings else f"a {kind} without a name"
    unheard = Unheard(
        record,
        kind,
        clean(texts[0]) if texts else code,
        "modifier" if modified else "unknown-code",
        date=on_date(when),
        critical=bool(may) and any(map(reads_critical, texts)),
        facts=may or (() if texts else rules.kinds[kind]),
    )
    out.not_heard(unheard, rules.labs.unusable_floor)


def _disorders_in(
    texts: list[str], codings: Codings, kind: str, rules: RecordRules
) -> tuple[str, ...]:
    """The facts of the tests of which a condition speaks, such as a low potassium."""
    if kind != CONDITION:
        return ()
    named = rules.disorders.named_by(texts, codings).values()
    return tuple(dict.fromkeys(fact for facts in named for fact in facts))


def _date(resource: Mapping[str, Any]) -> str | None:
    date = resource.get("onsetDateTime")
    if not isinstance(date, str):
        date = as_object(resource.get("onsetPeriod")).get("start")
    if not isinstance(date, str):
        date = resource.get("recordedDate")
    return clean(date) if isinstance(date, str) else None
