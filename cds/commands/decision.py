"""A decision as a clinician reads it in ten seconds: level, reasons, what is open, what was left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import click

from cds.commands.output import visible
from cds.core.model import Because, Finding, Level, OpenQuestion
from cds.core.pack import Pack
from cds.flows.advice import advice_for
from cds.flows.assess import Assessed

MAX_SOURCES = 3
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
}


@dataclass(frozen=True, slots=True)
class Style:
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
    told = {note["code"]: note["text"] for note in assessed.document()["notes"]}
    if "free-text" in told:
        yield f"(i) {told['free-text']}"
    yield _headline(assessment.level, style)
    yield f"    {assessment.level.action}"
    yield ""
    if assessment.findings:
        yield style.paint("Why", bold=True)
        for finding in assessment.findings:
            yield from words.finding(finding)
    if not any(finding.level.alert for finding in assessment.findings) and not assessed.invalid:
        yield f"    {pack.wording.negative}"
    if assessment.open:
        yield style.paint("Still open", bold=True)
        yield from words.open(assessment.open)
    if assessed.issues:
        yield style.paint("Faults of the response", bold=True)
        for issue in assessed.issues:
            where = issue.link_id or issue.expression
            yield f"  {issue.severity}: {visible(issue.text)} ({visible(where)})"
    if assessment.causes:
        yield style.paint("Causes that answers support", bold=True)
        for one in assessment.causes:
            support = ", ".join(
                dict.fromkeys(words.because(because) for because in one.supported_by)
            )
            yield f"  {one.cause.display}: {support}"
        yield f"  {pack.wording.cause_remark}"
    advice = advice_for(assessed)
    if advice:
        yield style.paint("Advice", bold=True)
        yield from (f"  {one.text}" for one in advice)
    yield from _notes(assessed, style)
    yield f"Intended use: {pack.wording.intended_use}"
    yield f"{pack.id} {pack.version}, {pack.hash[:19]}…"


def _headline(level: Level, style: Style) -> str:
    colour = level.colour if level.colour in _COLOURS else None
    return style.paint(f"{level.symbol:<3} {level.word}: {level.display}", fg=colour, bold=True)


def _notes(assessed: Assessed, style: Style) -> Iterator[str]:
    assessment = assessed.assessment
    notes = [note for note in assessed.document()["notes"] if note["code"] != "free-text"]
    free = [note for note in assessed.document()["notes"] if note["code"] == "free-text"]
    if not notes and not assessment.deviations and not free:
        return
    yield style.paint("Notes", bold=True)
    for one in assessment.deviations:
        concerned = f" (here: {', '.join((*one.rules, *one.link_ids))})" if one.rules else ""
        yield f"  site option {one.option} = {str(one.value).lower()}: {one.text}{concerned}"
    if free:
        yield f"  not assessed, free text: {', '.join(visible(note['about']) for note in free)}"
    for note in notes:
        yield f"  {visible(note['text'])} ({visible(note['about'])})"


class _Words:
    """Items and sources of a pack in words."""

    def __init__(self, pack: Pack, style: Style) -> None:
        self._pack = pack
        self._style = style
        self._texts: dict[str, str] = {}
        self._shorts: dict[str, str] = {}
        self._displays: dict[tuple[str, str], str] = {}
        for item in _items(pack.full.raw.get("item", [])):
            self._texts[item["linkId"]] = item.get("text", "")
            self._shorts[item["linkId"]] = _short(item)
            for option in item.get("answerOption", []):
                coding = option.get("valueCoding", {})
                key = (item["linkId"], coding.get("code", ""))
                self._displays[key] = coding.get("display", "")

    def finding(self, finding: Finding) -> Iterator[str]:
        """A finding with its reasons and sources."""
        rule = finding.rule
        colour = finding.level.colour if finding.level.colour in _COLOURS else None
        yield f"  {self._style.paint(f'{rule.id:<4}', fg=colour, bold=True)}{rule.title} [{finding.level.code}]"
        because = ", ".join(dict.fromkeys(self.because(one) for one in finding.because))
        if because:
            yield from _hanging("      because ", because)
        yield from _hanging("      source  ", self._sources(rule.basis, rule.sources))

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
        return f"{named}: {self._displays.get((link_id, because.answer), because.answer)}"

    def _evidence(self, because: Because) -> str:
        evidence = because.evidence
        if evidence is None:
            return because.fact or ""
        parts = [visible(evidence.record)]
        if self._style.show_values and evidence.value is not None:
            parts.append(visible(f"{evidence.value} {evidence.unit or ''}".strip()))
        if evidence.date:
            parts.append(visible(evidence.date))
        return f"{because.fact} ({', '.join(parts)})"

    def open(self, questions: Iterable[OpenQuestion]) -> Iterator[str]:
        """What is not settled, and the rules that wait for it."""
        for one in questions:
            rules = f"; {', '.join(one.rules)}" if one.rules else ""
            if one.link_id is None:
                yield f"  {visible(one.record or '')}: {_WHY.get(one.why, one.why)}{rules}"
            else:
                text = self._texts.get(one.link_id, "")
                yield f"  {text} ({one.link_id}: {_WHY.get(one.why, one.why)}{rules})"

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


def _hanging(head: str, text: str) -> list[str]:
    """The text behind a head, its further lines under its first word."""
    return wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )


def _items(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from _items(item.get("item", []))
