"""A decision as a clinician reads it in ten seconds: level, reasons, what is open or left out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import click

from cds.commands.answer_age import answer_age
from cds.commands.output import visible
from cds.core.account import MOST_NAMED, Account, Unheard, sentences
from cds.core.model import Because, Finding, Level, OpenQuestion, SupportedCause
from cds.core.pack import Pack
from cds.core.repeats import more, once
from cds.fhir.notes import NOT_RECOGNISED, WHOLE
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.advice import advice_for
from cds.knowledge.shown.words import Words

MAX_SOURCES = 3
FREE_TEXT = "free-text"
WIDTH = 100
_COLOURS = {"red", "yellow", "magenta", "cyan", "green"}
_WHY = {
    "unanswered": "not answered",
    "unknown": 'answered "not sure"',
    "unreadable": "answer cannot be read",
    "free-text": "free text only, not assessed",
    "duplicate": "answered more than once",
    "unit-unusable": "unit cannot be used",
    "no-value": "no value",
    "missing": "was not handed in",
    "unknown-code": "its code is not known here",
    "not-found": "what it refers to was not handed in",
    "modifier": "an extension changes its meaning",
    "about-whom": "it is not clear whom it is about",
    "flag-unknown": "its flag is not known here",
}


class Style(NamedTuple):
    """How to print: with colour or without, with answer values or without."""

    colour: bool = False
    show_values: bool = False

    def paint(self, text: str, **how: object) -> str:
        """The text, coloured if wanted; never the only carrier of a meaning."""
        return click.style(text, **how) if self.colour else text  # type: ignore[arg-type] # click checks


def lines_of(assessed: Assessed, style: Style) -> Iterator[str]:
    """The lines of one decision."""
    assessment, pack = assessed.assessment, assessed.pack
    words = _Words(pack, style)
    notes = assessed.document()["notes"]
    yield from (f"(i) {text}" for text in _once(notes, FREE_TEXT))
    yield headline(assessment.level, style)
    yield f"    {assessment.level.action}"
    age = answer_age(assessed)
    if age is not None:
        yield f"    {age}"
    yield from deviations(assessed, style)
    if assessment.findings:
        yield from _section("Why", style)
        for finding in assessment.findings:
            yield from words.finding(finding)
    if _is_negative(assessed):
        yield ""
        yield pack.wording.negative
    yield from words.open(assessment.open, assessed.account)
    yield from faults(assessed, style)
    yield from words.causes(assessment.causes)
    advice = advice_for(assessed)
    if advice:
        yield from _section("Advice", style)
        for piece in advice:
            yield from hanging("  ", piece.text)
    yield from _notes(notes, assessed.account, style)
    yield from account_of(assessed.account, style)
    yield ""
    yield from hanging("", f"Intended use: {pack.wording.intended_use}")
    yield f"{pack.id} {pack.version}, {pack.hash[:19]}…"


def faults(assessed: Assessed, style: Style) -> Iterator[str]:
    """What is wrong with the response."""
    if assessed.issues:
        yield from _section("Faults of the response", style)
    for issue in assessed.issues:
        where = visible(issue.link_id or issue.expression)
        yield from hanging(f"  {issue.severity}: ", f"{visible(issue.text)} ({where})")


def headline(level: Level, style: Style) -> str:
    """The level in one line: symbol, word, what it means."""
    colour = level.colour if level.colour in _COLOURS else None
    meaning = level.display
    if meaning.casefold().startswith(level.word.casefold()):
        meaning = meaning[len(level.word) :].lstrip(" :;,")
    return style.paint(f"{level.symbol:<3} {level.word}: {meaning}", fg=colour, bold=True)


def deviations(assessed: Assessed, style: Style) -> Iterator[str]:
    """The site options that are not at their default: said first, in every output."""
    for one in assessed.assessment.deviations:
        concerned = f" Here: {', '.join((*one.rules, *one.link_ids))}." if one.rules else ""
        head = style.paint(f"    Site option {one.option} = {str(one.value).lower()}: ", bold=True)
        yield from hanging(head, f"{one.text}{concerned}", deeper=6)


def hanging(head: str, text: str, *, deeper: int | None = None) -> list[str]:
    """The text behind a head, wrapped; its further lines under its first word, or indented."""
    taken = len(click.unstyle(head))
    indent = " " * (taken if deeper is None else deeper)
    lines, room, gap = [head], WIDTH - taken, ""
    # `textwrap` would do the same, but costs a twentieth of a cold start for its patterns.
    for word in text.split():
        if gap and len(gap) + len(word) > room:
            lines.append(indent)
            room, gap = WIDTH - len(indent), ""
        lines[-1] += gap + word
        room -= len(gap) + len(word)
        gap = " "
    return lines if gap else [head.rstrip()]


def _section(title: str, style: Style) -> Iterator[str]:
    yield ""
    yield style.paint(title, bold=True)


def _is_negative(assessed: Assessed) -> bool:
    """Whether a finished, sound response raised nothing urgent; of any other this is never said."""
    calm = all(finding.level.reassures for finding in assessed.findings)
    return calm and not assessed.level.alert and not assessed.context.blocked


def _once(notes: list[dict[str, Any]], code: str) -> Iterator[str]:
    yield from dict.fromkeys(note["text"] for note in notes if note["code"] == code)


def account_of(account: Account | None, style: Style, most: int = MOST_NAMED) -> Iterator[str]:
    """What became of the record: by name what was not read, the most important first."""
    if account is None:
        return
    if account.whole:
        yield ""
    else:
        yield from _section("Not read from the record", style)
    for said in sentences(account, most, values=style.show_values):
        yield from hanging("" if said == account.line else "  ", visible(said), deeper=4)


def _notes(given: list[dict[str, Any]], account: Account | None, style: Style) -> Iterator[str]:
    told = {NOT_RECOGNISED} if account is not None else set[str]()
    notes = [note for note in given if note["code"] not in told]
    if not notes:
        return
    yield from _section("Notes", style)
    free = [visible(note["about"]) for note in notes if note["code"] == FREE_TEXT]
    if free:
        yield from hanging("  ", f"Not assessed, free text: {', '.join(free)}")
    for note in notes:
        if note["code"] != FREE_TEXT:
            about = "" if note["code"] in WHOLE else f" ({visible(note['about'])})"
            yield from hanging("  ", f"{visible(note['text'])}{about}")


class _Words:
    """Items, facts and sources of a pack in words."""

    def __init__(self, pack: Pack, style: Style) -> None:
        self._pack = pack
        self._style = style
        self._words = Words(pack)
        self._shorts = {
            item["linkId"]: _short(item) for item in _items(pack.full.raw.get("item", []))
        }

    def finding(self, finding: Finding) -> Iterator[str]:
        """A finding with its reasons and sources."""
        rule = finding.rule
        colour = finding.level.colour if finding.level.colour in _COLOURS else None
        named = self._style.paint(f"{rule.id:<4}", fg=colour, bold=True)
        yield from hanging(f"  {named}", f"{rule.title} [{finding.level.code}]")
        because = "; ".join(self.reasons(finding.because))
        if because:
            yield from hanging("      because ", because)
        yield from hanging("      source  ", self._sources(rule.basis, rule.sources))

    def reasons(self, reasons: Iterable[Because]) -> list[str]:
        """Each reason once, with how many others of the record say the same."""
        said = (f"{self.because(one)}{more(count)}" for one, count in once(reasons))
        return list(dict.fromkeys(said))

    def because(self, because: Because) -> str:
        """One reason: the item, its answer if values are shown, or the value of the record."""
        if because.fact is not None:
            return self._evidence(because)
        link_id = because.link_id or ""
        named = f"{self._shorts.get(link_id, '')} ({link_id})".strip()
        if because.answer is None:
            return f"{named} is open"
        if not self._style.show_values:
            return named
        return f"{named}: {self._words.answer(link_id, because.answer)}"

    def _evidence(self, because: Because) -> str:
        evidence, fact = because.evidence, because.fact or ""
        parts = [fact]
        if evidence is not None:
            parts.append(visible(evidence.record))
            if self._style.show_values and evidence.value is not None:
                parts.append(visible(f"{evidence.value} {evidence.unit or ''}".strip()))
            if evidence.date:
                parts.append(visible(evidence.date))
            if self._style.show_values and evidence.mark:
                parts.append(visible(evidence.mark))
        return f"{self._words.facts.get(fact, 'in the record')} ({', '.join(parts)})"

    def causes(self, causes: Iterable[SupportedCause]) -> Iterator[str]:
        """What the answers support, never a diagnosis."""
        for number, one in enumerate(causes):
            if number == 0:
                yield from _section("Causes that answers support", self._style)
            support = self.reasons(one.supported_by)
            yield from hanging("  ", f"{one.cause.display}: {'; '.join(support)}", deeper=4)
        if causes:
            yield f"  {self._pack.wording.cause_remark}"

    def open(self, questions: Iterable[OpenQuestion], account: Account | None) -> Iterator[str]:
        """What is not settled, and the rules that wait for it: safety first."""
        listed, named = list(questions), account.by_record if account else {}
        safety = [one for one in listed if one.link_id in self._pack.rules.reassurance.safety]
        others = [one for one in listed if one not in safety]
        if safety:
            yield from _section("Still open: ask these first", self._style)
            yield from (line for one in safety for line in self._open(one, named))
        asked = [one for one in others if one.link_id is not None]
        record = [one for one in others if one.link_id is None]
        if others:
            yield from _section("Also open" if safety else "Still open", self._style)
            shown = [*asked, *record[:MOST_NAMED]]
            yield from (line for one in shown for line in self._open(one, named))
        if len(record) > MOST_NAMED:
            yield f"  and {len(record) - MOST_NAMED} more parts of the record"

    def _open(self, one: OpenQuestion, named: Mapping[str, Unheard]) -> list[str]:
        rules = f"; {', '.join(one.rules)}" if one.rules else ""
        why = _WHY.get(one.why, one.why)
        if one.link_id is None:
            record = one.record or ""
            entry = named.get(record)
            said = record if entry is None else f"{entry.shown(values=self._style.show_values)}"
            about = "" if entry is None else f" ({visible(record)})"
            return hanging("  ", f"{visible(said)}{about}: {why}{rules}", deeper=4)
        asked = self._words.question(one.link_id)
        return hanging("  ", f"{asked} ({one.link_id}: {why}{rules})", deeper=4)

    def _sources(self, basis: str, sources: tuple[str, ...]) -> str:
        if not sources:
            return f"{basis}: our own"
        more = len(sources) - MAX_SOURCES
        listed = ", ".join(sources[:MAX_SOURCES]) + (f" and {more} more" if more > 0 else "")
        claim = self._pack.sources.claim(sources[0]) if len(sources) == 1 else ""
        return f"{basis}, {listed}" + (f": {claim}" if claim else "")


def _short(item: dict[str, Any]) -> str:
    """The preferred short text of an item, else nothing."""
    for extension in item.get("extension", []):
        if extension.get("url", "").endswith("sdc-questionnaire-shortText"):
            return str(extension.get("valueString", ""))
    return ""


def _items(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from _items(item.get("item", []))
