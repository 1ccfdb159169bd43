"""What a card says when the decision behind it could be kept nowhere."""

from collections.abc import Sequence

from cds.wire import JsonObject

NOT_RECORDED = (
    "**Not recorded**: the decision log could not be reached. Note this alert in the chart."
)


def not_recorded(cards: Sequence[JsonObject]) -> list[JsonObject]:
    """The same cards, of which each says that no record was kept of it."""
    return [
        {**card, "detail": "\n\n".join(filter(None, (card.get("detail"), NOT_RECORDED)))}
        for card in cards
    ]
