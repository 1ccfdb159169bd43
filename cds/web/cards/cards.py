"""Cards: few, read in five seconds, and nothing that is true hidden.

One critical card at most. Critical stands for the alerting levels only; open safety questions are a
warning of their own. What does not fit is named by rule and count, and stands behind the link. An
empty list is said only by a finished assessment that found nothing to say.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cds.fhir.identifiers import uuid5
from cds.flows.hooks import Verdict
from cds.web.cards import suggestions
from cds.web.cards.detail import MOST_LABEL, fitted, paragraph, summary_of
from cds.web.cards.markdown import one_line, shortened
from cds.web.cards.stationery import WHY_LABEL, label_of, stationery
from cds.web.cards.texts import CRITICAL, INFO, WARNING, Texts
from cds.wire import JsonObject

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
    drawn = (
        drawing.alarm(),
        drawing.urgent(),
        drawing.open(),
        drawing.calm(),
        drawing.order(),
        drawing.due(),
        drawing.unavailable(),
    )
    made = [card for card in drawn if card is not None]
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
        self.texts = Texts(verdict, self.printed)
        self.level = verdict.assessed.level if verdict.assessed else None
        self.indicator = self.level.indicator if self.level else ""

    # ── What was found ──

    def alarm(self) -> _Made:
        """The one critical card: what to do, why in short, and since when."""
        if self.level is None or self.indicator != CRITICAL:
            return None
        findings = self.texts.by[CRITICAL]
        first = self.words.actions.get(self.level.code) or self.level.action
        detail = fitted(first, self.texts.bullets(findings), self.texts.closing)
        card = self._card(CRITICAL, ALARM, self.texts.headline(findings), detail, self.level.code)
        offered = suggestions.alert(self.verdict, card["uuid"], self.printed)
        rules = tuple(finding.rule.id for finding in findings)
        return self._why(self._with(card, offered), rules), rules or (self.level.code,)

    def urgent(self) -> _Made:
        """What is urgent and no emergency."""
        findings = self.texts.by[WARNING]
        if self.level is None or self.indicator != WARNING or not findings:
            return None
        first = self.words.actions.get(self.level.code) or self.level.action
        detail = fitted(first, self.texts.bullets(findings), self.texts.closing)
        name = f"{WARNING}|{self.level.code}"
        card = self._card(WARNING, FINDINGS, self.texts.headline(findings), detail, name)
        offered = suggestions.record(self.verdict, card["uuid"])
        rules = tuple(finding.rule.id for finding in findings)
        return self._why(self._with(card, offered), rules), rules

    def open(self) -> _Made:
        """The open safety questions, or whatever else leaves an emergency not excluded."""
        level, asked = self.level, self.texts.safety
        floor = self.indicator == WARNING and not self.texts.by[WARNING]
        if level is None or not (asked or floor):
            return None
        first = ""
        if self.indicator != CRITICAL:  # never a lower action beside an alarm
            rules = self.pack.rules
            level = rules.level(rules.reassurance.floor) if asked else level
            first = self.words.actions.get(level.code) or level.action
        detail = fitted(first, (), self.texts.closing_of_open)
        summary = self.texts.open_summary() if asked else self.texts.headline(())
        card = self._card(WARNING, OPEN, summary, detail, OPEN)
        if asked or not self.texts.finished:
            offered = suggestions.ask(self.verdict, card["uuid"])
            card = self._linked(self._with(card, offered))
        waiting = tuple(dict.fromkeys(rule for one in asked for rule in one.rules))
        return self._why(card, waiting), waiting or (level.code,)

    def calm(self) -> _Made:
        """A visit to arrange, or what keeps the lowest level from being all settled."""
        level, assessed = self.level, self.verdict.assessed
        if level is None or assessed is None or self.indicator != INFO:
            return None
        findings = self.texts.by[INFO]
        lowest = level.code == self.pack.rules.reassurance.lowest
        if lowest and assessed.assessment.complete and not findings and not self.texts.others:
            return None
        first = self.words.actions.get(level.code) or level.action
        detail = fitted(first, self.texts.bullets(findings), self.texts.closing)
        card = self._card(INFO, FINDINGS, self.texts.headline(findings), detail, INFO)
        rules = tuple(finding.rule.id for finding in findings)
        return self._why(card, rules), rules or (FINDINGS,)

    # ── What else there is to say ──

    def order(self) -> _Made:
        """An order that touches the problem."""
        if not self.verdict.orders:
            return None
        summary = self.words.order or "An order touches this problem"
        detail = fitted("", (), self.texts.of_orders)
        return self._card(INFO, ORDER, summary, detail, ORDER), (ORDER,)

    def due(self) -> _Made:
        """The problem is there, and nobody has asked."""
        verdict = self.verdict
        asked = verdict.response is not None or verdict.visit.responses is None
        if asked or verdict.concerned is not True:
            return None
        text = self.words.due_text or "No answers to the form were found."
        summary = self.words.due or f"Assessment due: {self.pack.title}"
        detail = fitted("", (), lambda _: (paragraph(text),))
        card = self._card(INFO, DUE, summary, detail, DUE)
        offered = suggestions.ask(verdict, card["uuid"])
        return self._linked(self._with(card, offered)), (DUE,)

    def unavailable(self) -> _Made:
        """What could not be had."""
        if not self.verdict.visit.missing:
            return None
        summary = "Not read from the record: some data could not be had"
        detail = fitted("", (), self.texts.of_missing)
        return self._card(INFO, UNAVAILABLE, summary, detail, UNAVAILABLE), (UNAVAILABLE,)

    # ── The card itself ──

    def _card(self, indicator: str, topic: str, summary: str, detail: str, name: str) -> JsonObject:
        seed = f"{self.place.instance}|{self.place.service}|{name}"
        return {
            "uuid": uuid5(_SPACE, seed),
            "summary": summary_of(one_line(summary), ()),
            "detail": detail,
            "indicator": indicator,
            "source": self.printed.sources[topic],
            **self.printed.overrides,
        }

    @staticmethod
    def _with(card: JsonObject, offered: list[JsonObject]) -> JsonObject:
        return {**card, "suggestions": offered, "selectionBehavior": "any"} if offered else card

    def _why(self, card: JsonObject, rules: tuple[str, ...]) -> JsonObject:
        """With the link to the page of the pack, at the first rule; it holds nothing of a patient.

        Without a rule it leads to the top of the page.
        """
        place = f"#{rules[0]}" if rules else ""
        link = {"label": WHY_LABEL, "url": f"{self.printed.why}{place}", "type": "absolute"}
        return {**card, "links": [*card.get("links", ()), link]}

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
            "label": label_of(self.words.form_label, shortened(f"Open: {form.title}", MOST_LABEL)),
            "url": self.place.form_url,
            "type": "smart",
            "appContext": context,
        }
        return {**card, "links": [link]}
