"""One card of one verdict: its fixed parts, its buttons and its links."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cds.core.model import Level
from cds.fhir.identifiers import uuid5
from cds.flows.hooks import Verdict
from cds.web.cards.detail import MOST_LABEL, MOST_SUMMARY, Bullet, Closing, fitted
from cds.web.cards.markdown import shortened
from cds.web.cards.stationery import WHY_LABEL, button_label, stationery
from cds.web.cards.texts import Texts
from cds.wire import JsonObject

_SPACE = bytes.fromhex("a0c1b0a48c0e5b0e9d436b5d3f1f5d11")
CREATES_ALL = frozenset(("RiskAssessment", "CommunicationRequest", "Task", "ServiceRequest"))

Made = tuple[JsonObject, tuple[str, ...]]  # a card, and the rules that it stands for


class CardPlace(NamedTuple):
    """Where the cards appear and what their links lead to; `instance` is the hookInstance.

    `creates`: the types that the EHR can create; nothing else is offered.
    """

    service: str
    instance: str
    public_url: str
    form_url: str = ""
    creates: frozenset[str] = CREATES_ALL


class Sheet:
    """What the cards of one verdict are written on."""

    def __init__(self, verdict: Verdict, place: CardPlace) -> None:
        """Take what is printed for the pack, and put the verdict into words."""
        self.verdict = verdict
        self.pack = verdict.pack
        self.place = place
        self.printed = stationery(self.pack, place.public_url)
        self.words = self.pack.cards
        self.say = self.pack.say
        self.texts = Texts(verdict, self.printed)
        self.level = verdict.assessed.level if verdict.assessed else None
        self.indicator = self.level.indicator if self.level else ""
        self.subject = self.pack.title.partition(":")[0]

    def fitted(self, first: str, bullets: Sequence[Bullet], closing: Closing) -> str:
        """The text of a card, made to fit."""
        return fitted(first, bullets, closing, self.say)

    def action(self, level: Level) -> str:
        """What to do at a level, in short."""
        return self.words.actions.get(level.code) or level.action

    def card(self, indicator: str, topic: str, summary: str, detail: str, name: str) -> JsonObject:
        """A card; its id is made of the call and of `name`, so that each call has its own."""
        seed = f"{self.place.instance}|{self.place.service}|{name}"
        return {
            "uuid": uuid5(_SPACE, seed),
            "summary": shortened(summary, MOST_SUMMARY),
            "detail": detail,
            "indicator": indicator,
            "source": self.printed.sources[topic],
            **self.printed.overrides,
        }

    def offering(self, card: JsonObject, offered: Iterable[JsonObject]) -> JsonObject:
        """With those suggestions that the EHR can carry out: one is done as a whole or not."""
        possible = [one for one in offered if _types(one) <= self.place.creates]
        return {**card, "suggestions": possible, "selectionBehavior": "any"} if possible else card

    def why(self, card: JsonObject, rules: tuple[str, ...]) -> JsonObject:
        """With the link to the page of the pack, at the first rule; it holds nothing of a patient.

        Without a rule it leads to the top of the page.
        """
        place = f"#{rules[0]}" if rules else ""
        label = self.say(WHY_LABEL)
        link = {"label": label, "url": f"{self.printed.why}{place}", "type": "absolute"}
        return {**card, "links": [*card.get("links", ()), link]}

    def asking(self, card: JsonObject) -> JsonObject:
        """With the link that opens the site's form app, where there is one.

        Launched by the user's own hand, never by itself. Without an app the card's task tells what
        to do: a link that leads nowhere would not.
        """
        if not self.place.form_url:
            return card
        form = self.pack.full
        ours = shortened(self.say("Open: {title}", title=form.title), MOST_LABEL)
        context = f'{{"questionnaire":"{form.url}|{form.version}"}}'
        link = {
            "label": button_label(self.words.form_label, ours),
            "url": self.place.form_url,
            "type": "smart",
            "appContext": context,
        }
        return {**card, "links": [*card.get("links", ()), link]}


def _types(suggestion: Mapping[str, list[JsonObject]]) -> set[str]:
    return {action["resource"]["resourceType"] for action in suggestion["actions"]}
