"""Observations that could matter and are not understood: each is told by name.

Nothing here makes a fact. What is asked for under a code that is not known, what an extension or a
focus puts in doubt, a critical flag that nobody hears, a panel whose parts are elsewhere.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from cds.core.account import RESULT, Unheard
from cds.record.findings import Findings
from cds.record.flags import Flags, reads_critical
from cds.record.reading import Bare, Result, measured, when_text, written_value
from cds.record.rules import Analyte, RecordRules
from cds.record.said import drawn_by_hand, said_in
from cds.record.shapes import (
    Codings,
    as_list,
    as_many,
    as_object,
    codings_of,
    number_of,
    tail_of,
    text_at,
    texts_of,
)
from cds.record.times import Bounds, bounds_of
from cds.record.units import without_remarks, written_unit
from cds.record.words import clean, on_date

_PEOPLE = frozenset({"RelatedPerson", "Person", "Practitioner", "PractitionerRole"})
_FOCUS_CODE = "/observation-focusCode"
_DOCUMENT = "presentedForm"
AROUND_RESULTS = ("note", "media", "extension")
_RELATED, _DERIVED = "related", "derivedFrom"
_OTHER_SOURCE = re.compile(r"(?:^|/)(?!Observation/)[A-Z][A-Za-z]*/[^/]+(?:/_history/[^/]+)?$")
AgeOf = Callable[[Bounds | None], timedelta | None]


class ResultPart(NamedTuple):
    """A result or one of its components, with the Observation that it is of and its reference."""

    node: Mapping[str, Any]
    observation: Mapping[str, Any]
    record: str


class Strange(NamedTuple):
    """A test under an unknown code: what it is called, and the facts that it names.

    Without any, each of its values could be of any test that is measured in its unit.
    """

    what: str
    facts: tuple[str, ...]
    results: list[Bare]


class _Panel(NamedTuple):
    """A result or a report that has its values elsewhere."""

    record: str
    what: str
    time: Any
    members: tuple[str, ...]
    why: str = "not-found"
    facts: tuple[str, ...] | None = None  # None: any result
    critical: bool = False


class Doubts:
    """What one pass over the Observations leaves in doubt."""

    def __init__(self, rules: RecordRules) -> None:
        """Nothing is in doubt yet."""
        self._rules = rules
        self._said: list[Unheard] = []
        self._strange: dict[object, Strange] = {}
        self._panels: list[_Panel] = []
        self.others: set[str] = set()  # what is about another person

    @property
    def refers(self) -> bool:
        """Whether anything refers to results that are to be here."""
        return bool(self._panels)

    def say(self, why: str, part: ResultPart, facts: tuple[str, ...], *, critical: bool) -> None:
        """A result is not read, for this reason, and could have supported these facts."""
        self._said.append(self.unheard(why, part, facts, critical=critical))

    def unheard(
        self, why: str, part: ResultPart, facts: tuple[str, ...], *, critical: bool = False
    ) -> Unheard:
        """A result as it is told."""
        what = named_test(part.node, codings_of(part.node.get("code")))
        date = on_date(_text(when_text(part.observation)))
        value = written_value(measured(part.node), self._rules)
        return Unheard(part.record, RESULT, what, why, value, date, critical, facts)

    def about(self, node: Mapping[str, Any], analytes: Iterable[Analyte]) -> tuple[str, ...]:
        """The facts that a result is about, by its codes or by what it is called."""
        facts = [fact for analyte in analytes for fact in analyte.facts]
        return tuple(facts) or self._rules.tests.named_in(texts_of(node.get("code")))

    def _facts_of(self, node: Mapping[str, Any], codings: Codings) -> tuple[str, ...]:
        """The facts that it is called by, in words or by a code that is listed elsewhere."""
        named = self._rules.tests.named_in(texts_of(node.get("code")))
        if named:
            return named
        known = (self._rules.analytes.get(code) for _, code, _ in codings)
        return tuple(dict.fromkeys(fact for one in known if one is not None for fact in one.facts))

    def shelf(self, test: object, node: Mapping[str, Any], codings: Codings) -> Strange | None:
        """Where the results of a test go that may be one of those asked for; None if it is none.

        A code of LOINC that is not listed is another test, unless it is called like one. A code
        that is listed counts as a name under any other system, and under none.
        """
        known = self._strange.get(test)
        if known is not None:
            return known
        facts = self._facts_of(node, codings)
        loinc = self._rules.loinc
        if not facts and any(system in loinc and _is_loinc(code) for system, code, _ in codings):
            return None
        strange = Strange(named_test(node, codings), facts, [])
        self._strange[test] = strange
        return strange

    def measures(self, test: Strange, node: Mapping[str, Any]) -> bool:
        """Whether a value looks like one of the tests by whose name it goes.

        It is a number without a unit, or a unit of theirs stands with it. A category says where a
        value was taken (at the bedside, in a procedure); it makes no potassium another thing.
        """
        found = as_object(measured(node))
        if number_of(found.get("value")) is not None and not written_unit(found, self._rules.ucum):
            return True
        words = str(found.get("written", "")).casefold()
        said = [facts for unit, facts in self._rules.units.items() if unit and unit in words]
        facts = {fact for one in said for fact in one} | {*self._measured_in(found)}
        return not facts.isdisjoint(test.facts)

    def panel(self, resource: Mapping[str, Any], record: str, key: str, time: object) -> None:
        """A resource refers to results; it is looked up later whether they are here."""
        inside = {text_at(as_object(one), "id") for one in as_list(resource.get("contained"))}
        parts = [as_object(one) for one in as_many(resource.get(key))]
        if key == _RELATED:  # STU3 and DSTU2; the others of its kinds hold no values
            members_only = (one for one in parts if one.get("type") == "has-member")
            parts = [as_object(one.get("target")) for one in members_only]
        references = (text_at(one, "reference") or "" for one in parts)
        if key == _DERIVED:  # a picture or a form is no result
            references = (one for one in references if _OTHER_SOURCE.search(one) is None)
        # A mere display or identifier leads nowhere, as does a "#" that nothing inside answers to.
        members = tuple(
            one for one in references if not (one.startswith("#") and one[1:] in inside)
        )
        if members:
            what = named_test(resource, codings_of(resource.get("code")))
            self._panels.append(_Panel(record, what, time, members))

    def in_words(
        self,
        report: Mapping[str, Any],
        record: str,
        time: object,
        *,
        laboratory: bool,
        held: bool,
    ) -> None:
        """A report has its results in words or in a document, where nothing is read.

        One that need not be a laboratory's leaves open only what it names. Beside results that are
        here (`held`) words are told where they may say that something is critical.
        """
        what = named_test(report, codings_of(report.get("code")))
        said = [what, text_at(report, "conclusion") or ""]
        for key in ("conclusionCode", "codedDiagnosis"):
            for concept in as_many(report.get(key)):
                said += texts_of(concept)
        said += [text_at(as_object(one), "title") or "" for one in as_many(report.get(_DOCUMENT))]
        own = any(said[1:])
        said += said_in({"text": drawn_by_hand(report), **_around(report)}).texts
        critical = any(reads_critical(text) for text in said)
        if held and not critical:
            return
        facts: tuple[str, ...] | None = None
        if held or not laboratory:
            facts = self._rules.tests.named_in(said)
            facts = facts or ((self._rules.labs.other_critical,) if critical else ())
            if not facts and not own:  # an empty report of who knows what
                return
        self._panels.append(_Panel(record, what, time, ("",), "no-value", facts, critical))

    def tell(self, names: frozenset[str], age_of: AgeOf, out: Findings) -> None:
        """Tell `out` all of it; `names` are the resources that are here."""
        floor = self._rules.labs.unusable_floor
        for one in self._said:
            out.not_heard(one, floor)
        for test in self._strange.values():
            self._tell_strange(test, age_of, out)
        for panel in self._panels:
            age = age_of(bounds_of(panel.time))
            old = age is not None and age > self._rules.labs.recent
            if old or all(tail_of(member) in names or member in names for member in panel.members):
                continue
            date = on_date(_text(panel.time))
            facts = self._rules.kinds[RESULT] if panel.facts is None else panel.facts
            said = (panel.record, RESULT, panel.what, panel.why, None, date, panel.critical)
            out.not_heard(Unheard(*said, facts=facts), floor)

    def _tell_strange(self, test: Strange, age_of: AgeOf, out: Findings) -> None:
        """The newest value of a test that may be asked for; it takes the place of the older."""
        aged = [(age_of(bounds_of(one[0])), Result(*one)) for one in test.results]
        newest = min((age for age, _ in aged if age is not None), default=None)
        for age, result in aged:
            found = as_object(result.quantity)
            facts = test.facts or self._measured_in(found)
            if not facts:
                continue
            if age is not None and age != newest:
                out.replace((result.record,))
                continue
            value = written_value(found, self._rules)
            date = on_date(_text(result.time))
            what = test.what
            unheard = Unheard(result.record, RESULT, what, "unknown-code", value, date, facts=facts)
            out.not_heard(unheard, self._rules.labs.unusable_floor)

    def _measured_in(self, found: Mapping[str, Any]) -> tuple[str, ...]:
        """The facts of all tests that are measured in this unit."""
        if number_of(found.get("value")) is None:
            return ()
        unit = (without_remarks(written_unit(found, self._rules.ucum)) or "").casefold()
        return self._rules.units.get(unit, ())


def not_the_patient(observation: Mapping[str, Any], subject: str | None) -> str | None:
    """Whether a result is about someone else than its subject: `other`, or `about-whom` if unclear.

    FHIR's `focus` is used where it is not the patient who was looked at.
    """
    if any(
        str(as_object(one).get("url")).endswith(_FOCUS_CODE)
        for one in as_list(observation.get("extension"))
    ):
        return "about-whom"
    kinds: set[str] = set()
    for one in as_list(observation.get("focus")):
        reference = text_at(as_object(one), "reference") or ""
        kind = reference.split("/_history/")[0].split("/")[-2:][0]
        if subject is not None and tail_of(reference) == tail_of(subject):
            kinds.add("subject")
        elif kind in _PEOPLE or kind == "Patient":
            kinds.add("other")
        else:
            kinds.add("unclear")
    if not kinds or kinds == {"subject"}:
        return None
    return "other" if kinds == {"other"} else "about-whom"


def _around(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands around the results of a report: notes, remarks on pictures."""
    return {key: report[key] for key in AROUND_RESULTS if key in report}


def _is_loinc(code: str) -> bool:
    """Whether it has the shape and the check digit of a code of LOINC; else it is a slip."""
    digits, dash, check = code.partition("-")
    if not dash or not digits.isdecimal() or not check.isdecimal():
        return False
    doubled = "".join(
        str(int(one) * 2) if place % 2 == 0 else one for place, one in enumerate(digits[::-1])
    )
    return -sum(map(int, doubled)) % 10 == int(check)


def named_test(node: Mapping[str, Any], codings: Codings) -> str:
    """What a test is called: its text, else a display, else its code."""
    text = text_at(as_object(node.get("code")), "text")
    shown = text or next((display for _, _, display in codings if display), None)
    if shown is not None:
        return clean(shown)
    return f"code {clean(codings[0][1])}" if codings else "an unnamed test"


def flagged_critical(flags: Flags, rules: RecordRules) -> bool:
    """Whether a flag says, or may say, that it is critical."""
    return flags.doubtful or bool(flags.known & rules.labs.critical_flags)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
