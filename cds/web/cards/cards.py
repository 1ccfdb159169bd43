"""Cards: few, short, and nothing that is true left out.

At most one critical, one warning and one info card. Critical stands for the alerting levels only;
an open safety question is a warning that names it. An empty list is said only by a finished
assessment that found nothing to say.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cds.core.model import Finding
from cds.fhir.identifiers import uuid5
from cds.flows.hooks import Verdict
from cds.web.cards import suggestions
from cds.web.cards.card_texts import Texts
from cds.web.cards.markdown import ours, shortened
from cds.web.cards.stationery import stationery
from cds.wire import JsonObject

# CDS Hooks: "summary … must be less than 140 characters".
MOST_SUMMARY = 139
CRITICAL, WARNING, INFO = "critical", "warning", "info"
# The codes of {base}/CodeSystem/card-topic.
ALARM, OPEN, FINDINGS, DUE, ORDER, UNAVAILABLE = (
    "alarm",
    "open-safety",
    "findings",
    "assessment-due",
    "order",
    "not-available",
)
_SPACE = bytes.fromhex("a0c1b0a48c0e5b0e9d436b5d3f1f5d11")


class Place(NamedTuple):
    """Where the cards appear and what their links lead to; `instance` is the hookInstance."""

    service: str
    instance: str
    public_url: str
    form_url: str = ""


class Drawn(NamedTuple):
    """The cards, and which rules each stands for (for the feedback to be counted by)."""

    cards: tuple[JsonObject, ...]
    rules: Mapping[str, tuple[str, ...]]

    @property
    def critical(self) -> bool:
        """Whether there is an emergency among them."""
        return any(card["indicator"] == CRITICAL for card in self.cards)


def draw(verdict: Verdict, place: Place) -> Drawn:
    """Every card that the verdict calls for, the most urgent first."""
    drawing = _Drawing(verdict, place)
    made = [card for card in (drawing.alarm(), drawing.warning(), drawing.info()) if card]
    return Drawn(tuple(card for card, _ in made), {card["uuid"]: rules for card, rules in made})


_Made = tuple[JsonObject, tuple[str, ...]] | None


class _Drawing:
    """One verdict, being drawn."""

    def __init__(self, verdict: Verdict, place: Place) -> None:
        self.verdict = verdict
        self.pack = verdict.pack
        self.place = place
        self.printed = stationery(self.pack, place.public_url)
        self.words = self.pack.cards
        self.assessment = verdict.assessed.assessment if verdict.assessed else None
        findings = self.assessment.findings if self.assessment else ()
        self.by: dict[str, list[Finding]] = {CRITICAL: [], WARNING: [], INFO: []}
        for finding in findings:
            self.by[finding.level.indicator].append(finding)
        safety = self.printed.safety
        # Without a response everything is open, and the card about the due assessment says so.
        asked = self.assessment.open if self.assessment and verdict.response else ()
        self.safety = [one for one in asked if one.link_id in safety]
        self.others = [one for one in asked if one.link_id not in safety]
        self.texts = Texts(verdict, self.printed, self.others)

    # ── The three cards ──

    def alarm(self) -> _Made:
        """The one critical card."""
        assessment, findings = self.assessment, self.by[CRITICAL]
        if assessment is None or assessment.level.indicator != CRITICAL:
            return None
        level = assessment.level
        first = findings[0].rule.title if findings else level.action
        parts = [f"**{ours(level.action)}**", self.texts.listed([*findings, *self.by[WARNING]])]
        parts += self.texts.deviations()
        parts += [self.texts.unavailable(), self.texts.when()]
        card = self._card(CRITICAL, ALARM, f"{level.display}: {first}", parts, level.code)
        offered = suggestions.alert(self.verdict, card["uuid"], self.printed)
        rules = tuple(finding.rule.id for finding in findings)
        return self._with(card, offered), rules or (level.code,)

    def warning(self) -> _Made:
        """Open safety questions, and what is urgent; beside an alarm only the open questions."""
        assessment = self.assessment
        if assessment is None:
            return None
        level = assessment.level
        urgent = self.by[WARNING] if level.indicator != CRITICAL else []
        if not self.safety and level.indicator != WARNING:
            return None
        parts: list[str] = []
        if level.indicator == WARNING:
            parts.append(f"**{ours(level.action)}**")
        if self.safety:
            parts.append(
                "Not settled, so an emergency is not excluded:\n\n"
                + self.texts.open_ones(self.safety)
            )
        parts += [self.texts.listed(urgent), *self.texts.deviations(), *self.texts.issues()]
        if level.indicator == WARNING:
            parts += [self.texts.unavailable(), self.texts.when()]
        summary = self._warning_summary(urgent)
        topic = FINDINGS if urgent else OPEN
        card = self._card(WARNING, topic, summary, parts, f"{WARNING}|{level.code}")
        offered = suggestions.ask(self.verdict, card["uuid"]) if self.safety else []
        if urgent:
            offered = [*suggestions.record(self.verdict, card["uuid"]), *offered]
        waiting = [rule for one in self.safety for rule in one.rules]
        rules = tuple(dict.fromkeys([finding.rule.id for finding in urgent] + waiting))
        card = self._with(card, offered)
        return self._linked(card) if self.safety else card, rules or (level.code,)

    def info(self) -> _Made:
        """What is worth a word and no more: an order, an assessment that is due, a visit, a gap."""
        parts: list[tuple[str, str, str]] = []  # topic, summary, text
        calm = self.assessment is not None and self.assessment.level.indicator == INFO
        if self.verdict.orders:
            parts.append(
                (
                    ORDER,
                    self.words.order or "An order touches this problem",
                    self.texts.orders(),
                )
            )
        if self._is_due():
            text = ours(self.words.due_text or "No answers to the form were found.")
            parts.append((DUE, self.words.due or f"Assessment due: {self.pack.title}", text))
        if calm and self.assessment is not None and self._worth_a_word():
            level = self.assessment.level
            text = "\n\n".join(
                filter(
                    None,
                    (
                        ours(level.action),
                        self.texts.listed(self.by[INFO]),
                        self.texts.still_open(),
                        *self.texts.deviations(),
                    ),
                )
            )
            parts.append((FINDINGS, f"{self.pack.title}: {level.display}", text))
        if (calm or self.assessment is None) and self.verdict.visit.missing:
            gap = f"{self.pack.title}: assessed without all data"
            parts.append((UNAVAILABLE, gap, self.texts.unavailable()))
        if not parts:
            return None
        topic, summary, _ = parts[0]
        texts = [text for _, _, text in parts]
        if calm:
            texts.append(self.texts.when())
        card = self._card(INFO, topic, summary, texts, INFO)
        due = any(one[0] == DUE for one in parts)
        if due:
            card = self._linked(self._with(card, suggestions.ask(self.verdict, card["uuid"])))
        found = tuple(finding.rule.id for finding in self.by[INFO]) if calm else ()
        return card, (*found, *(one[0] for one in parts if one[0] != FINDINGS)) or (FINDINGS,)

    # ── Their parts ──

    def _is_due(self) -> bool:
        verdict = self.verdict
        return (
            verdict.response is None
            and verdict.concerned is True
            and verdict.visit.responses is not None
        )

    def _worth_a_word(self) -> bool:
        """Anything but the lowest level with all settled; that says nothing."""
        assessment = self.assessment
        if assessment is None:
            return False
        lowest = assessment.level.code == self.pack.rules.reassurance.lowest
        return not (lowest and assessment.complete and not assessment.findings and not self.others)

    def _warning_summary(self, urgent: Sequence[Finding]) -> str:
        if urgent:
            return f"{urgent[0].level.display}: {urgent[0].rule.title}"
        if not self.safety:
            level = self.assessment.level if self.assessment else None
            return level.display if level else self.pack.title
        names = ", ".join(self.printed.labels.short(one.link_id or "") for one in self.safety)
        return f"Emergency not excluded. Still open: {names}"

    # ── The card itself ──

    def _card(
        self, indicator: str, topic: str, summary: str, parts: Sequence[str], name: str
    ) -> JsonObject:
        seed = f"{self.place.instance}|{self.place.service}|{name}"
        return {
            "uuid": uuid5(_SPACE, seed),
            "summary": shortened(summary, MOST_SUMMARY),
            "detail": "\n\n".join([part for part in parts if part]),
            "indicator": indicator,
            "source": self.printed.sources[topic],
            **self.printed.overrides,
        }

    @staticmethod
    def _with(card: JsonObject, offered: list[JsonObject]) -> JsonObject:
        return {**card, "suggestions": offered, "selectionBehavior": "any"} if offered else card

    def _linked(self, card: JsonObject) -> JsonObject:
        """With the link that opens the site's form app, where there is one.

        Launched by the user's own hand, never by itself. Without an app the card's task tells what
        to do: a link that leads nowhere would not.
        """
        if not self.place.form_url:
            return card
        form = self.pack.full
        context = f'{{"questionnaire":"{form.url}|{form.version}"}}'
        link = {
            "label": self.words.form_label or f"Open: {form.title}",
            "url": self.place.form_url,
            "type": "smart",
            "appContext": context,
        }
        return {**card, "links": [link]}
