"""What a card says when the decision behind it could be kept nowhere."""

from collections.abc import Sequence

from cds.web.cards.detail import MOST_DETAIL
from cds.wire import JsonObject

NOT_RECORDED = "**Not recorded**: the log is away. Note this alert in the chart."


def not_recorded(cards: Sequence[JsonObject]) -> list[JsonObject]:
    """The same cards, of which each says that no record was kept of it."""
    return [{**card, "detail": _marked(str(card.get("detail", "")))} for card in cards]


def _marked(detail: str) -> str:
    """The text with the mark; the last bullets make room, since the rules name them too."""
    lines = detail.splitlines()
    while len("\n".join(lines)) + 2 + len(NOT_RECORDED) > MOST_DETAIL:
        bullets = [index for index, line in enumerate(lines) if line.startswith("- ")]
        if not bullets:
            break
        del lines[bullets[-1]]
    return "\n\n".join(filter(None, ("\n".join(lines), NOT_RECORDED)))
