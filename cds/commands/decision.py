"""A decision as a clinician reads it in ten seconds: level, reasons, what is open or left out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds.commands.answer_age import answer_age
from cds.commands.layout import Style, section
from cds.commands.output import visible
from cds.core.account import MOST_NAMED, Account, Unheard, sentences
from cds.core.model import Because, Finding, Level, OpenQuestion, SupportedCause
from cds.core.pack import Pack
from cds.core.repeats import more, once
from cds.fhir.notes import NOT_RECOGNISED, TOLD_WHOLE
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.advice import advice_for
from cds.forms.form.every_item import every_item
from cds.knowledge.shown.words import Words
from cds.phrases.say import BASE, ENGLISH, Say, languages

MAX_SOURCES = 3
UNTRANSLATED = (
    "Not translated: what sources say, faults of the response, and names and remarks of the record."
)
FREE_TEXT = "free-text"
_COLOURS = {"red", "yellow", "magenta", "cyan", "green"}
_WHY = {
    "unanswered": "not answered",
    "unknown": 'answered "not sure"',
    "unreadable": "answer cannot be read",
    "free-text": "free text only, not assessed",
    "not-asked": "not asked in that version of the form",
    "duplicate": "answered more than once",
    "unit-unusable": "unit cannot be used",
    "no-value": "no value",
    "missing": "was not handed in",
    "unknown-code": "its code is not known here",
    "not-found": "what it refers to was not handed in",
    "modifier": "an extension changes its meaning",
    "about-whom": "it is not clear whom it is about",
    "flag-unknown": "its flag is not known here",
    "other-kind": "it stands in an entry of another kind",
    "remark": "words beside it may say that it is critical",
    "no-result": "no recent result settles it",
}


def decision_lines(assessed: Assessed, style: Style) -> Iterator[str]:
    """The lines of one decision."""
    assessment, pack = assessed.assessment, assessed.pack
    words, say = _Words(pack, style), assessed.pack.say
    notes = assessed.document()["notes"]
    for text in _once(notes, FREE_TEXT):
        yield from style.hanging("(i) ", text)
    yield headline(assessment.level, style)
    yield from style.hanging("    ", assessment.level.action)
    age = answer_age(assessed)
    if age is not None:
        yield from style.hanging("    ", age)
    yield from deviations(assessed, style)
    if assessment.findings:
        yield from section(say("Why"), style)
        for finding in assessment.findings:
            yield from words.finding(finding)
    if _is_negative(assessed):
        yield ""
        yield from style.hanging("", pack.wording.negative)
    yield from words.open(assessment.open, assessed.account)
    yield from fault_lines(assessed, style)
    yield from words.causes(assessment.causes)
    advice = advice_for(assessed)
    if advice:
        yield from section(say("Advice"), style)
        for piece in advice:
            yield from style.hanging("  ", piece.text)
    yield from _notes(notes, assessed.account, style, say)
    yield from account_of(assessed.account, style, say=say)
    yield ""
    yield from style.hanging("", f"{say('Intended use')}: {pack.wording.intended_use}")
    yield from translation_of(say, style)
    yield f"{pack.id} {pack.version}, {pack.hash[:19]}…"


def translation_of(say: Say, style: Style) -> Iterator[str]:
    """What a reader of a translation must know of it."""
    if say.language != BASE:
        yield from style.hanging("", say(UNTRANSLATED))
    if say.language not in languages():
        yield from style.hanging(
            "", f"The words of the program itself are not there in {say.language}."
        )
    if say.unreviewed:
        yield from style.hanging("", say.unreviewed)


def fault_lines(assessed: Assessed, style: Style) -> Iterator[str]:
    """What is wrong with the response."""
    if assessed.issues:
        yield from section(assessed.pack.say("Faults of the response"), style)
    for issue in assessed.issues:
        where = visible(issue.link_id or issue.expression)
        yield from style.hanging(f"  {issue.severity}: ", f"{visible(issue.text)} ({where})")


def headline(level: Level, style: Style) -> str:
    """The level in one line: symbol, word, what it means."""
    colour = level.colour if level.colour in _COLOURS else None
    meaning = level.display
    if meaning.casefold().startswith(level.word.casefold()):
        meaning = meaning[len(level.word) :].lstrip(" :;,")
    return style.paint(f"{level.symbol:<3} {level.word}: {meaning}", fg=colour, bold=True)


def deviations(assessed: Assessed, style: Style) -> Iterator[str]:
    """The site options that are not at their default: said first, in every output."""
    say = assessed.pack.say
    for deviation in assessed.assessment.deviations:
        touched = ", ".join((*deviation.rules, *deviation.link_ids))
        concerned = f" {say('Here: {touched}.', touched=touched)}" if deviation.rules else ""
        value = str(deviation.value).lower()
        named = say("Site option {option} = {value}", option=deviation.option, value=value)
        head = style.paint(f"    {named}: ", bold=True)
        yield from style.hanging(head, f"{deviation.text}{concerned}", deeper=6)


def _is_negative(assessed: Assessed) -> bool:
    """Whether a finished, sound response raised nothing urgent; of any other this is never said."""
    calm = all(finding.level.reassures for finding in assessed.findings)
    return calm and not assessed.level.alert and not assessed.context.blocked


def _once(notes: list[dict[str, Any]], code: str) -> Iterator[str]:
    yield from dict.fromkeys(note["text"] for note in notes if note["code"] == code)


def account_of(
    account: Account | None, style: Style, most: int = MOST_NAMED, say: Say = ENGLISH
) -> Iterator[str]:
    """What became of the record: by name what was not read, the most important first."""
    if account is None:
        return
    if account.whole:
        yield ""
    else:
        yield from section(say("Not read from the record"), style)
    line = account.line_in(say)
    for said in sentences(account, most, values=style.show_values, say=say):
        yield from style.hanging("" if said == line else "  ", visible(said), deeper=4)


def _notes(
    given: list[dict[str, Any]], account: Account | None, style: Style, say: Say
) -> Iterator[str]:
    told = {NOT_RECOGNISED} if account is not None else set[str]()
    notes = [note for note in given if note["code"] not in told]
    if not notes:
        return
    yield from section(say("Notes"), style)
    free = [visible(note["about"]) for note in notes if note["code"] == FREE_TEXT]
    if free:
        yield from style.hanging("  ", f"{say('Not assessed, free text')}: {', '.join(free)}")
    for note in notes:
        if note["code"] != FREE_TEXT:
            about = "" if note["code"] in TOLD_WHOLE else f" ({visible(note['about'])})"
            yield from style.hanging("  ", f"{visible(note['text'])}{about}")


class _Words:
    """Items, facts and sources of a pack in words."""

    def __init__(self, pack: Pack, style: Style) -> None:
        self._pack = pack
        self._say = pack.say
        self._style = style
        self._words = Words(pack)
        self._shorts = {item["linkId"]: _short(item) for item in every_item(pack.full.raw)}

    def finding(self, finding: Finding) -> Iterator[str]:
        """A finding with its reasons and sources."""
        rule = finding.rule
        colour = finding.level.colour if finding.level.colour in _COLOURS else None
        named = self._style.paint(f"{rule.id:<4}", fg=colour, bold=True)
        yield from self._style.hanging(f"  {named}", f"{rule.title} [{finding.level.code}]")
        because = "; ".join(self.reasons(finding.because))
        if because:
            yield from self._style.hanging(f"      {self._say('because')} ", because)
        source = f"      {self._say('source')}  "
        yield from self._style.hanging(source, self._sources(rule.basis, rule.sources))

    def reasons(self, reasons: Iterable[Because]) -> list[str]:
        """Each reason once, with how many others of the record say the same."""
        said = (f"{self.because(one)}{more(count, self._say)}" for one, count in once(reasons))
        return list(dict.fromkeys(said))

    def because(self, because: Because) -> str:
        """One reason: the item, its answer if values are shown, or the value of the record."""
        if because.fact is not None:
            return self._evidence(because)
        link_id = because.link_id or ""
        named = f"{self._shorts.get(link_id, '')} ({link_id})".strip()
        if because.answer is None:
            return self._say("{question} is open", question=named)
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
                marks = map(self._say.again, evidence.mark.split("; "))
                parts.append(visible("; ".join(marks)))
        named = self._words.facts.get(fact) or self._say("in the record")
        return f"{named} ({', '.join(parts)})"

    def causes(self, causes: Iterable[SupportedCause]) -> Iterator[str]:
        """What the answers support, never a diagnosis."""
        for number, one in enumerate(causes):
            if number == 0:
                yield from section(self._say("Causes that answers support"), self._style)
            support = self.reasons(one.supported_by)
            yield from self._style.hanging(
                "  ", f"{one.cause.display}: {'; '.join(support)}", deeper=4
            )
        if causes:
            yield from self._style.hanging("  ", self._pack.wording.cause_remark)

    def open(self, questions: Iterable[OpenQuestion], account: Account | None) -> Iterator[str]:
        """What is not settled, and the rules that wait for it: safety first."""
        listed, named = list(questions), account.by_record if account else {}
        safety = [one for one in listed if one.link_id in self._pack.rules.reassurance.safety]
        others = [one for one in listed if one not in safety]
        if safety:
            yield from section(self._say("Still open: ask these first"), self._style)
            yield from (line for one in safety for line in self._open(one, named))
        asked = [other for other in others if other.link_id is not None]
        record = [other for other in others if other.link_id is None]
        if others:
            yield from section(self._say("Also open" if safety else "Still open"), self._style)
            shown = [*asked, *record[:MOST_NAMED]]
            yield from (line for one in shown for line in self._open(one, named))
        if len(record) > MOST_NAMED:
            left = len(record) - MOST_NAMED
            yield self._say("  and {count} more parts of the record", count=left)

    def _open(self, one: OpenQuestion, named: Mapping[str, Unheard]) -> list[str]:
        rules = f"; {', '.join(one.rules)}" if one.rules else ""
        why = self._say(_WHY.get(one.why, one.why))
        if one.link_id is None:
            record = one.record or ""
            entry = named.get(record)
            said = record if entry is None else f"{entry.shown(values=self._style.show_values)}"
            about = "" if entry is None else f" ({visible(record)})"
            return self._style.hanging("  ", f"{visible(said)}{about}: {why}{rules}", deeper=4)
        asked = self._words.question(one.link_id)
        return self._style.hanging("  ", f"{asked} ({one.link_id}: {why}{rules})", deeper=4)

    def _sources(self, basis: str, sources: tuple[str, ...]) -> str:
        if not sources:
            return self._say("{basis}: our own", basis=basis)
        left = len(sources) - MAX_SOURCES
        listed = ", ".join(sources[:MAX_SOURCES])
        if left > 0:
            listed = self._say("{listed} and {count} more", listed=listed, count=left)
        claim = self._pack.sources.claim(sources[0]) if len(sources) == 1 else ""
        return f"{basis}, {listed}" + (f": {claim}" if claim else "")


def _short(item: dict[str, Any]) -> str:
    """The preferred short text of an item, else nothing."""
    for extension in item.get("extension", []):
        if extension.get("url", "").endswith("sdc-questionnaire-shortText"):
            return str(extension.get("valueString", ""))
    return ""
