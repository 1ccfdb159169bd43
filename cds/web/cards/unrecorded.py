"""What cards say when the decision behind them could be kept nowhere."""

from collections.abc import Sequence

from cds.flows.hooks import Verdict
from cds.phrases.say import ENGLISH, Say
from cds.web.cards.detail import MOST_DETAIL
from cds.web.cards.gaps import NOT_ASSESSED
from cds.web.cards.sheet import CardPlace, Sheet
from cds.web.cards.texts import INFO, WARNING
from cds.wire import JsonObject

WITHHELD = "This is not an all-clear. Try again in a moment, or look at the answers yourself."
NOT_RECORDED = "**Not recorded**: the log is unavailable. Note this alert in the chart."


def not_recorded(cards: Sequence[JsonObject], say: Say = ENGLISH) -> list[JsonObject]:
    """The same cards, of which each says that no record was kept of it."""
    mark = say(NOT_RECORDED)
    return [{**card, "detail": _marked(str(card.get("detail", "")), mark)} for card in cards]


def withheld(verdict: Verdict, place: CardPlace) -> JsonObject:
    """Instead of all cards, where the site answers nothing that it cannot record."""
    sheet = Sheet(verdict, place)
    indicator = WARNING if verdict.concerned else INFO
    away = sheet.say("The decision log is unavailable.")
    summary = f"{sheet.subject}: {sheet.say('not assessed')}. {away}"
    return sheet.card(indicator, NOT_ASSESSED, summary, sheet.say(WITHHELD), "withheld")


def _marked(detail: str, mark: str) -> str:
    """The text with the mark; the last bullets make room, since the rules name them too."""
    lines = detail.splitlines()
    while len("\n".join(lines)) + 2 + len(mark) > MOST_DETAIL:
        bullets = [index for index, line in enumerate(lines) if line.startswith("- ")]
        if not bullets:
            break
        del lines[bullets[-1]]
    return "\n\n".join(filter(None, ("\n".join(lines), mark)))
