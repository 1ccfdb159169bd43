"""The words of the forms: what a question asks, and what an answer says."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds.core.model import NOTHING, Because, Evidence, Finding
from cds.core.pack import Form
from cds.core.repeats import more as others
from cds.core.repeats import once
from cds.fhir.primitives import legal_string, xml
from cds.forms.form.every_item import every_item
from cds.forms.form.extensions import SHORT_TEXT
from cds.phrases.say import ENGLISH, Say

NO_ANSWER = "No settled answer"


class Phrase(NamedTuple):
    """The reasons of one finding in three lengths: for the rationale, a message, and as XHTML."""

    full: str
    short: str
    html: str


class Labels(NamedTuple):
    """Every question of the forms, and every phrase that a question and an answer can make.

    `facts`: what the record can say, in words, where these are in another language than the ids.
    """

    shorts: Mapping[str, str]
    phrases: Mapping[tuple[str | None, str | None], Phrase]
    say: Say = ENGLISH
    facts: Mapping[str, str] = NOTHING

    def short(self, link_id: str) -> str:
        """The short name of a question; its linkId if the forms do not have it."""
        named = self.shorts.get(link_id) or legal_string(link_id)
        return named or self.say("unnamed question")

    def phrase_of(self, finding: Finding) -> Phrase:
        """The words for the reasons of a finding."""
        known = self.phrases
        said = [
            known.get((one.link_id, one.answer)) or self._unusual(one, count)
            for one, count in _counted(finding.because)
        ]
        return said[0] if len(said) == 1 else _joined(said)

    def _unusual(self, because: Because, count: int) -> Phrase:
        """The words for a value of the record, or for a question that the forms do not have."""
        if because.fact is not None or because.link_id is None:
            return self._fact(because, count)
        short = self.short(because.link_id)
        answer = because.answer or self.say(NO_ANSWER)
        return _phrase(short, short, because.link_id, because.answer, answer)

    def _fact(self, because: Because, count: int) -> Phrase:
        """The words for a value of the record."""
        evidence, say = because.evidence, self.say
        fact = because.fact or "record"
        name = self.facts.get(fact, fact)
        if evidence is None:
            return Phrase(name, name, xml(name))
        value = _measured(evidence)
        date = say(" on {date}", date=evidence.date) if evidence.date else ""
        by = say("matched by {by}", by=evidence.matched_by) if evidence.matched_by else None
        mark = "; ".join(map(say.again, (evidence.mark or "").split("; ")))
        more = "".join(f", {note}" for note in (mark, by) if note)
        said = f"{name}: {value}" if value else name
        like = others(count, say)
        return Phrase(
            full=_legal(f"{said}{date}{more} ({evidence.record}){like}"),
            short=_legal(said),
            html=f"{xml(name)}: <b>{xml(value or say('present'))}</b>"
            f"{xml(date + more)} ({xml(evidence.record)}){like}",
        )


def labels_of(
    forms: tuple[Form, ...], say: Say = ENGLISH, facts: Mapping[str, str] = NOTHING
) -> Labels:
    """Read the words of the forms; the first form's words win."""
    shorts: dict[str, str] = {}
    phrases: dict[tuple[str | None, str | None], Phrase] = {}
    for form in forms:
        for item in every_item(form.raw):
            link_id = item["linkId"]
            text = item.get("text") or link_id
            short = _short_text(item) or text
            shorts.setdefault(link_id, short)
            options = [(None, say(NO_ANSWER)), *_options(item)]
            for code, display in options:
                key = (link_id, code)
                if key not in phrases:
                    phrases[key] = _phrase(text, short, link_id, code, display)
    return Labels(shorts, phrases, say, facts)


def _short_text(item: Mapping[str, Any]) -> str | None:
    for extension in item.get("extension", ()):
        if extension.get("url") == SHORT_TEXT:
            text: str | None = extension.get("valueString")
            return text
    return None


def _options(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for option in item.get("answerOption", ()):
        coding = option.get("valueCoding")
        if coding and "code" in coding:
            yield coding["code"], coding.get("display") or coding["code"]


def _joined(phrases: list[Phrase]) -> Phrase:
    full, short, html = zip(*phrases, strict=True) if phrases else ((), (), ())
    return Phrase("; ".join(full), ", ".join(short), "; ".join(html))


def _phrase(text: str, short: str, link_id: str, code: str | None, display: str) -> Phrase:
    colon = "" if text.endswith(("?", ":", ".", "!")) else ":"
    place = link_id if code is None else f"{link_id} = {code}"
    return Phrase(
        full=_legal(f"{text}{colon} {display} ({place})"),
        short=_legal(f"{short}: {display}"),
        html=f"{xml(text)}{colon} <b>{xml(display)}</b>",
    )


def _counted(reasons: tuple[Because, ...]) -> list[tuple[Because, int]]:
    """What the record says several times is told once; answers are different anyway."""
    if all(one.fact is None for one in reasons):
        return [(one, 1) for one in reasons]
    return once(reasons)


def _legal(text: str) -> str:
    return legal_string(text) or ""


def _measured(evidence: Evidence) -> str:
    """Value and unit as the resource prints them."""
    value = "" if evidence.value is None else str(evidence.value)
    return f"{value} {evidence.unit}" if value and evidence.unit else value
